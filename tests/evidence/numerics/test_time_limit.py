"""A time limit counts processor time, and a fortieth of elapsed time where the thread gets less."""

from __future__ import annotations

import math
import time

import pytest

from kerege.evidence.numerics.time_limit import TimeLimit


class Clocks:
    """Processor time of the thread and elapsed time, set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.work, self.elapsed = 100.0, 5_000.0
        monkeypatch.setattr(time, "thread_time", lambda: self.work)
        monkeypatch.setattr(time, "monotonic", lambda: self.elapsed)

    def add(self, work: float, elapsed: float) -> None:
        self.work += work
        self.elapsed += elapsed


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


@pytest.mark.parametrize(
    ("work", "elapsed", "used"),
    [(0.0, 0.0, 0.0), (2.0, 2.0, 2.0), (2.0, 80.0, 2.0), (2.0, 120.0, 3.0), (0.0, 400.0, 10.0)],
)
def test_the_used_time_is_processor_time_or_a_fortieth_of_elapsed_time(
    clocks: Clocks, work: float, elapsed: float, used: float
) -> None:
    limit = TimeLimit(10)
    clocks.add(work, elapsed)
    assert limit.used == pytest.approx(used)
    assert limit.left == pytest.approx(10 - used)


def test_a_limit_is_exceeded_only_beyond_its_last_moment(clocks: Clocks) -> None:
    limit = TimeLimit(2)
    clocks.add(2.0, 2.0)
    assert not limit.late
    clocks.add(0.25, 0.25)
    assert limit.late
    assert limit.left == -0.25
    assert not TimeLimit(math.inf).late


@pytest.mark.parametrize(
    ("work", "elapsed", "seconds", "expected"),
    [
        (2.0, 2.0, 5.0, 5.0),  # an idle machine
        (2.0, 4.0, 5.0, 10.0),  # half of a processor
        (2.0, 40.0, 5.0, 100.0),  # a twentieth of a processor
        (2.0, 400.0, 5.0, 200.0),  # never more than forty times as long
        (2.0, 1.0, 5.0, 5.0),  # never less
        (0.005, 4.0, 5.0, 5.0),  # too little work to know
        (2.0, 4.0, 0.0, 0.2),  # a solver gets at least a tenth of a second
    ],
)
def test_a_solver_gets_the_elapsed_time_that_its_processor_time_takes_here(
    clocks: Clocks, work: float, elapsed: float, seconds: float, expected: float
) -> None:
    limit = TimeLimit(60)
    clocks.add(work, elapsed)
    assert limit.as_elapsed(seconds) == pytest.approx(expected)
