"""What waits for whom today."""

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
from kerege.casework.cases.shared_view import granted_many, seen
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
from kerege.vocabulary import codes

# a risk that nobody assessed may be any: it does not sink to the bottom
RISK = {"high": 0, "medium": 1, "": 2, "unknown": 2, "not_asked": 2, "refused": 2, "low": 3}
CARRIED = ("open", "suspended", "follow_up")
# of a case that is only shared, the risk is not known here
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
class Waiting:
    """The newest of what waits, and how many there are."""

    rows: list[Any] = field(default_factory=list)
    count: int = 0

    @classmethod
    def of(cls, rows: QuerySet[Any], most: int = MOST) -> Waiting:
        """Read at most `most` rows, and count."""
        return cls(list(rows[:most]), rows.count())

    @classmethod
    def ranked(cls, tasks: list[Task], most: int = MOST) -> Waiting:
        """The most pressing of these tasks, and how many there are."""
        return cls(sorted(tasks, key=_pressing)[:most], len(tasks))


@dataclass
class Day:
    """What should have been done, what is due today, and what comes."""

    overdue: Waiting
    today: Waiting
    soon: Waiting

    @property
    def rows(self) -> list[Any]:
        """All that is shown of it."""
        return [*self.overdue.rows, *self.today.rows, *self.soon.rows]


@dataclass
class Work(Day):
    """A caseworker's day."""

    cases: Sequence[Case]
    case_count: int


def tasks(actor: Actor) -> Day:
    """The actor's tasks by when they are due and by risk, each with its case as she may see it."""
    found = cases.open_tasks(actor)
    as_seen(actor, [task for rows in found.values() for task in rows])
    return Day(**{when: Waiting.ranked(rows) for when, rows in found.items()})


def as_seen(actor: Actor, rows: list[Task]) -> list[Task]:
    """Tasks whose cases tell no more than is shared with the actor's agency: the risk neither shows nor sorts."""
    elsewhere = {task.case for task in rows if task.case and task.case.agency_id != actor.agency_id}
    granted = granted_many(actor, elsewhere)
    for task in rows:
        if task.case and task.case_id in granted:
            task.case = seen(task.case, granted[task.case_id])
    return rows


def work(actor: Actor) -> Work:
    """Tasks by when they are due and by risk, and the actor's cases by risk and next due day."""
    mine = carried(actor).filter(cases.hers(actor, "caseworker"))
    due = Min("tasks__due_on", filter=Q(tasks__done_at=None, tasks__agency=actor.agency_id))
    rows = sorted(mine.annotate(next_due=due), key=_urgency)
    return Work(**vars(tasks(actor)), cases=rows[:MOST_CASES], case_count=len(rows))


def _urgency(case: Any) -> tuple[int, date, str]:
    return RISK.get(case.risk_level, len(RISK)), case.next_due or date.max, case.reference


def _pressing(task: Task) -> tuple[int, date]:
    """The risk of the person first, then the day; what belongs to no case comes last."""
    return RISK.get(task.case.risk_level, len(RISK)) if task.case else len(RISK) + 1, task.due_on


def covering(actor: Actor) -> list[Cover]:
    """For whom the actor steps in today."""
    today = timezone.localdate()
    rows = Cover.objects.filter(by=actor.user_id, ended_at=None, from_on__lte=today, until__gte=today)
    return list(rows.select_related("absent"))


def carried(actor: Actor) -> QuerySet[Case]:
    """Cases of the actor's agency that somebody has to look after."""
    return authorization.scope(actor, Case, action="cases.view").filter(agency=actor.agency_id, status__in=CARRIED)


def names(actor: Actor, rows: list[Case]) -> dict[UUID, str]:
    """Names by record id, for the cases that a page shows."""
    known: dict[UUID, Identity] = vault.read_many(actor, {case.record_id for case in rows}) if rows else {}
    return {pk: identity_mapping.display(identity) for pk, identity in known.items()}


def referrals(actor: Actor) -> Waiting:
    """Referrals that wait for the actor's agency."""
    return Waiting.of(assistance.inbox(actor))


def unanswered(actor: Actor) -> Waiting:
    """Referrals that the actor's agency sent and nobody answered."""
    return Waiting.of(assistance.waiting_for_others(actor))


def languages_met() -> set[str]:
    """In which languages people spoke, as signals and the consent ledger tell; the caller looks beyond the wall."""
    spoken = (model.objects.exclude(language="").order_by().values_list("language") for model in (Signal, Consent))
    first, second = spoken
    return {language for (language,) in first.union(second)}


def signals(actor: Actor) -> Waiting:
    """Signals that wait for the actor's agency."""
    return Waiting.of(intake.inbox(actor))


def sent_signals(actor: Actor) -> Waiting:
    """Signals that the actor's agency sent, with their state: first those that nobody has answered."""
    unanswered = Choose(When(state__in=UNANSWERED, then=Value(0)), default=Value(1))
    found = Waiting.of(intake.sent(actor).order_by(unanswered, "-received_at"), 20)
    return Waiting(intake.followed(found.rows), found.count)


def unanswered_signals(actor: Actor) -> Waiting:
    """Signals that the actor's agency sent and nobody has dealt with, the urgent ones first."""
    rows = intake.sent(actor).filter(state__in=UNANSWERED)
    return Waiting.of(rows.order_by(intake.URGENT_FIRST, "received_at"))


