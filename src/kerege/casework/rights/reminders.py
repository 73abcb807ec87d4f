"""Tasks about the right to stay, each created once: find it out, extend it, send a host's notice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.services.tasks import plan_tasks
from kerege.casework.rights.models.legal_stay import StayRight
from kerege.casework.rights.queries.legal_stay import StayState, is_foreigner, read_state, with_stay_rows
from kerege.casework.rights.services.legal_stay import get_notice_source, get_question_source
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active

# older cases without any entry are left out, so that an import does not create many tasks
YOUNG = timedelta(days=60)
AHEAD = timedelta(days=7)


def plan(actor: Actor, today: date) -> int:
    """Create the tasks about foreigners that are due within a week; return how many are new."""
    recorded = Exists(StayRight.objects.filter(case=OuterRef("pk")))
    housed = Exists(Stay.objects.filter(case=OuterRef("pk"), left_on=None))
    rows = Case.objects.filter(Q(registered_on__gte=today - YOUNG) | recorded | housed).exclude(status="closed")
    cases = [case for case in with_stay_rows(rows.select_related("agency", "caseworker")) if is_foreigner(case)]
    tasks = [task for case in cases for task in _tasks_of(read_state(case, today))]
    return plan_tasks(actor, [task for task in tasks if task.due_on <= today + AHEAD])


def _tasks_of(state: StayState) -> Iterator[Task]:
    case = state.case
    if not case.stay_rights.all():
        due = active().due("stay_question", case.registered_on)
        yield _build_task(case, "clarify_stay", get_question_source(case), due)
    for notice in state.notices:
        # a centre that houses the person of another agency is the host, so the task is its own
        own = notice.stay.agency_id == case.agency_id
        task = _build_task(case, "host_notice", get_notice_source(notice.stay), notice.due_on)
        task.agency_id, task.assignee = notice.stay.agency_id, case.caseworker if own else None
        yield task
    if state.end.day:
        yield _extend_task(case, state.end.day, state.today)


def _extend_task(case: Case, end: date, today: date) -> Task:
    """Return the task of the last notice that is due within a week, else of the first one."""
    days = sorted(active().stay.notice.days, reverse=True)
    begun = [number for number in days if end - timedelta(days=number) <= today + AHEAD]
    number = begun[-1] if begun else days[0]
    return _build_task(case, "extend_stay", f"stay_end:{case.pk}:{end}:{number}", end - timedelta(days=number))


def _build_task(case: Case, kind: str, source: str, due_on: date) -> Task:
    return Task(agency=case.agency, case=case, assignee=case.caseworker, kind=kind, due_on=due_on, source=source)
