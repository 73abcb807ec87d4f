"""Beds, stays and the term of a stay: set by the country profile, extended by a supervisor."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.shelter import Bed, Stay
from kerege.casework.assistance.services.provision import add_services, end_service, get_usual_payer
from kerege.casework.assistance.services.task_reminders import add_reminder, complete_reminder, delete_reminder
from kerege.casework.cases.age_bands import list_child_bands
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.lifecycle import require_open
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.vocabulary.dates import add_months
from kerege.vocabulary.profile import active

# kind of bed -> sex that it excludes; beds for families and children exclude none
EXCLUDED_SEX = {"women": "male", "men": "female"}
OPPOSITE_SEX = {"male": "female", "female": "male"}


def get_term_end(arrived_on: date) -> date:
    """Return the last day of the ordinary term."""
    return add_months(arrived_on, active().service_term.months)


def longest_end(arrived_on: date) -> date:
    """Return the last day that an extension can reach."""
    return add_months(arrived_on, active().service_term.extended_months)


def ends_on(stay: Stay) -> date:
    """Return the last day of a stay: its extension, else its ordinary term."""
    return stay.extended_until or get_term_end(stay.arrived_on)


def is_near_end(stay: Stay, today: date) -> bool:
    """Return whether the term of a running stay is over or ends within the profile's notice days."""
    return stay.left_on is None and ends_on(stay) - timedelta(days=active().service_term_notice.days) <= today


def add_bed(actor: Actor, agency: Agency, room: str, number: str, kind: str) -> Bed:
    """Add a bed to a centre. Raises BadInput when room and number exist already."""
    with audit.act(actor, "beds.change", target=f"agency:{agency.pk}"):
        authorization.require(actor, "beds.change", agency)
        bed = Bed(agency=agency, room=room, number=number, kind=kind)
        check_codes(bed)
        if agency.beds.filter(room=room, number=number).exists():
            raise BadInput(Fault(gettext_noop("this bed exists already"), gettext_noop("choose another number")))
        bed.save()
    return bed


def update_bed(actor: Actor, bed: Bed, kind: str, active_now: bool) -> Bed:
    """Set the kind of a bed and whether it is in use. Closing an occupied bed raises BadInput."""
    with audit.act(actor, "beds.change", target=f"bed:{bed.pk}"):
        authorization.require(actor, "beds.change", bed.agency)
        Bed.objects.select_for_update().get(pk=bed.pk)
        if not active_now and bed.stays.filter(left_on=None).exists():
            raise BadInput(Fault(gettext_noop("this bed is occupied"), gettext_noop("move the person first")))
        bed.kind, bed.active = kind, active_now
        check_codes(bed)
        bed.save(update_fields=["kind", "active"])
    return bed


def begin_stay(actor: Actor, case: Case, bed: Bed, on: date) -> Stay:
    """Begin a stay in a bed of the actor's centre, and with it the shelter service."""
    with audit.act(actor, "stays.begin", target=f"case:{case.id}") as event:
        authorization.require(actor, "services.add", case)
        authorization.require(actor, "beds.use", bed)
        require_open(actor, case)
        Case.objects.select_for_update().get(pk=case.pk)
        if case.stays.filter(left_on=None).exists():
            raise BadInput(Fault(gettext_noop("the person stays in a centre already"), gettext_noop("end that stay")))
        check_free(bed, on)
        check_suitable(bed, case)
        stay = Stay(case=case, agency=bed.agency, bed=bed, arrived_on=on, bed_since=on)
        stay.service = ensure_shelter_service(actor, case, bed.agency, on)
        save_stay(stay)
        remind_of_term(actor, stay)
        add_timeline_event(actor, case, on, "stay", state="arrived")
        event.note(stay=str(stay.pk))
    return stay


def check_free(bed: Bed, on: date) -> None:
    """Lock the bed and raise BadInput unless it is free from that day on.

    A bed is free on the day on which the previous person leaves.
    """
    Bed.objects.select_for_update().get(pk=bed.pk)
    if not bed.active or bed.stays.filter(Q(left_on=None) | Q(left_on__gt=on)).exists():
        raise build_taken_error()


def check_suitable(bed: Bed, case: Case) -> None:
    """Raise BadInput for an adult in a bed or room that is occupied by or meant for the other sex.

    Family beds, children and persons without a recorded sex are exempt: a child may stay with a parent.
    """
    children = list_child_bands()
    if case.sex not in OPPOSITE_SEX or case.age_band in children or bed.kind == "family":
        return
    if case.sex == EXCLUDED_SEX.get(bed.kind):
        raise BadInput(
            Fault(
                gettext_noop("this bed is not for persons of this sex"),
                gettext_noop("choose another bed, or ask a supervisor to change for whom the bed is"),
            )
        )
    stays_in_room = Stay.objects.filter(bed__agency=bed.agency_id, bed__room=bed.room, left_on=None).exclude(case=case)
    if stays_in_room.filter(case__sex=OPPOSITE_SEX[case.sex]).exclude(case__age_band__in=children).exists():
        raise BadInput(
            Fault(gettext_noop("a person of the other sex stays in this room"), gettext_noop("choose another bed"))
        )


