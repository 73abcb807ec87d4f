"""Queries of the home pages: work that waits for each role today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case as Choose
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.queries import referrals as assistance
from kerege.casework.cases import identity_mapping
from kerege.casework.cases.models.case import Case, Decision, Task
from kerege.casework.cases.models.workload import Cover
from kerege.casework.cases.queries import cases
from kerege.casework.cases.shared_view import mask_unshared, shared_categories_by_case
from kerege.casework.intake.models import Signal
from kerege.casework.intake.queries import identification
from kerege.casework.intake.queries import signals as intake
from kerege.casework.justice import queries as justice
from kerege.casework.justice.models import Crime
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.queries import identities as vault
from kerege.core import authorization
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor
from kerege.core.database.total_order import in_total_order
from kerege.vocabulary import codes

# an unassessed risk may be high, so it does not sort last
RISK = {"high": 0, "medium": 1, "": 2, "unknown": 2, "not_asked": 2, "refused": 2, "low": 3}
CARRIED = ("open", "suspended", "follow_up")
# the risk of a shared case is not visible here, so it sorts as unassessed
TASK_RISK = Choose(
    *(
        When(case__agency=F("agency"), case__risk_level=level, then=Value(rank))
        for level, rank in RISK.items()
        if level
    ),
    default=Value(RISK[""]),
)
HIGH_FIRST = Choose(When(risk_level="high", then=Value(0)), default=Value(1))
UNANSWERED = ("new", "seen")
MOST_CASES = 15
MOST = 10
REVIEW_DAYS = 30


@dataclass
class WorkList:
    """The first rows of a work list, and their total number."""

    rows: list[Any] = field(default_factory=list)
    count: int = 0

    @classmethod
    def of(cls, rows: QuerySet[Any], most: int = MOST) -> WorkList:
        """Return at most `most` rows with the total count."""
        return cls(list(in_total_order(rows)[:most]), rows.count())

    @classmethod
    def ranked(cls, tasks: list[Task], most: int = MOST) -> WorkList:
        """Return the tasks with the highest risk and earliest day, with the total count."""
        return cls(sorted(tasks, key=_task_urgency)[:most], len(tasks))


@dataclass
class DayLists:
    """Work lists of a day: overdue, due today, and due soon."""

    overdue: WorkList
    today: WorkList
    soon: WorkList

    @property
    def rows(self) -> list[Any]:
        """Return all rows that are shown."""
        return [*self.overdue.rows, *self.today.rows, *self.soon.rows]


@dataclass
class CaseworkerDay(DayLists):
    """A caseworker's day: tasks and cases."""

    cases: Sequence[Case]
    case_count: int


def tasks(actor: Actor) -> DayLists:
    """Return the actor's tasks by due day and risk, each with the visible part of its case."""
    tasks_by_due = cases.open_tasks(actor)
    mask_cases(actor, [task for rows in tasks_by_due.values() for task in rows])
    return DayLists(**{due: WorkList.ranked(rows) for due, rows in tasks_by_due.items()})


def mask_cases(actor: Actor, rows: list[Task]) -> list[Task]:
    """Replace the cases of the tasks by their visible part, so that a hidden risk neither shows nor sorts."""
    shared_cases = {task.case for task in rows if task.case and task.case.agency_id != actor.agency_id}
    granted = shared_categories_by_case(actor, shared_cases)
    for task in rows:
        if task.case and task.case_id in granted:
            task.case = mask_unshared(task.case, granted[task.case_id])
    return rows


def work(actor: Actor) -> CaseworkerDay:
    """Return the actor's tasks by due day and risk, and their cases by risk and next due day."""
    own_cases = running_cases(actor).filter(cases.assigned_or_covered(actor, "caseworker"))
    due = Min("tasks__due_on", filter=Q(tasks__done_at=None, tasks__agency=actor.agency_id))
    rows = sorted(own_cases.annotate(next_due=due), key=_case_urgency)
    return CaseworkerDay(**vars(tasks(actor)), cases=rows[:MOST_CASES], case_count=len(rows))


