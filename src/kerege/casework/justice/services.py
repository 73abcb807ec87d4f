"""Every write of crimes and suspects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.casework.cases.models import Case
from kerege.casework.cases.services import check_codes, digest
from kerege.casework.justice.models import CaseLink, Crime, Suspect
from kerege.casework.vault.services import BATCH
from kerege.core import access, audit
from kerege.core.access import Actor
from kerege.standard.faults import BadInput, Fault


def record_crimes(actor: Actor, crimes: Sequence[Crime], suspects: Sequence[Suspect] = ()) -> list[Crime]:
    """Record crimes (unsaved rows) and their suspects in one audited act."""
    with audit.act(actor, "crimes.record") as event:
        for agency in {crime.agency for crime in crimes}:
            access.require(actor, "crimes.record", agency)
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
    return list(crimes)


def check_number(crime: Crime) -> None:
    """A register number stands once in the count of a source."""
    if (
        crime.register_number
        and Crime.objects.filter(source=crime.source, register_number=crime.register_number).exists()
    ):
        raise BadInput(
            Fault(
                gettext_noop("this register number is recorded already in the count of this source"),
                gettext_noop("open that crime"),
            )
        )


def move_crime(actor: Actor, crime: Crime, stage: str, on: date) -> Crime:
    """A crime reaches another stage of the proceedings."""
    with audit.act(actor, "crimes.move", target=f"crime:{crime.id}") as event:
        access.require(actor, "crimes.change", crime)
        if on < crime.registered_on:
            raise BadInput(
                Fault(
                    gettext_noop("the stage is dated before the crime was registered"), gettext_noop("correct the day")
                )
            )
        crime.stage, crime.stage_on = stage, on
        check_codes(crime)
        crime.save(update_fields=["stage", "stage_on"])
        event.note(stage=stage)
    return crime


def link_case(actor: Actor, crime: Crime, case: Case) -> CaseLink:
    """Tie a crime to the case of a victim; only justice roles can follow the tie."""
    with audit.act(actor, "crimes.link", target=f"crime:{crime.id}") as event:
        access.require(actor, "crimes.change", crime)
        link, _ = CaseLink.objects.get_or_create(crime=crime, case=case)
        event.note(case=str(case.id))
    return link
