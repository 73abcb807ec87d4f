"""Logs hold no identity, in whichever way code or a library logs it."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
import structlog

from kerege.base.redaction import frames_only
from kerege.config import logs
from kerege.core.jobs.task_guard import is_plain

CANARY = "Қанарейкина"


@pytest.fixture
def written() -> Any:
    """Return the line that the production formatter writes for a logging call."""
    options = logs.configure("INFO")["formatters"]["safe"]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(**{name: value for name, value in options.items() if name != "()"})
    )
    logger = logging.getLogger("kerege.test")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def boom(name: str) -> None:
    raise ValueError(f"no such person: {name}")


@pytest.mark.parametrize(
    "say",
    [
        lambda log: log.warning("Not Found: %s", f"/en/work/cases/{CANARY}/"),
        lambda log: log.warning(f"no record of {CANARY}"),
        lambda log: log.warning("%(name)s", {"name": CANARY}),
        lambda log: log.error("failed", extra={"person": CANARY, "request": CANARY}),
    ],
    ids=["argument", "put together before", "mapping", "extra"],
)
def test_a_name_logged_by_a_library_does_not_reach_the_log(written: Any, say: Any) -> None:
    say(logging.getLogger("kerege.test"))
    (line,) = written()
    assert CANARY not in json.dumps(line, ensure_ascii=False)
    assert line["at"].startswith("test_logs.py:")


def test_the_constant_part_of_a_librarys_message_is_kept(written: Any) -> None:
    logging.getLogger("kerege.test").warning("Not Found: %s", CANARY)
    assert written()[0]["event"] == "Not Found: %s"


def test_a_message_of_placeholders_alone_shows_the_response_status(written: Any) -> None:
    log = logging.getLogger("kerege.test")
    log.warning("%s: %s", "Conflict", CANARY, extra={"status_code": 409})
    log.warning("%s: %s", "Conflict", CANARY, extra={"status_code": CANARY})
    log.warning("%5.2f %s", 1.0, CANARY)
    lines = [(line["event"], line.get("status")) for line in written()]
    assert lines == [("Conflict", 409), ("message withheld", None), ("message withheld", None)]


def test_a_log_that_cannot_be_written_does_not_print_its_arguments() -> None:
    logs.configure("INFO")
    assert logging.raiseExceptions is False


@pytest.mark.parametrize(("decisions", "level"), [(True, "INFO"), (False, "WARNING")])
def test_allowed_acts_are_logged_at_any_level_of_the_other_logs_and_not_in_the_demo(
    decisions: bool, level: str
) -> None:
    assert logs.configure("ERROR", decisions=decisions)["loggers"][logs.DECISIONS]["level"] == level


def test_an_exception_is_logged_with_its_frames_but_without_its_message(written: Any) -> None:
    try:
        boom(CANARY)
    except ValueError:
        logging.getLogger("kerege.test").exception("job %s", CANARY)
    (line,) = written()
    assert CANARY not in json.dumps(line, ensure_ascii=False)
    assert line["error"] == "ValueError"
    assert any("boom" in place for place in line["trace"])


def test_our_own_events_keep_only_allowed_keys(written: Any) -> None:
    structlog.get_logger("kerege.test").error("job failed", job="daily", name=CANARY, error="ValueError")
    (line,) = written()
    assert line["job"] == "daily"
    assert "name" not in line
    assert CANARY not in json.dumps(line, ensure_ascii=False)


def test_our_own_exceptions_lose_their_message(written: Any) -> None:
    try:
        boom(CANARY)
    except ValueError:
        structlog.get_logger("kerege.test").exception("job failed", job="daily")
    (line,) = written()
    assert CANARY not in json.dumps(line, ensure_ascii=False)


@pytest.mark.django_db
def test_pages_that_do_not_exist_log_no_part_of_their_address(client: Any, capfd: Any) -> None:
    client.get(f"/en/{CANARY}/?name={CANARY}")
    assert CANARY not in capfd.readouterr().err


def test_a_stored_traceback_keeps_frames_and_loses_values() -> None:
    import traceback

    try:
        boom(CANARY)
    except ValueError as error:
        text = "".join(traceback.format_exception(error))
    assert CANARY in text
    assert CANARY not in frames_only(text)
    assert "in boom" in frames_only(text)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({"args": ["0b7e3c0a-5d5f-4a52-9a36-3f3f7f0f0d11", 5], "kwargs": {"day": "2025-07-30"}}, True),
        ({"args": [CANARY], "kwargs": {}}, False),
        ({"args": [], "kwargs": {"note": "she said that"}}, False),
    ],
)
def test_tasks_take_ids_and_codes_and_no_text(value: Any, plain: bool) -> None:
    assert is_plain(value) is plain


@pytest.mark.django_db
def test_a_failed_task_stores_no_values() -> None:
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    row = DBTaskResult.objects.create(
        args_kwargs={"args": [], "kwargs": {}}, task_path="x.y", backend_name="default", run_after=timezone.now()
    )
    try:
        boom(CANARY)
    except ValueError as error:
        row.set_failed(error)
    row.refresh_from_db()
    assert CANARY not in row.traceback
    assert row.exception_class_path == "builtins.ValueError"
    with pytest.raises(ValueError, match="ids"):
        DBTaskResult.objects.create(
            args_kwargs={"args": [CANARY], "kwargs": {}},
            task_path="x",
            backend_name="default",
            run_after=timezone.now(),
        )