@dataclass
class Load:
    """What one caseworker carries."""

    worker: User | None
    cases: int
    high_risk: int
    overdue: int


def workload(actor: Actor) -> list[Load]:
    """Cases, those at high risk and overdue tasks by caseworker of the actor's agency, the fullest first."""
    counts = carried(actor).order_by().values("caseworker")
    found = counts.annotate(n=Count("pk"), high=Count("pk", Q(risk_level="high")))
    rows = {row["caseworker"]: (row["n"], row["high"]) for row in found}
    late = dict(overdue(actor).order_by().values_list("assignee").annotate(n=Count("pk")))
    users = User.objects.in_bulk([pk for pk in {*rows, *late} if pk])
    loads = [Load(users.get(pk), *rows.get(pk, (0, 0)), late.get(pk, 0)) for pk in {*rows, *late}]
    return sorted(loads, key=lambda load: (-load.cases, load.worker.full_name if load.worker else ""))


def unassigned(actor: Actor) -> Waiting:
    """Cases of the agency that nobody carries, those at high risk first."""
    return Waiting.of(carried(actor).filter(caseworker=None).order_by(HIGH_FIRST, "registered_on"))


def overdue(actor: Actor) -> QuerySet[Task]:
    """Open tasks of the agency whose day has passed, those of persons at high risk first."""
    rows = authorization.scope(actor, Task, action="tasks.view").filter(done_at=None, due_on__lt=timezone.localdate())
    return rows.select_related("case", "assignee").order_by(TASK_RISK, "due_on")


def due_today(actor: Actor) -> int:
    """How many open tasks of the agency are due today."""
    return (
        authorization.scope(actor, Task, action="tasks.view").filter(done_at=None, due_on=timezone.localdate()).count()
    )


def without_decision(actor: Actor) -> Waiting:
    """What waits for the agency's decision, the highest risk first, then the longest waiting."""
    rows = identification.queue(actor)
    return Waiting(identification.waiting(actor, rows[:MOST]), rows.count())


def reviews(actor: Actor) -> list[Decision]:
    """Decisions of the actor's agency that are to be reviewed soon, or should have been."""
    decides = authorization.scope(actor, Case, action="cases.decide").filter(pk=OuterRef("case"))
    until = timezone.localdate() + timedelta(days=REVIEW_DAYS)
    rows = Decision.objects.filter(Exists(decides), authority=actor.agency_id, review_on__lte=until)
    return list(rows.select_related("case").order_by("review_on")[:MOST])


def crimes(actor: Actor) -> Waiting:
    """The newest crimes of the actor's agency."""
    return Waiting.of(authorization.scope(actor, Crime, action="crimes.view").order_by("-registered_on"))


def hearings(actor: Actor) -> Day:
    """Hearings about which nothing was written down by their day, those of today, and those of the next weeks."""
    today, rows = timezone.localdate(), justice.planned_hearings(actor)
    when = (rows.filter(on__lt=today), rows.filter(on=today), rows.filter(on__gt=today))
    return Day(*map(Waiting.of, when))


# statuses that the coordinator's page counts on each track
SHOWN = ("presumed", "identified")


@dataclass
class Pipeline:
    """The programme in counts. No name, no case, no agency's file is opened for it.

    `tracks`: running cases presumed and identified, by track; the two are never merged.
    """

    cases: int
    tracks: dict[str, tuple[int, int]]
    silent: int
    signals: int
    agencies: list[tuple[str, int, int]]


def pipeline(actor: Actor) -> Pipeline:
    """Running cases, by their status on each track, referrals nobody answered in time, by agency where it helps."""
    every = authorization.scope(actor, Case, action="desk.count_cases").filter(status__in=CARRIED)
    tracks = codes.code_list("decision_track").codes
    statuses = {f"{track}_{status}": Q(**{f"{track}_status": status}) for track in tracks for status in SHOWN}
    counted = every.aggregate(n=Count("pk"), **{name: Count("pk", wanted) for name, wanted in statuses.items()})
    waiting = authorization.scope(actor, Referral, action="desk.count_referrals").filter(status__in=["sent", "seen"])
    late = waiting.filter(due_on__lt=timezone.localdate())
    return Pipeline(
        cases=counted["n"],
        tracks={track: (counted[f"{track}_presumed"], counted[f"{track}_identified"]) for track in tracks},
        silent=late.count(),
        signals=authorization.scope(actor, Signal, action="signals.read").filter(state="new").count(),
        agencies=_answering(waiting),
    )


def _answering(waiting: QuerySet[Referral]) -> list[tuple[str, int, int]]:
    """Agency, referrals that wait for it, and those past their day; the slowest first."""
    today = timezone.localdate()
    rows = waiting.order_by().values_list("to_agency").annotate(n=Count("pk"), late=Count("pk", Q(due_on__lt=today)))
    counts = {pk: (n, late) for pk, n, late in rows}
    agencies = Agency.objects.in_bulk(counts)
    found = [(agencies[pk].name, n, late) for pk, (n, late) in counts.items()]
    return sorted(found, key=lambda row: (-row[2], -row[1], row[0]))[:MOST]
