"""State of a measure: an oracle that walks day by day, and the rules in single cases."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from kerege.coordination.measures.states import STATES, MeasureFacts, ReportFact, list_duties, list_missing, state_of

FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
LEAD, OTHER = UUID(int=1), UUID(int=2)
HALVES = ["2024-H1", "2024-H2", "2025-H1", "2025-H2", "2026-H1", "2026-H2"]


def measure(term: str, due_on: date = LAST, reports: list[ReportFact] | None = None, **more: object) -> MeasureFacts:
    facts = {
        "term": term,
        "due_on": due_on,
        "starts_on": FIRST,
        "ends_on": LAST,
        "bodies": [LEAD, OTHER],
        "leads": [LEAD],
    }
    return MeasureFacts(**(facts | {"reports": reports or []} | more))  # type: ignore[arg-type]


def report(
    half: str, state: str = "accepted", body: UUID = LEAD, *, completes: bool = False, figure: int | None = None
) -> ReportFact:
    return ReportFact(body, half, state, completes, figure)


def both(half: str) -> list[ReportFact]:
    """Reports of both bodies that complete nothing."""
    return [report(half), report(half, body=OTHER)]


def test_a_measure_is_overdue_after_its_day_and_done_when_its_leading_body_completed_it() -> None:
    due = date(2024, 6, 30)
    assert state_of(measure("day", due), due, 15) == "under_way"
    assert state_of(measure("day", due), due + timedelta(days=1), 15) == "overdue"
    late = [report("2024-H2", completes=True)]
    assert state_of(measure("day", due, late), LAST, 15) == "done"
    assert state_of(measure("day", due, [report("2024-H1", body=OTHER, completes=True)]), LAST, 15) == "overdue"


def test_a_submitted_report_waits_and_is_neither_overdue_nor_done() -> None:
    facts = measure("day", date(2024, 6, 30), [report("2024-H1", "submitted", completes=True), *both("2024-H1")[1:]])
    assert state_of(facts, date(2024, 7, 20), 15) == "under_way"
    returned = measure("day", date(2024, 6, 30), [report("2024-H1", "returned", completes=True)])
    assert state_of(returned, date(2024, 7, 20), 15) == "overdue"


def test_a_missing_report_counts_from_the_day_after_its_last_day() -> None:
    facts = measure("permanent")
    assert state_of(facts, date(2024, 7, 15), 15) == "under_way"
    assert state_of(facts, date(2024, 7, 16), 15) == "not_reported"
    assert state_of(measure("permanent", reports=[report("2024-H1")]), date(2024, 7, 16), 15) == "not_reported"
    assert state_of(measure("permanent", reports=both("2024-H1")), date(2024, 7, 16), 15) == "under_way"


def test_a_yearly_measure_needs_a_completing_report_of_each_year() -> None:
    due = date(2026, 12, 20)
    first = [report("2024-H2", completes=True), *both("2024-H1"), report("2024-H2", body=OTHER)]
    assert list_duties(measure("yearly", due)) == [date(2024, 12, 20), date(2025, 12, 20), due]
    assert state_of(measure("yearly", due, first), date(2025, 1, 20), 15) == "under_way"
    assert state_of(measure("yearly", due, first), date(2025, 12, 21), 15) == "overdue"
    every = [report(half, completes=True) for half in HALVES]
    assert state_of(measure("yearly", due, every), LAST, 15) == "done"


def test_accepted_figures_that_reach_the_target_complete_a_measure() -> None:
    reports = [report("2024-H1", figure=60), report("2024-H2", "submitted", figure=60)]
    assert state_of(measure("permanent", reports=reports, target=120), date(2025, 1, 1), 15) != "done"
    accepted = [report("2024-H1", figure=60), report("2024-H2", figure=60)]
    assert state_of(measure("permanent", reports=accepted, target=120), date(2025, 1, 1), 15) == "done"


def test_a_cancelled_measure_is_neither_overdue_nor_owes_a_report_from_its_half_year_on() -> None:
    facts = measure("day", date(2024, 6, 30), cancelled_on=date(2024, 9, 1))
    assert [state_of(facts, day, 15) for day in (date(2024, 8, 31), date(2024, 9, 1))] == ["overdue", "cancelled"]
    permanent = measure("permanent", cancelled_on=date(2024, 9, 1))
    assert list_missing(permanent, LAST, 15) == [("2024-H1", LEAD), ("2024-H1", OTHER)]


def test_the_state_is_that_of_an_oracle_that_reads_the_rules_another_way() -> None:
    seen = set()
    for seed in range(400):
        facts, today = draw_measure(random.Random(seed))
        seen.add(oracle(facts, today))
        assert state_of(facts, today, 15) == oracle(facts, today), seed
    assert seen == set(STATES)


def draw_measure(draw: random.Random) -> tuple[MeasureFacts, date]:
    """Return an invented measure with reports, and a day."""
    bodies = [uuid4() for _ in range(draw.randint(1, 3))]
    due = FIRST + timedelta(days=draw.randint(0, (LAST - FIRST).days))
    states, share = ["draft", "submitted", "accepted", "returned"], draw.choice([0.5, 0.8, 1])
    reports = [
        ReportFact(body, half, draw.choice(states), draw.random() < 0.5, draw.randint(0, 9))
        for body in bodies
        for half in HALVES
        if draw.random() < share
    ]
    term = draw.choice(["day", "yearly", "half_yearly", "permanent"])
    leads = bodies[: draw.randint(1, len(bodies))]
    facts = MeasureFacts(term, due, FIRST, LAST, bodies, leads, draw.choice([None, 30]), reports)
    if draw.random() < 0.1:
        facts = replace(facts, cancelled_on=FIRST + timedelta(days=draw.randint(0, 1000)))
    return facts, FIRST + timedelta(days=draw.randint(0, 1100))


def oracle(facts: MeasureFacts, today: date) -> str:
    """Return the state: each duty owns the half-years up to its own, the last one all later ones."""
    if facts.cancelled_on and today >= facts.cancelled_on:
        return "cancelled"
    duties = list_duties(facts)
    owner = {
        half: next((at for at, duty in enumerate(duties) if half <= half_of(duty)), len(duties) - 1) for half in HALVES
    }

    def lacks(at: int, states: set[str]) -> bool:
        for lead in facts.leads:
            halves = {r.half for r in facts.reports if r.body == lead and r.completes and r.state in states}
            if not any(owner[half] == at for half in halves):
                return True
        return False

    total = sum(r.figure or 0 for r in facts.reports if r.state == "accepted")
    if (facts.target and total >= facts.target) or not any(lacks(at, {"accepted"}) for at in range(len(duties))):
        return "done"
    if any(duty < today and lacks(at, {"accepted", "submitted"}) for at, duty in enumerate(duties)):
        return "overdue"
    for half in HALVES:
        closed = date(int(half[:4]), 7, 15) if half[-1] == "1" else date(int(half[:4]) + 1, 1, 15)
        if closed >= today or half > half_of(facts.due_on):
            continue
        for body in facts.bodies:
            own = [r for r in facts.reports if r.body == body and r.state in {"accepted", "submitted"}]
            completed_before = facts.term == "day" and any(r.completes and r.half < half for r in own)
            if not completed_before and all(r.half != half for r in own):
                return "not_reported"
    return "under_way"


def half_of(day: date) -> str:
    return f"{day.year}-H{1 if day.month < 7 else 2}"
