"""Paper of a round of the risk assessment."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kerege.coordination.papers import Paper, PaperPart, PaperTable
from kerege.coordination.risk.queries import FactorLine, RiskLine, RiskResult
from kerege.web.templatetags.kerege import code, language


def build_paper(result: RiskResult) -> Paper:
    """Return the result of a round as a paper in the active language."""
    heads = [
        _("Region"),
        _("Ranks"),
        _("Median rank"),
        _("Risk and detection"),
        _("Drivers"),
        _("Missing"),
        _("Commission"),
    ]
    factors = [_("Factor"), _("Group"), _("Source"), _("Regions without a value")]
    lines = [_("A region has an interval of ranks, not one rank. Regions whose intervals overlap are not ordered.")]
    if result.round.invented:
        lines.append(_("Invented data"))
    return Paper(
        title=f"{_('Regional risk')} {result.round.year}",
        lang=language(),
        lines=lines,
        parts=[
            PaperPart(
                "", tables=[PaperTable(_("Regions by median rank"), heads, [_row(line) for line in result.lines])]
            ),
            PaperPart("", tables=[PaperTable(_("Factors"), factors, [_factor(line) for line in result.factors])]),
        ],
        foot="Kerege",
        wide=True,
    )


def _row(line: RiskLine) -> list[str]:
    quadrant = code(line.quadrant, "risk_quadrant") if line.quadrant != "unclear" else _("No clear side")
    judged = code(line.judgement.level, "risk_level") if line.judgement else ""
    ranks = f"{line.rank.first}–{line.rank.last}"
    return [
        line.region,
        ranks,
        f"{line.rank.median:g}",
        quadrant,
        "; ".join(line.drivers),
        "; ".join(line.missing),
        judged,
    ]


def _factor(line: FactorLine) -> list[str]:
    factor = line.factor
    group = _("Detection") if factor.detects else code(factor.group, "risk_group")
    label = factor.label
    if factor.per_population:
        label += f" ({_('per 100,000 people of the region')})"
    elif line.is_count:
        label += f" ({_('a number, not a rate: a large region has more')})"
    return [label, group, factor.source or f"{factor.release}: {factor.table}", str(line.missing)]
