"""Scheduled jobs: each due job runs once, and a failing job does not stop the others."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connections
from django.utils import timezone

from kerege.core.jobs import Job, jobs, run_due, scheduler
from kerege.core.jobs.models import Schedule
from tests.registries import with_only

pytestmark = [pytest.mark.db, pytest.mark.django_db]
TURNS: list[datetime] = []
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_other_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    with_only(monkeypatch, jobs)
    TURNS.clear()


def test_a_job_runs_when_due_and_not_before_its_next_turn() -> None:
    jobs.add(Job("hourly", HOUR, TURNS.append))
    now = timezone.now()
    assert run_due(now) == ["hourly"]
    assert run_due(now + timedelta(minutes=59)) == []
    assert run_due(now + timedelta(minutes=60)) == ["hourly"]
    assert [now, now + timedelta(minutes=60)] == TURNS


def test_a_failing_job_stops_no_other_job_and_stores_only_its_error_class() -> None:
    def fail(now: datetime) -> None:
        raise RuntimeError("Ivanova cannot be reached")

    jobs.add(Job("bad", HOUR, fail), Job("good", HOUR, TURNS.append))
    assert run_due() == ["good"]
    assert Schedule.objects.get(name="bad").last_outcome == "RuntimeError"


def test_a_run_that_failed_or_was_killed_is_repeated_before_the_next_period() -> None:
    """Two workers on SQLite collided, and the run of a daily job was lost until the next day."""

    def collide(now: datetime) -> None:
        TURNS.append(now)
        if len(TURNS) == 1:
            raise OperationalError("database is locked")

    jobs.add(Job("daily", 24 * HOUR, collide))
    now = timezone.now()
    assert run_due(now) == []
    assert run_due(now + HOUR) == ["daily"]
    assert run_due(now + 2 * HOUR) == []
    # killed in the middle of a run: claimed, without an outcome
    assert scheduler._claim(jobs.get("daily"), now + 30 * HOUR)
    assert run_due(now + 31 * HOUR) == ["daily"]


def test_two_jobs_cannot_share_a_name() -> None:
    jobs.add(Job("same", HOUR, TURNS.append))
    with pytest.raises(ValueError, match="named"):
        jobs.add(Job("same", HOUR, TURNS.append))


@pytest.mark.django_db(transaction=True)
def test_only_one_of_two_simultaneous_workers_runs_a_job() -> None:
    jobs.add(Job("once", HOUR, TURNS.append))
    run_due()
    later = timezone.now() + timedelta(hours=2)
    start = threading.Barrier(4)

    def worker() -> None:
        try:
            start.wait()
            run_due(later)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert TURNS.count(later) == 1
