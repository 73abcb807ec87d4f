"""Cover for absent colleagues, and reassignment of many cases at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case, Note, Task
from kerege.casework.cases.models.workload import Cover, Reassignment
from kerege.casework.cases.services.assignment import check_colleague
from kerege.casework.cases.services.notifications import notify
from kerege.casework.cases.services.timeline_events import new_event
from kerege.casework.vault.services.identities import seal_text
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor
from kerege.core.database.bulk_insert import insert

# a larger number is a case transfer, and one button should not undo it
MOST_AT_ONCE = 500


def set_cover(actor: Actor, agency: Agency, absent: User, by: User, from_on: date, until: date) -> Cover:
    """Set a cover: a colleague sees the absent colleague's work from one day to another, both included.

    The cover ends by itself. Raises BadInput for a cover of oneself, or one that ends before it begins.
    """
    with audit.act(actor, "covers.set") as event:
        authorization.require(actor, "cases.register", agency)
        if absent.pk != actor.user_id:
            authorization.require(actor, "team.manage", agency)
        for user in (absent, by):
            check_colleague(user, agency.pk)
        if absent == by or until < from_on:
            raise BadInput(
                Fault(
                    gettext_noop("the cover must be another person, and its end must be after its begin"),
                    gettext_noop("correct it"),
                )
            )
        row = Cover.objects.create(
            agency=agency,
            absent=absent,
            by=by,
            from_on=from_on,
            until=until,
            created_at=timezone.now(),
            created_by=actor.label,
        )
        event.target = f"cover:{row.id}"
        event.note(absent=str(absent.pk), by=str(by.pk))
    return row


def end_cover(actor: Actor, cover: Cover) -> Cover:
    """End a cover before its last day."""
    with audit.act(actor, "covers.end", target=f"cover:{cover.id}"):
        authorization.require(actor, "covers.change", cover)
        Cover.objects.filter(pk=cover.pk, ended_at=None).update(ended_at=timezone.now())
    return cover


def reassign(actor: Actor, agency: Agency, case_ids: Iterable[UUID], to: User, note: str = "") -> Reassignment:
    """Assign cases of the agency, with their caseworkers' open tasks, to one colleague in one act.

    Raises BadInput when no case remains to reassign, or more than MOST_AT_ONCE do.
    """
    with audit.act(actor, "cases.reassign") as event:
        authorization.require(actor, "team.manage", agency)
        check_colleague(to, agency.pk)
        permitted = authorization.scope(actor, Case, action="cases.change").filter(agency=agency, pk__in=list(case_ids))
        rows = Case.objects.select_for_update(of=("self",)).filter(pk__in=permitted.values("pk")).exclude(caseworker=to)
        cases = list(rows.select_related("record__data_key"))
        if not cases or len(cases) > MOST_AT_ONCE:
            raise BadInput(
                Fault(gettext_noop("no case is selected, or too many at once"), gettext_noop("choose others"))
            )
        row = Reassignment(agency=agency, to=to, at=timezone.now(), by=actor.label, moves=_list_moves(cases))
        row.save()
        ids = [case.pk for case in cases]
        Case.objects.filter(pk__in=ids).update(caseworker=to, version=F("version") + 1)
        Task.objects.filter(pk__in=[task for move in row.moves for task in move["tasks"]]).update(assignee=to)
        _record_assignment(actor, cases, {"worker": f"user:{to.username}"}, note)
        notify(agency, "cases_given", user=to, url_name="cases:tasks")
        event.target = f"reassignment:{row.id}"
        event.note(cases=[str(pk) for pk in ids], to=str(to.pk))
    return row


def undo_reassignment(actor: Actor, row: Reassignment) -> int:
    """Return the cases that nobody has reassigned since to their caseworkers; return how many."""
    with audit.act(actor, "cases.undo_reassignment", target=f"reassignment:{row.id}") as event:
        authorization.require(actor, "reassignments.undo", row)
        if not Reassignment.objects.filter(pk=row.pk, undone_at=None).update(undone_at=timezone.now()):
            raise BadInput(Fault(gettext_noop("this was undone already"), gettext_noop("reload the page")))
        before = {move["case"]: move for move in row.moves}
        rows = Case.objects.select_for_update(of=("self",)).filter(pk__in=before, caseworker=row.to_id)
        users = User.objects.in_bulk([move["from"] for move in row.moves if move["from"]])
        returned = list(rows.select_related("record__data_key"))
        by_worker: dict[Any, list[Case]] = {}
        for case in returned:
            by_worker.setdefault(before[str(case.pk)]["from"], []).append(case)
        for worker_id, cases in by_worker.items():
            worker = users.get(UUID(worker_id)) if worker_id else None
            ids = [case.pk for case in cases]
            Case.objects.filter(pk__in=ids).update(caseworker=worker, version=F("version") + 1)
            tasks = [task for case in cases for task in before[str(case.pk)]["tasks"]]
            Task.objects.filter(pk__in=tasks, assignee=row.to_id).update(assignee=worker)
            _record_assignment(actor, cases, {"worker": f"user:{worker.username}" if worker else ""})
        event.note(cases=[str(case.pk) for case in returned])
    return len(returned)


def _list_moves(cases: list[Case]) -> list[dict[str, Any]]:
    """Return one entry per case: its id, its caseworker, and the open tasks that go with it."""
    worker_of = {case.pk: case.caseworker_id for case in cases}
    tasks: dict[UUID, list[str]] = {}
    rows = Task.objects.filter(case__in=worker_of, done_at=None).values_list("pk", "case", "assignee")
    for pk, case, assignee in rows:
        if assignee is None or assignee == worker_of[case]:
            tasks.setdefault(case, []).append(str(pk))
    return [
        {"case": str(pk), "from": str(worker) if worker else None, "tasks": tasks.get(pk, [])}
        for pk, worker in worker_of.items()
    ]


def _record_assignment(actor: Actor, cases: list[Case], detail: dict[str, Any], note: str = "") -> None:
    """Add a timeline event, and the note if there is one, to every case."""
    today, now = timezone.localdate(), timezone.now()
    insert([new_event(actor, case, today, "assigned", detail) for case in cases])
    if note.strip():
        texts = [seal_text(case.record.data_key, note) for case in cases]
        insert(texts)
        by = {"created_at": now, "created_by": actor.label}
        pairs = zip(cases, texts, strict=True)
        insert([Note(case=case, text=text, agency_id=case.agency_id, **by) for case, text in pairs])