def build_taken_error() -> BadInput:
    """Return the error for a bed that is not free."""
    return BadInput(Fault(gettext_noop("this bed is not free on that day"), gettext_noop("choose another bed")))


def save_stay(stay: Stay) -> None:
    """Save a stay. Raises BadInput when a concurrent stay has taken the bed."""
    try:
        with transaction.atomic():
            stay.save()
    except IntegrityError:
        raise build_taken_error() from None


def ensure_shelter_service(actor: Actor, case: Case, agency: Agency, on: date) -> Service:
    """Return the running shelter service of the case at this centre, or create one."""
    running = case.services.filter(kind="shelter", provider=agency, status="ongoing").first()
    if running:
        return running
    row = Service(
        case=case, kind="shelter", provider=agency, payer=get_usual_payer(agency), started_on=on, requested_on=on
    )
    return add_services(actor, [row])[0]


def change_bed(actor: Actor, stay: Stay, bed: Bed, on: date) -> Stay:
    """Move the person to another bed of the same centre; the term does not change."""
    with audit.act(actor, "stays.change_bed", target=f"case:{stay.case_id}"):
        authorization.require(actor, "stays.change", stay)
        authorization.require(actor, "beds.use", bed)
        check_running(stay)
        check_free(bed, on)
        check_suitable(bed, stay.case)
        if on < stay.bed_since or bed.agency_id != stay.agency_id:
            raise build_taken_error()
        stay.bed, stay.bed_since = bed, on
        save_stay(stay)
    return stay


def end_stay(actor: Actor, stay: Stay, on: date, reason: str) -> Stay:
    """End a stay and, where the actor may, its shelter service."""
    with audit.act(actor, "stays.end", target=f"case:{stay.case_id}"):
        authorization.require(actor, "stays.change", stay)
        check_running(stay)
        if on < stay.bed_since:
            raise BadInput(Fault(gettext_noop("the stay ends before it begins"), gettext_noop("correct the day")))
        stay.left_on, stay.end_reason = on, reason
        check_codes(stay)
        stay.save(update_fields=["left_on", "end_reason"])
        if stay.service and stay.service.status == "ongoing" and authorization.allows(actor, "services.add", stay.case):
            end_service(actor, stay.service, "completed", on)
        delete_reminder(get_task_source(stay))
        add_timeline_event(actor, stay.case, on, "stay", state="left", reason=reason)
    return stay


def extend(actor: Actor, stay: Stay, until: date, reason: str) -> Stay:
    """Extend a stay on a coded ground, at most to the longest term of the country profile."""
    with audit.act(actor, "stays.extend", target=f"case:{stay.case_id}") as event:
        authorization.require(actor, "stays.extend", stay)
        check_running(stay)
        if not reason:
            raise BadInput(Fault(gettext_noop("an extension needs a ground"), gettext_noop("choose one")))
        if not ends_on(stay) < until <= longest_end(stay.arrived_on):
            raise BadInput(
                Fault(
                    gettext_noop("the new end must be after the current end and within the longest term"),
                    gettext_noop("choose another day"),
                )
            )
        complete_reminder(actor, get_task_source(stay))
        stay.extended_until, stay.extension_reason, stay.extended_by = until, reason, actor.label
        check_codes(stay)
        stay.save(update_fields=["extended_until", "extension_reason", "extended_by"])
        remind_of_term(actor, stay)
        add_timeline_event(actor, stay.case, timezone.localdate(), "stay", state="extended", reason=reason)
        event.note(until=until.isoformat(), reason=reason)
    return stay


def check_running(stay: Stay) -> None:
    """Lock the stay and raise BadInput when it has ended."""
    if Stay.objects.select_for_update().get(pk=stay.pk).left_on:
        raise BadInput(Fault(gettext_noop("this stay has ended"), gettext_noop("reload the page")))


def get_task_source(stay: Stay) -> str:
    """Return the source key of the task before the end of the term."""
    return f"stay:{stay.pk}:{ends_on(stay)}"


def remind_of_term(actor: Actor, stay: Stay) -> None:
    """Add a task for the caseworker, the profile's notice days before the term ends."""
    notice = timedelta(days=active().service_term_notice.days)
    add_reminder(actor, stay.case, "extend_term", get_task_source(stay), ends_on(stay) - notice)
