"""Write operations of crimes, proceedings and suspects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.services.code_checks import check_codes, digest
from kerege.casework.justice.models import Compensation, Crime, Hearing, ProtectionMeasure, StageEntry, Suspect
from kerege.casework.vault.services.identities import BATCH
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.core.database.bulk_insert import insert, new

CrimeLine = TypeVar("CrimeLine", Hearing, ProtectionMeasure, Compensation)
# stage -> stages that may follow; every other change is a correction and needs a reason
NEXT_STAGES = {
    "registered": {"investigation", "in_court", "convicted", "acquitted", "closed"},
    "investigation": {"in_court", "convicted", "acquitted", "closed"},
    "in_court": {"convicted", "acquitted", "closed"},
}


def record_crimes(actor: Actor, crimes: Sequence[Crime], suspects: Sequence[Suspect] = ()) -> list[Crime]:
    """Record crimes (unsaved rows) with suspects and first stages in one audited act."""
    with audit.act(actor, "crimes.record") as event:
        for agency in {crime.agency for crime in crimes}:
            authorization.require(actor, "crimes.record", agency)
        for crime in crimes:
            crime.created_at, crime.created_by = timezone.now(), actor.label
            check_codes(crime)
        for suspect in suspects:
            check_codes(suspect)
        if len(crimes) == 1:
            check_number(crimes[0])
            event.target = f"crime:{crimes[0].id}"
        else:
            event.note(crimes=len(crimes), digests=[digest(crime) for crime in crimes])
        Crime.objects.bulk_create(crimes, batch_size=BATCH)
        Suspect.objects.bulk_create(suspects, batch_size=BATCH)
        insert([entry for crime in crimes for entry in build_first_stages(actor, crime)])
    return list(crimes)


def build_first_stages(actor: Actor, crime: Crime) -> list[StageEntry]:
    """Return the first stage entries of a crime: the registration, and its current stage."""
    stages = [("registered", crime.registered_on)]
    if crime.stage != "registered":
        stages.append((crime.stage, crime.stage_on or crime.registered_on))
    author = {"recorded_at": crime.created_at, "recorded_by": actor.label}
    return [new(StageEntry, crime=crime, stage=stage, on=on, **author) for stage, on in stages]


def check_number(crime: Crime) -> None:
    """Raise BadInput when the agency has recorded this register number for the source already.

    Records of other agencies are not compared, so that the error does not reveal them.
    """
    duplicates = Crime.objects.filter(agency=crime.agency, source=crime.source, register_number=crime.register_number)
    if crime.register_number and duplicates.exists():
        raise BadInput(
            Fault(
                gettext_noop("this register number is recorded already in the count of this source"),
                gettext_noop("open that crime"),
            )
        )


def move_crime(actor: Actor, crime: Crime, stage: str, on: date, correction: str = "") -> Crime:
    """Move a crime to another stage. A step back, or out of a final stage, needs a correction reason."""
    with audit.act(actor, "crimes.move", target=f"crime:{crime.id}") as event:
        authorization.require(actor, "crimes.change", crime)
        row = Crime.objects.select_for_update().get(pk=crime.pk)
        check_step(row.stage, stage, correction)
        if on < row.registered_on:
            raise BadInput(
                Fault(
                    gettext_noop("the stage is dated before the crime was registered"), gettext_noop("correct the day")
                )
            )
        crime.stage, crime.stage_on = stage, on
        check_codes(crime)
        crime.save(update_fields=["stage", "stage_on"])
        add_stage(actor, crime, suspect=None, stage=stage, on=on, correction=correction)
        event.note(stage=stage, correction=correction)
    return crime


def check_step(before: str, stage: str, correction: str) -> None:
    """Raise BadInput for a stage that does not follow, unless a correction reason is given."""
    if stage == before and not correction:
        raise BadInput(
            Fault(gettext_noop("the proceedings are at this stage already"), gettext_noop("choose the next stage"))
        )
    if stage not in NEXT_STAGES.get(before, ()) and before and not correction:
        raise BadInput(
            Fault(
                gettext_noop("this stage does not follow the present one"),
                gettext_noop("give the reason of the correction"),
            )
        )


def add_stage(actor: Actor, crime: Crime, suspect: Suspect | None, stage: str, on: date, correction: str = "") -> None:
    """Add an entry to the stage history of a crime or suspect."""
    values = {"crime": crime, "suspect": suspect, "stage": stage, "on": on, "correction": correction}
    row = StageEntry(**values, recorded_at=timezone.now(), recorded_by=actor.label)
    check_codes(row)
    row.save()


def save_suspect(actor: Actor, crime: Crime, values: dict[str, Any], suspect: Suspect | None = None) -> Suspect:
    """Add or change a suspect, and record each new stage. A step back needs a correction reason."""
    with audit.act(actor, "suspects.record", target=f"crime:{crime.id}") as event:
        authorization.require(actor, "crimes.change", crime)
        correction, on = values.pop("correction", ""), values.pop("on", None) or timezone.localdate()
        row = Suspect.objects.select_for_update().get(pk=suspect.pk, crime=crime) if suspect else Suspect(crime=crime)
        before = row.stage
        for name, value in values.items():
            setattr(row, name, value)
        if row.stage != before:
            check_step(before, row.stage, correction)
        check_codes(row)
        row.save()
        if row.stage and row.stage != before:
            add_stage(actor, crime, suspect=row, stage=row.stage, on=on, correction=correction)
        event.note(suspect=str(row.pk), stage=row.stage)
    return row


def add_line(actor: Actor, row: CrimeLine) -> CrimeLine:
    """Add a hearing, a protection measure or a compensation (unsaved row) to a crime."""
    with audit.act(actor, "crimes.add_line", target=f"crime:{row.crime_id}") as event:
        authorization.require(actor, "crimes.change", row.crime)
        check_codes(row)
        check_line(row)
        row.save()
        event.note(line=row._meta.model_name or "", id=str(row.pk))
    return row


def check_line(row: Hearing | ProtectionMeasure | Compensation) -> None:
    """Raise BadInput for a measure that ends too early, or a compensation without amount or payment day."""
    if isinstance(row, ProtectionMeasure):
        check_measure(row)
    if isinstance(row, Compensation):
        if row.paid is not None and row.paid_on is None:
            raise BadInput(
                Fault(gettext_noop("a payment needs the day on which it was made"), gettext_noop("enter the day"))
            )
        has_amount = any(amount is not None for amount in (row.claimed, row.awarded, row.paid))
        # compensation by the fund begins with the step that the person was told of it; there is no amount yet
        if not has_amount and row.source != "fund":
            raise BadInput(Fault(gettext_noop("there is no amount"), gettext_noop("enter at least one amount")))


def check_measure(row: ProtectionMeasure) -> None:
    """Raise BadInput for a measure whose days contradict each other."""
    if row.starts_on is None and row.requested_on is None:
        raise BadInput(
            Fault(gettext_noop("the measure has no day"), gettext_noop("enter when it was asked for, or when it began"))
        )
    if row.ends_on and (row.starts_on is None or row.ends_on < row.starts_on):
        raise BadInput(
            Fault(gettext_noop("the measure ends before it begins"), gettext_noop("correct one of the two days"))
        )
    if row.refused_on and row.starts_on:
        raise BadInput(
            Fault(gettext_noop("a measure that was refused did not begin"), gettext_noop("remove one of the two days"))
        )


def set_hearing(actor: Actor, hearing: Hearing, state: str) -> Hearing:
    """Set the state of a hearing: held, postponed or cancelled."""
    with audit.act(actor, "hearings.change", target=f"crime:{hearing.crime_id}") as event:
        authorization.require(actor, "crimes.change", hearing.crime)
        hearing.state = state
        check_codes(hearing)
        hearing.save(update_fields=["state"])
        event.note(hearing=str(hearing.pk), state=state)
    return hearing
