"""Write operations of the plan of measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.coordination.measures.models import (
    BodyName,
    Measure,
    MeasureBody,
    MeasureChange,
    MeasurePlan,
    MeasureReport,
)
from kerege.coordination.measures.states import list_begun_halves
from kerege.coordination.reports import check_decision, check_unsent
from kerege.coordination.texts import check_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor

WORDS = ("texts", "completions", "terms", "fundings", "body_texts")  # by language
MAY_LACK = WORDS[1:]  # an act has a measure for each row, and may have no form of completion and no funding
WORDING = ("texts", "completions", "direction", "term", "terms", "due_on", "fundings", "unit", "target", "cancelled_on")


def set_up_plan(actor: Actor, plan: MeasurePlan) -> MeasurePlan:
    """Store a new plan of an agency."""
    with audit.act(actor, "measures.set_up", target=f"plan:{plan.pk}"):
        authorization.require(actor, "measures.set_up", plan.agency)
        check_text(*plan.titles.values(), plan.act)
        if plan.ends_on < plan.starts_on:
            what = gettext_noop("the last day is before the first")
            raise BadInput(Fault(what, gettext_noop("correct one of the two days")))
        plan.clean_fields()
        plan.save(force_insert=True)
    return plan


def name_body(actor: Actor, row: BodyName) -> BodyName:
    """Record the short name under which acts name a body; an earlier meaning of the name is replaced."""
    with audit.act(actor, "measures.name", target=f"agency:{row.owner_id}"):
        authorization.require(actor, "measures.set_up", row.owner)
        check_text(row.name)
        row.clean_fields()
        known = BodyName.objects.filter(owner=row.owner, name=row.name).first()
        if known:
            known.agency, known.kind = row.agency, row.kind
            known.save()
            return known
        row.save(force_insert=True)
    return row


def write_import(
    actor: Actor, plan: MeasurePlan, *, new: Sequence[Measure], worded: Sequence[Measure], bodies: Sequence[MeasureBody]
) -> None:
    """Add measures, wordings in a further language, and bodies to a plan; or nothing at all."""
    with audit.act(actor, "measures.import", target=f"plan:{plan.pk}") as event:
        authorization.require(actor, "measures.keep", plan)
        for measure in (*new, *worded):
            check_text(*(text for name in WORDS for text in getattr(measure, name).values()))
            measure.clean_fields(exclude=MAY_LACK)
        Measure.objects.bulk_create(new)
        if worded:
            Measure.objects.bulk_update(worded, WORDS)
        MeasureBody.objects.bulk_create(bodies)
        event.note(measures=len(new), wordings=len(worded), bodies=len(bodies))


def change_measure(actor: Actor, measure: Measure, values: Mapping[str, object], *, act: str, on: date) -> Measure:
    """Change wording, term or bodies of a measure by an act. The history keeps the earlier values."""
    with audit.act(actor, "measures.change", target=f"measure:{measure.pk}"):
        authorization.require(actor, "measures.change", measure)
        row = Measure.objects.select_for_update().get(pk=measure.pk)
        before = {name: getattr(row, name) for name in WORDING}
        for name in set(values) & set(WORDING):
            setattr(row, name, values[name])
        check_text(*row.texts.values(), row.unit, act)
        row.clean_fields(exclude=MAY_LACK)
        changed = [name for name in WORDING if before[name] != getattr(row, name)]
        if not changed:
            raise BadInput(Fault(gettext_noop("nothing was changed"), gettext_noop("write what the act changed")))
        row.save()
        MeasureChange.objects.create(
            measure=row,
            on=on,
            act=act,
            before=_as_json({name: before[name] for name in changed}),
            after=_as_json({name: getattr(row, name) for name in changed}),
        )
    return row


def _as_json(values: Mapping[str, object]) -> dict[str, object]:
    encoder = DjangoJSONEncoder()
    return {name: encoder.default(value) if isinstance(value, date) else value for name, value in values.items()}


def save_report(actor: Actor, report: MeasureReport, *, submit: bool) -> MeasureReport:
    """Store a report as a draft, or submit it. A submitted one is changed only after its return."""
    with audit.act(actor, "measures.report", target=f"measure:{report.body.measure_id}") as event:
        authorization.require(actor, "measures.report", report.body)
        known = MeasureReport.objects.select_for_update().filter(body=report.body, half=report.half).first()
        if known:
            check_unsent(known.state)
        _check_report(report, submit=submit)
        row = known or report
        row.text, row.figure, row.completes = report.text, report.figure, report.completes
        row.written_by = actor.label
        row.state = "submitted" if submit else (known.state if known else "draft")
        row.submitted_on = timezone.localdate() if submit else row.submitted_on
        row.save()
        event.note(half=row.half, state=row.state)
    return row


def _check_report(report: MeasureReport, *, submit: bool) -> None:
    check_text(report.text)
    if report.half not in list_begun_halves(report.body.measure.plan, timezone.localdate()):
        what = gettext_noop("this half-year has not begun or is not of the plan")
        raise BadInput(Fault(what, gettext_noop("choose another half-year")))
    if submit and not report.text.strip():
        raise BadInput(Fault(gettext_noop("the report is empty"), gettext_noop("write what was done")))


def decide_report(actor: Actor, report: MeasureReport, *, accept: bool, remark: str = "") -> MeasureReport:
    """Accept a submitted report, or return it with a remark."""
    with audit.act(actor, "measures.decide", target=f"measure:{report.body.measure_id}") as event:
        authorization.require(actor, "measures.decide", report)
        check_text(remark)
        row = MeasureReport.objects.select_for_update().get(pk=report.pk)
        check_decision(actor, row.state, row.written_by, accept=accept, remark=remark)
        row.state = "accepted" if accept else "returned"
        row.decided_by, row.decided_on, row.remark = actor.label, timezone.localdate(), remark
        row.save()
        event.note(half=row.half, state=row.state)
    return row
