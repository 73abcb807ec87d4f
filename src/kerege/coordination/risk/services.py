"""Write operations of the risk assessment."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Max
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.coordination import citations
from kerege.coordination.commissions.models import Commission
from kerege.coordination.risk.models import RiskFactor, RiskJudgement, RiskRound, RiskValue
from kerege.coordination.texts import check_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor

REGION = ("region",)  # columns of a table that a factor can be


def set_up_round(actor: Actor, row: RiskRound) -> RiskRound:
    """Store a new round."""
    with audit.act(actor, "risk.set_up", target=f"round:{row.pk}"):
        authorization.require(actor, "risk.set_up", row.agency)
        check_text(row.act)
        row.save(force_insert=True)
    return row


def add_factor(actor: Actor, factor: RiskFactor) -> RiskFactor:
    """Add a factor to a round: a table by region of a public release, or a public figure with its source."""
    with audit.act(actor, "risk.add_factor", target=f"round:{factor.round_id}"):
        authorization.require(actor, "risk.edit", factor.round)
        check_text(*factor.labels.values(), factor.source)
        if factor.release:
            citations.check_table(factor.release, factor.table, by=REGION)
        if factor.detects and factor.round.factors.filter(detects=True).exists():
            what = gettext_noop("this round has its detection already")
            raise BadInput(Fault(what, gettext_noop("choose a group of risk factors")))
        factor.place = (factor.round.factors.aggregate(last=Max("place"))["last"] or 0) + 1
        factor.clean_fields()
        factor.save(force_insert=True)
    return factor


def set_values(actor: Actor, factor: RiskFactor, values: Mapping[str, float]) -> None:
    """Replace the public figures of a factor; a region without a number stays unknown."""
    with audit.act(actor, "risk.set_values", target=f"factor:{factor.pk}") as event:
        authorization.require(actor, "risk.edit_factor", factor)
        if factor.release:
            what = gettext_noop("the values of this factor come from a release")
            raise BadInput(Fault(what, gettext_noop("change the release instead")))
        rows = [RiskValue(factor=factor, region=region, number=number) for region, number in values.items()]
        for row in rows:
            row.clean_fields()
        factor.values.all().delete()
        RiskValue.objects.bulk_create(rows)
        event.note(values=len(rows))


def set_population(actor: Actor, row: RiskRound, numbers: Mapping[str, float], source: str) -> None:
    """Replace the people by region, by which factors are divided; the figures have a source."""
    with audit.act(actor, "risk.set_population", target=f"round:{row.pk}") as event:
        authorization.require(actor, "risk.edit", row)
        check_text(source)
        if not source.strip() or any(number < 1 for number in numbers.values()):
            what = gettext_noop("the source is missing, or a number is below 1")
            raise BadInput(Fault(what, gettext_noop("write who published the figures, and leave unknown ones empty")))
        row.populations, row.population_source = {region: int(number) for region, number in numbers.items()}, source
        row.save(update_fields=["populations", "population_source"])
        event.note(values=len(numbers))


def judge(actor: Actor, commission: Commission, row: RiskJudgement) -> RiskJudgement:
    """Record the judgement of a regional commission on its own region."""
    with audit.act(actor, "risk.judge", target=f"round:{row.round_id}"):
        authorization.require(actor, "risk.judge", commission)
        check_text(row.ground)
        if not commission.region:
            what = gettext_noop("this commission has no region")
            raise BadInput(Fault(what, gettext_noop("let the commission of the region judge")))
        row.region, row.agency = commission.region, commission.agency
        row.clean_fields()
        RiskJudgement.objects.filter(round=row.round, region=row.region).delete()
        row.save(force_insert=True)
    return row
