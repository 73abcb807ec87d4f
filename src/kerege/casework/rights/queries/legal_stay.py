"""State of a person's right to stay: the last day, the next step, notices of the host that are due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from django.db.models import Prefetch, QuerySet

from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.cases.models.case import Case
from kerege.casework.rights.models.legal_stay import StayRight, StayStep
from kerege.casework.rights.stay_limits import Presence, Right, StayEnd, days_present, find_end, is_in_union
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.vocabulary import codes
from kerege.vocabulary.profile import active

RECENT = timedelta(days=2 * 365)
MARKS = (30, 90, 180)  # days after registration at which figures ask for a right to stay


@dataclass(frozen=True)
class MissingNotice:
    """A stay in a shelter without a recorded notice of the host, and the last day of the notice."""

    stay: Stay
    due_on: date


@dataclass(frozen=True)
class StayState:
    """A person's right to stay as of a day."""

    case: Case
    end: StayEnd
    today: date
    next_step: str
    notices: list[MissingNotice]
    days_used: int | None

    @property
    def is_near(self) -> bool:
        """Return whether the right ends within the first notice of the profile, or has ended."""
        notice = timedelta(days=max(active().stay.notice.days))
        return self.end.day is not None and self.end.day - notice <= self.today

    @property
    def has_ended(self) -> bool:
        """Return whether the last day is over."""
        return self.end.day is not None and self.end.day < self.today

    @property
    def days_left(self) -> int:
        """Return the days until the last day, which counts; 0 without a last day."""
        return (self.end.day - self.today).days + 1 if self.end.day else 0


@dataclass(frozen=True)
class StayFigures:
    """Figures of an agency about foreigners: rights to stay, days to the permit, refusals, notices."""

    foreigners: int
    # days after registration -> (cases that are as old, those with a right to stay on that day)
    with_right: dict[int, tuple[int, int]]
    days_to_permit: float | None
    permits: int
    refusals: list[tuple[str, int]]
    notices: int
    notices_in_time: int


def known_citizenships(case: Case) -> list[str]:
    """Return the citizenships that are countries: no answer states."""
    return [value for value in case.citizenships if value in codes.code_list("country").codes]


def is_foreigner(case: Case) -> bool | None:
    """Return whether a person is not a citizen of this country; None while the citizenship is not known."""
    countries = known_citizenships(case)
    if active().country in countries:
        return False
    if countries:
        return True
    return True if "no" in case.citizenships else None


def with_stay_rows(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return cases with the rows that `read_state` needs, in a fixed number of queries."""
    notices = Prefetch("host_notices", StayStep.objects.filter(kind="host_notice"))
    stays = Prefetch("stays", Stay.objects.prefetch_related(notices))
    return cases.prefetch_related("stay_rights", "country_stays", "stay_steps", stays)


def read_state(case: Case, today: date) -> StayState:
    """Return a person's right to stay as of a day."""
    rights, times = list(case.stay_rights.all()), list(case.country_stays.all())
    rule, countries = active().stay.visa_free, known_citizenships(case)
    presences = [Presence(row.entered_on, row.left_on) for row in times]
    has_entered = any(row.left_on is None for row in times)
    return StayState(
        case=case,
        end=find_end([Right(row.ground, row.from_on, row.until) for row in rights], presences, countries, rule, today),
        today=today,
        next_step=find_next_step(rights, case.stay_steps.all(), is_in_union(countries, rule)),
        notices=list_missing_notices(case.stays.all()),
        days_used=days_present(today, presences, rule) if has_entered and rule else None,
    )


def find_next_step(rights: Sequence[StayRight], steps: Iterable[StayStep], in_union: bool) -> str:
    """Return the first step to the victim's permit that is not done; "" when none is left.

    After a refusal the next step is the appeal. A person who has a right without a permit of their own needs none.
    """
    done = [row.kind for row in steps]
    if {"permit", "exit"} & set(done) or any(row.ground in {"trp_victim", "trp_other"} for row in rights):
        return ""
    if "refusal" in done:
        return "" if "appeal" in done else "appeal"
    return next((step for step in _permit_steps(in_union) if step not in done), "permit")


def list_permit_steps(case: Case) -> list[str]:
    """Return the steps to the victim's permit that a person of these citizenships takes, in their order."""
    rule = active().stay.visa_free
    return _permit_steps(is_in_union(known_citizenships(case), rule))


def _permit_steps(in_union: bool) -> list[str]:
    permit = active().stay.victim_permit
    left_out = set(permit.not_for_union) if in_union else set()
    return [step for step in permit.steps if step not in left_out]


def list_missing_notices(stays: Iterable[Stay]) -> list[MissingNotice]:
    """Return the running stays in a shelter without a recorded notice, with the last day of the clock."""
    return [
        MissingNotice(stay, _notice_due(stay)) for stay in stays if stay.left_on is None and not stay.host_notices.all()
    ]


def _notice_due(stay: Stay) -> date:
    return active().due("host_notice", stay.arrived_on)


def list_foreigners(actor: Actor, today: date) -> list[StayState]:
    """Return the running cases of foreigners of the actor's agency, the next end first, unknown ends last."""
    rows = authorization.scope(actor, Case, action="cases.change").exclude(status="closed")
    cases = with_stay_rows(rows.select_related("caseworker"))
    states = [read_state(case, today) for case in cases if is_foreigner(case)]
    return sorted(states, key=lambda state: (state.end.day or date.max, state.case.reference))


def count_figures(actor: Actor, today: date) -> StayFigures:
    """Return the figures of the actor's agency, over the foreigners whose cases are at most two years old."""
    rows = authorization.scope(actor, Case, action="cases.change").filter(registered_on__gt=today - RECENT)
    cases = [case for case in with_stay_rows(rows) if is_foreigner(case)]
    steps = [step for case in cases for step in case.stay_steps.all()]
    waits = [(step.done_on - step.case.registered_on).days for step in steps if step.kind == "permit"]
    notices = [(stay, step) for case in cases for stay in case.stays.all() for step in stay.host_notices.all()]
    refusals = Counter(step.refusal for step in steps if step.kind == "refusal")
    return StayFigures(
        foreigners=len(cases),
        with_right={days: _count_with_right(cases, days, today) for days in MARKS},
        days_to_permit=median(waits) if waits else None,
        permits=len(waits),
        refusals=refusals.most_common(),
        notices=len(notices),
        notices_in_time=sum(step.done_on <= _notice_due(stay) for stay, step in notices),
    )


def _count_with_right(cases: Sequence[Case], days: int, today: date) -> tuple[int, int]:
    """Return how many cases are so many days old, and how many persons had a right to stay on that day."""
    moments = [(case, case.registered_on + timedelta(days=days)) for case in cases]
    old = [(case, on) for case, on in moments if on <= today]
    return len(old), sum(_has_right(case, on) for case, on in old)


def _has_right(case: Case, on: date) -> bool:
    end = read_state(case, on).end
    return end.rule == "no_end" or (end.day is not None and end.day >= on)
