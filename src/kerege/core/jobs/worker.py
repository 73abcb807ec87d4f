"""The worker process: runs the schedule and the task queue until it receives SIGTERM or SIGINT."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import structlog
from django.db import DatabaseError, close_old_connections
from django_tasks_db.management.commands.db_worker import Worker

from kerege.base.errors import Refused
from kerege.core.jobs.registry import local_work
from kerege.core.jobs.scheduler import run_due

log = structlog.get_logger("kerege.worker")
PAUSE = 5.0


def work(*, once: bool = False) -> None:
    """Run due jobs and queued tasks, then repeat every five seconds; with `once`, run one round."""
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    if not once:
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
    while not stop.is_set():
        turn()
        if once:
            return
        stop.wait(PAUSE)


def turn() -> None:
    """Run one round: due jobs, then the queue until it is empty. Log a database error and go on."""
    close_old_connections()
    _do_local_work()
    try:
        run_due()
        queue().run()
    except DatabaseError as error:
        log.error("database away", error=type(error).__name__)


def _do_local_work() -> None:
    """Do the work of this machine, which no other worker does; log an error and go on."""
    for work_of_machine in local_work.all():
        try:
            work_of_machine.value()
        except (OSError, Refused) as error:
            log.error("local work failed", job=work_of_machine.name, error=type(error).__name__)


def queue() -> Worker:
    """Return a queue worker that stops when the queue is empty."""
    return Worker(
        queue_names=["*"],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"kerege-{threading.get_native_id()}",
    )
