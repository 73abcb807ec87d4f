"""Tasks about the rights of a person, each created once: right to stay, notice of the host, guardian."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.cases.age_bands import list_child_bands
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.services.notifications import notify
from kerege.casework.cases.services.tasks import plan_tasks
from kerege.casework.rights.models.child import Guardian
from kerege.casework.rights.models.legal_stay import StayRight
from kerege.casework.rights.queries.legal_stay import StayState, is_foreigner, read_state, with_stay_rows
from kerege.casework.rights.services.child import fit_guardians, get_guardian_source, presuming_doubts
from kerege.casework.rights.services.legal_stay import get_notice_source, get_question_source
from kerege.core.accounts.models import Agency, Role
from kerege.core.authorization import Actor, session_scope
from kerege.vocabulary.profile import active

# older cases without any entry are left out, so that an import does not create many tasks
YOUNG = timedelta(days=60)
AHEAD = timedelta(days=7)
WITHOUT_GUARDIAN = "child_without_guardian"


@dataclass(frozen=True)
class GuardianSearch:
    """A child for whom nobody has spoken since a day."""

    case: Case
    since: date

    @property
    def due_on(self) -> date:
        """Return the last day to find a guardian."""
        return active().due("guardian", self.since)


def plan(actor: Actor, today: date) -> int:
    """Create the tasks that are due within a week; return how many are new.

    The coordinators are notified of a child who has no guardian when the term is over.
    """
    searches = _list_searches(today)
    _escalate(searches, today)
    return plan_tasks(actor, [_guardian_task(search) for search in searches]) + _plan_stays(actor, today)


def _list_searches(today: date) -> list[GuardianSearch]:
    """Return the children for whom nobody speaks: recent cases, and those whose guardian ended recently."""
    doubted = Exists(presuming_doubts().filter(case=OuterRef("pk")))
    spoken_for = Exists(fit_guardians(today).filter(case=OuterRef("pk")))
    ended = Guardian.objects.filter(case=OuterRef("pk"), until__lt=today).exclude(conflict="yes")
    rows = Case.objects.filter(Q(age_band__in=list_child_bands()) | doubted, ~spoken_for).exclude(status="closed")
    rows = rows.annotate(guardian_until=Subquery(ended.order_by("-until").values("until")[:1]))
    young = today - YOUNG
    rows = rows.filter(Q(registered_on__gte=young) | Q(guardian_until__gte=young)).select_related(
        "agency", "caseworker"
    )
    return [GuardianSearch(case, _first_silent_day(case.registered_on, case.guardian_until)) for case in rows]


def _first_silent_day(registered_on: date, ended_on: date | None) -> date:
    return max(registered_on, ended_on + timedelta(days=1)) if ended_on else registered_on


def _guardian_task(search: GuardianSearch) -> Task:
    source = get_guardian_source(search.case, search.since)
    return _build_task(search.case, "find_guardian", source, search.due_on)


def _escalate(searches: list[GuardianSearch], today: date) -> None:
    """Notify the coordinators once of each search for a guardian after its term."""
    with session_scope.bypass_row_security("coordinators are notified of a child, by the reference only"):
        notified = list(Notice.objects.filter(kind=WITHOUT_GUARDIAN).values_list("reference", "at"))
        agencies = list(Agency.objects.filter(active=True, assignments__role=Role.COORDINATOR).distinct())
    late = [search for search in searches if today > search.due_on and not _is_notified(search, notified)]
    for search, agency in product(late, agencies):
        notify(agency, WITHOUT_GUARDIAN, role=Role.COORDINATOR, reference=search.case.reference)


def _is_notified(search: GuardianSearch, notified: list[tuple[str, datetime]]) -> bool:
    return any(
        reference == search.case.reference and timezone.localdate(at) >= search.since for reference, at in notified
    )


def _plan_stays(actor: Actor, today: date) -> int:
    """Create the tasks about foreigners."""
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
