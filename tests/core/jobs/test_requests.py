"""One-time tasks: requested by name, run once by the app that declares them, with ids as arguments."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from kerege.base.registry import Entry
from kerege.core.health_checks import queued_work
from kerege.core.jobs import requests
from kerege.core.jobs.models import Schedule
from tests.registries import with_only

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _no_other_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    with_only(monkeypatch, requests.queued_work)


def test_a_task_runs_by_name_directly_and_from_the_queue() -> None:
    done: list[int] = []
    requests.queued_work.add(Entry("t.count", done.append))
    requests.do("t.count", 1)
    requests.ask("t.count", 2)
    row = DBTaskResult.objects.get()
    assert row.args_kwargs == {"args": ["t.count", [2]], "kwargs": {}}
    requests.run.call(*row.args_kwargs["args"])
    assert done == [1, 2]


def test_an_undeclared_task_is_not_queued_and_a_name_is_declared_once() -> None:
    with pytest.raises(LookupError):
        requests.ask("t.nothing")
    requests.queued_work.add(Entry("t.once", lambda: None))
    with pytest.raises(ValueError, match="two tasks"):
        requests.queued_work.add(Entry("t.once", lambda: None))
    assert not DBTaskResult.objects.exists()


def test_a_persons_name_is_refused_as_an_argument() -> None:
    requests.queued_work.add(Entry("t.count", lambda who: None))
    with pytest.raises(ValueError, match="ids, codes and numbers"):
        requests.ask("t.count", "Айгүл Сейітова")


def test_a_worker_counts_as_running_after_a_recent_job() -> None:
    now = timezone.now()
    assert not requests.worker_is_there(now)
    Schedule.objects.create(name="x", due_at=now, last_at=now - timedelta(minutes=2))
    assert requests.worker_is_there(now)
    assert not requests.worker_is_there(now + timedelta(minutes=2))


def test_a_row_with_the_old_task_path_runs_and_the_health_check_names_it() -> None:
    done: list[int] = []
    requests.queued_work.add(Entry("t.count", done.append))
    requests.ask("t.count", 1)
    assert queued_work().state == "ok"
    DBTaskResult.objects.update(task_path="kerege.core.jobs.queue.run")
    assert (queued_work().state, queued_work().words.split()[0]) == ("warn", "1")
    row = DBTaskResult.objects.get()
    import_string(row.task_path).call(*row.args_kwargs["args"])
    assert done == [1]
