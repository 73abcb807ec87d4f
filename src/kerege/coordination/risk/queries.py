"""Read operations of the risk assessment: values of factors, intervals of ranks, quadrants, chart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from kerege.charts import Chart, Period, Series, Value
from kerege.coordination import citations
from kerege.coordination.risk.models import RiskFactor, RiskJudgement, RiskRound, RiskValue
from kerege.coordination.risk.rank_intervals import FactorValues, RegionRank, quadrants, rank_regions
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.publishing.site.table_values import value_of
from kerege.vocabulary import codes
from kerege.vocabulary.profile import active
from kerege.web.templatetags.kerege import language

Limits = Mapping[str, tuple[float, float]]
PER = 100_000  # people
QUADRANTS = ("high_low", "high_high", "low_low", "low_high", "unclear")


@dataclass(frozen=True)
class FactorLine:
    """Factor with its values by region; `mark` says that its release was corrected or is gone."""

    factor: RiskFactor
    values: Limits
    mark: str = ""

    @property
    def missing(self) -> int:
        """Return the number of regions without a value."""
        return len(list_regions()) - len(self.values)

    @property
    def is_count(self) -> bool:
        """Return whether the values are counts of a release, which grow with the size of a region."""
        return bool(self.factor.release) and not self.factor.per_population


@dataclass(frozen=True)
class RiskLine:
    """Region with its interval of ranks, its drivers, and the judgement of its commission."""

    rank: RegionRank
    region: str
    drivers: Sequence[str]
    missing: Sequence[str]
    quadrant: str
    judgement: RiskJudgement | None = None


@dataclass(frozen=True)
class RiskResult:
    """Result of a round: lines by median rank, regions that cannot be ranked, quadrants."""

    round: RiskRound
    factors: Sequence[FactorLine]
    lines: Sequence[RiskLine]
    unranked: Sequence[str] = field(default_factory=tuple)

    @property
    def quadrants(self) -> list[tuple[str, list[RiskLine]]]:
        """Return (quadrant, its regions)."""
        return [(name, [line for line in self.lines if line.quadrant == name]) for name in QUADRANTS]


def list_regions() -> list[str]:
    """Return the regions of the country."""
    country = active().country
    return [code for code, row in codes.code_list("region").codes.items() if row.parent in ("", country)]


def list_rounds(actor: Actor) -> QuerySet[RiskRound]:
    """Return the rounds, newest first."""
    return authorization.scope(actor, RiskRound, action="risk.read").select_related("agency")


def list_factors(actor: Actor, row: RiskRound) -> list[FactorLine]:
    """Return the factors of a round with their values."""
    values = authorization.scope(actor, RiskValue, action="risk.list_values")
    rows = authorization.scope(actor, RiskFactor, action="risk.list_factors").filter(round=row)
    return [_factor(factor) for factor in rows.prefetch_related(Prefetch("values", values))]


def _factor(factor: RiskFactor) -> FactorLine:
    if not factor.release:
        return FactorLine(factor, {value.region: (value.number, value.number) for value in factor.values.all()})
    return _released(factor)


def _released(factor: RiskFactor) -> FactorLine:
    """Return the values of a released table: a withheld or perturbed count as the interval that holds it."""
    cited = citations.find_table(factor.release, factor.table)
    if cited is None:
        return FactorLine(factor, {}, "gone")
    table, regions = cited[1], set(list_regions())
    shown = {row.keys[0]: value_of(table, row) for row in table.rows if row.keys[0] in regions}
    known = {region: (value.lower, value.upper) for region, value in shown.items() if math.isfinite(value.upper)}
    return FactorLine(factor, known, citations.mark_of(factor.release))


def assess(actor: Actor, row: RiskRound) -> RiskResult:
    """Return the intervals of ranks of a round, with drivers, quadrants and judgements."""
    factors = list_factors(actor, row)
    scored = [line for line in factors if not line.factor.detects]
    ranks = rank_regions(list_regions(), [_values(line, row) for line in scored])
    detected = next((_rates(line, row) for line in factors if line.factor.detects), {})
    of_region = {rank.region: name for name, rows in quadrants(ranks, detected).items() for rank in rows}
    labels = {str(line.factor.pk): line.factor.label for line in factors}
    judged = authorization.scope(actor, RiskJudgement, action="risk.list_judgements").filter(round=row)
    judgements = {judgement.region: judgement for judgement in judged}
    lines = [
        RiskLine(
            rank=rank,
            region=codes.label("region", rank.region, language()),
            drivers=[labels[code] for code in rank.drivers],
            missing=[labels[code] for code in rank.missing],
            quadrant=of_region[rank.region],
            judgement=judgements.get(rank.region),
        )
        for rank in ranks
    ]
    shown = {rank.region for rank in ranks}
    unranked = [codes.label("region", region, language()) for region in list_regions() if region not in shown]
    return RiskResult(row, factors, lines, unranked)


def _values(line: FactorLine, row: RiskRound) -> FactorValues:
    factor = line.factor
    return FactorValues(str(factor.pk), factor.group, 1 if factor.raises else -1, _rates(line, row))


def _rates(line: FactorLine, row: RiskRound) -> Limits:
    """Return the values, per 100,000 people if the factor asks for it and the people are known."""
    if not line.factor.per_population:
        return line.values
    people = {region: number / PER for region, number in row.populations.items()}
    return {
        region: (lower / people[region], upper / people[region])
        for region, (lower, upper) in line.values.items()
        if region in people
    }


def draw_ranks(result: RiskResult) -> Chart:
    """Return the chart of the intervals of ranks; 1 is the highest risk."""
    values = {}
    for line in result.lines:
        rank = line.rank
        values["outer", rank.region] = Value.estimated(rank.first, rank.last)
        values["point", rank.region] = Value(rank.median, "estimated", rank.first, rank.last)
    return Chart(
        kind="intervals",
        title=_("Which regions have a high risk?"),
        series=(Series("outer", _("Ranks in 90 of 100 draws")), Series("point", _("Median rank"))),
        periods=tuple(Period(line.rank.region, line.region) for line in result.lines),
        values=values,
        axis=_("Rank: 1 is the highest risk"),
        lang=language(),
        name="risk",
        flags=frozenset({"invented"}) if result.round.invented else frozenset(),
    )
