"""Legal holds: while one runs, its case keeps its files and the person is not erased."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.events import collect_legal_holds
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.records import LegalHold
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.answers import collect_answers
from kerege.core.authorization import Actor, session_scope


def running_holds(today: date | None = None) -> QuerySet[LegalHold]:
    """Return the holds that run on a day; today by default."""
    today = today or timezone.localdate()
    return LegalHold.objects.filter(Q(until=None) | Q(until__gte=today), ended_at=None)


def held(case_ids: Collection[UUID]) -> set[UUID]:
    """Return the cases under a hold at any agency: a legal hold, or a hold that another app reports."""
    with session_scope.bypass_row_security(
        "a legal hold of one agency protects the records of the person at all agencies"
    ):
        held_ids = set(running_holds().filter(case__in=case_ids).values_list("case", flat=True))
        return held_ids.union(*collect_answers(collect_legal_holds, Case, case_ids=case_ids))


def require_no_hold(case: Case) -> None:
    """Raise BadInput while a legal hold runs on the case."""
    if running_holds().filter(case=case).exists():
        raise BadInput(
            Fault(
                gettext_noop("this case is under a legal hold, so nothing of it is removed"),
                gettext_noop("ask the supervisor who placed it"),
            )
        )


def place_hold(actor: Actor, case: Case, ground: str, reason: str = "", until: date | None = None) -> LegalHold:
    """Place a legal hold on a case, until a day or until it is ended.

    Raises BadInput when the day has passed.
    """
    with audit.act(actor, "holds.place", target=f"case:{case.id}") as event:
        authorization.require(actor, "holds.place", case)
        if until is not None and until < timezone.localdate():
            raise BadInput(Fault(gettext_noop("this day has passed"), gettext_noop("choose a later one")))
        row = LegalHold(case=case, ground=ground, until=until, created_at=timezone.now(), created_by=actor.label)
        check_codes(row)
        row.reason = save_text(case.record.data_key, reason) if reason else None
        row.save(force_insert=True)
        add_timeline_event(actor, case, timezone.localdate(), "hold", ground=ground)
        event.note(hold=str(row.id), ground=ground)
    return row


def end_hold(actor: Actor, hold: LegalHold) -> LegalHold:
    """End a legal hold; a second call changes nothing."""
    with audit.act(actor, "holds.end", target=f"case:{hold.case_id}") as event:
        authorization.require(actor, "holds.end", hold)
        ended = LegalHold.objects.filter(pk=hold.pk, ended_at=None)
        if ended.update(ended_at=timezone.now(), ended_by=actor.label):
            add_timeline_event(actor, hold.case, timezone.localdate(), "hold_ended", ground=hold.ground)
        event.note(hold=str(hold.id))
    return hold