def _case_urgency(case: Any) -> tuple[int, date, str]:
    """Return the sort key of a case: risk, next due day, reference."""
    return RISK.get(case.risk_level, len(RISK)), case.next_due or date.max, case.reference


def _task_urgency(task: Task) -> tuple[int, date]:
    """Return the sort key of a task: risk of its case, then due day; tasks without a case come last."""
    return RISK.get(task.case.risk_level, len(RISK)) if task.case else len(RISK) + 1, task.due_on


def running_covers(actor: Actor) -> list[Cover]:
    """Return the covers in which the actor replaces a colleague today."""
    today = timezone.localdate()
    rows = Cover.objects.filter(by=actor.user_id, ended_at=None, from_on__lte=today, until__gte=today)
    return list(rows.select_related("absent"))


def running_cases(actor: Actor) -> QuerySet[Case]:
    """Return the cases of the agency that need a caseworker: open, suspended or in follow-up."""
    return authorization.scope(actor, Case, action="cases.view").filter(agency=actor.agency_id, status__in=CARRIED)


def names(actor: Actor, rows: list[Case]) -> dict[UUID, str]:
    """Return names by record id, for the cases of a page."""
    identities: dict[UUID, Identity] = vault.read_many(actor, {case.record_id for case in rows}) if rows else {}
    return {pk: identity_mapping.display(identity) for pk, identity in identities.items()}


def referrals(actor: Actor) -> WorkList:
    """Return referrals that wait for the actor's agency."""
    return WorkList.of(assistance.inbox(actor))


def unanswered(actor: Actor) -> WorkList:
    """Return referrals that the actor's agency sent and that have no answer."""
    return WorkList.of(assistance.waiting_for_others(actor))


def languages_spoken() -> set[str]:
    """Return the languages that people spoke, from signals and consents.

    The caller must bypass row-level security.
    """
    language_columns = (
        model.objects.exclude(language="").order_by().values_list("language") for model in (Signal, Consent)
    )
    first, second = language_columns
    return {language for (language,) in first.union(second)}


def signals(actor: Actor) -> WorkList:
    """Return signals that wait for the actor's agency."""
    return WorkList.of(intake.list_inbox(actor))


def sent_signals(actor: Actor) -> WorkList:
    """Return signals that the actor's agency sent, with their state, unanswered ones first."""
    unanswered = Choose(When(state__in=UNANSWERED, then=Value(0)), default=Value(1))
    sent = WorkList.of(intake.list_sent(actor).order_by(unanswered, "-received_at"), 20)
    return WorkList(intake.add_states(sent.rows), sent.count)


def unanswered_signals(actor: Actor) -> WorkList:
    """Return signals that the agency sent and that are neither closed nor led to a case, urgent first."""
    rows = intake.list_sent(actor).filter(state__in=UNANSWERED)
    return WorkList.of(rows.order_by(intake.URGENT_FIRST, "received_at"))


@dataclass
class Caseload:
    """The caseload of one caseworker."""

    worker: User | None
    cases: int
    high_risk: int
    overdue: int


def workload(actor: Actor) -> list[Caseload]:
    """Return cases, high-risk cases and overdue tasks by caseworker, the largest caseload first."""
    counts = running_cases(actor).order_by().values("caseworker")
    counted = counts.annotate(n=Count("pk"), high=Count("pk", Q(risk_level="high")))
    rows = {row["caseworker"]: (row["n"], row["high"]) for row in counted}
    overdue_counts = dict(overdue(actor).order_by().values_list("assignee").annotate(n=Count("pk")))
    users = User.objects.in_bulk([pk for pk in {*rows, *overdue_counts} if pk])
    loads = [
        Caseload(users.get(pk), *rows.get(pk, (0, 0)), overdue_counts.get(pk, 0)) for pk in {*rows, *overdue_counts}
    ]
    return sorted(loads, key=lambda load: (-load.cases, load.worker.full_name if load.worker else ""))


def unassigned(actor: Actor) -> WorkList:
    """Return cases of the agency without a caseworker, high risk first."""
    return WorkList.of(running_cases(actor).filter(caseworker=None).order_by(HIGH_FIRST, "registered_on", "reference"))


def overdue(actor: Actor) -> QuerySet[Task]:
    """Return overdue tasks of the agency, those of high-risk cases first."""
    rows = authorization.scope(actor, Task, action="tasks.view").filter(done_at=None, due_on__lt=timezone.localdate())
    return rows.select_related("case", "assignee").order_by(TASK_RISK, "due_on")


def due_today(actor: Actor) -> int:
    """Return the number of open tasks of the agency that are due today."""
    return (
        authorization.scope(actor, Task, action="tasks.view").filter(done_at=None, due_on=timezone.localdate()).count()
    )


def without_decision(actor: Actor) -> WorkList:
    """Return cases that wait for the agency's decision, highest risk first, then longest waiting."""
    rows = identification.queue(actor)
    return WorkList(identification.list_waiting_cases(actor, rows[:MOST]), rows.count())


def reviews(actor: Actor) -> list[Decision]:
    """Return decisions of the agency whose review is due within REVIEW_DAYS, or overdue."""
    decides = authorization.scope(actor, Case, action="cases.decide").filter(pk=OuterRef("case"))
    until = timezone.localdate() + timedelta(days=REVIEW_DAYS)
    rows = Decision.objects.filter(Exists(decides), authority=actor.agency_id, review_on__lte=until)
    return list(rows.select_related("case").order_by("review_on", "case__reference", "pk")[:MOST])


def crimes(actor: Actor) -> WorkList:
    """Return the newest crimes of the actor's agency."""
    return WorkList.of(authorization.scope(actor, Crime, action="crimes.view").order_by("-registered_on"))


def hearings(actor: Actor) -> DayLists:
    """Return hearings without a recorded result, today's hearings, and those of the next weeks."""
    today, rows = timezone.localdate(), justice.planned_hearings(actor)
    by_day = (rows.filter(on__lt=today), rows.filter(on=today), rows.filter(on__gt=today))
    return DayLists(*map(WorkList.of, by_day))


# statuses that the coordinator's page counts on each track
SHOWN = ("presumed", "identified")


@dataclass
class Pipeline:
    """Counts of the programme, without names or cases.

    `tracks` holds the running presumed and identified cases of each track; the tracks are never added up.
    """

    cases: int
    tracks: dict[str, tuple[int, int]]
    silent: int
    signals: int
    agencies: list[tuple[str, int, int]]


def pipeline(actor: Actor) -> Pipeline:
    """Count open cases by status on each track, waiting signals, and unanswered referrals by agency."""
    running = authorization.scope(actor, Case, action="desk.count_cases").filter(status__in=CARRIED)
    tracks = codes.code_list("decision_track").codes
    statuses = {f"{track}_{status}": Q(**{f"{track}_status": status}) for track in tracks for status in SHOWN}
    counts = running.aggregate(
        n=Count("pk"), **{name: Count("pk", status_filter) for name, status_filter in statuses.items()}
    )
    waiting = authorization.scope(actor, Referral, action="desk.count_referrals").filter(status__in=["sent", "seen"])
    overdue = waiting.filter(due_on__lt=timezone.localdate())
    return Pipeline(
        cases=counts["n"],
        tracks={track: (counts[f"{track}_presumed"], counts[f"{track}_identified"]) for track in tracks},
        silent=overdue.count(),
        signals=authorization.scope(actor, Signal, action="signals.read").filter(state="new").count(),
        agencies=_referrals_by_agency(waiting),
    )


def _referrals_by_agency(waiting: QuerySet[Referral]) -> list[tuple[str, int, int]]:
    """Return agencies with their waiting and overdue referrals, the most overdue first."""
    today = timezone.localdate()
    rows = waiting.order_by().values_list("to_agency").annotate(n=Count("pk"), late=Count("pk", Q(due_on__lt=today)))
    counts = {pk: (n, late) for pk, n, late in rows}
    agencies = Agency.objects.in_bulk(counts)
    rows_by_agency = [(agencies[pk].name, n, late) for pk, (n, late) in counts.items()]
    return sorted(rows_by_agency, key=lambda row: (-row[2], -row[1], row[0]))[:MOST]
