"""Log configuration without personal data: only allowed keys reach the output, whichever library logs.

Our own events are structlog calls with filtered keys. Library records keep their constant message, never its arguments,
because an argument can be a path with a name in it. A message without arguments can already contain them, so only its
place in the code is logged. Tracebacks become places in the code, without messages and values.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from http import HTTPStatus
from pathlib import PurePath
from typing import Any

import structlog

from kerege.base.log_spool import DECISIONS, SpoolHandler
from kerege.base.redaction import places

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "logger",
        "at",
        "status",
        "method",
        "view",
        "seconds",
        "action",
        "actor",
        "target",
        "job",
        "task",
        "worker",
        "count",
        "key_id",
        "error",
        "trace",
    }
)
PLACEHOLDER = re.compile(r"%[-+#0-9.]*[a-zA-Z]")
# below WARNING these loggers pass page contexts and query parameters to every handler
CARRY_VALUES = ("django.template", "django.db.backends")


def keep_allowed(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every key that is not allowed; replace an exception by places in the code."""
    error = event.pop("exc_info", None)
    if error:
        event.update(places_of(error))
    return {key: value for key, value in event.items() if key in ALLOWED}


def foreign(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Reduce a library's record to its constant message and its place in the code."""
    record: logging.LogRecord = event["_record"]
    message = str(record.msg) if event.pop("positional_args", None) else ""
    # Django passes the phrase of its response as an argument, and the status as an attribute
    http_status = next((code for code in HTTPStatus if code.value == getattr(record, "status_code", None)), None)
    if http_status:
        event["status"] = http_status.value
    if not re.search("[a-zA-Z]", PLACEHOLDER.sub("", message)):
        message = http_status.phrase if http_status else "message withheld"
    event["event"] = message
    event["at"] = f"{PurePath(record.pathname).name}:{record.lineno}"
    return event


def places_of(error: Any) -> dict[str, Any]:
    """Return class and frames of an exception as log keys."""
    if error is True:
        error = sys.exc_info()
    exception = error[1] if isinstance(error, tuple) else error
    if exception is None:
        return {}
    return {"error": type(exception).__name__, "trace": places(exception)}


def configure(level: str, *, decisions: bool = True, is_spooled: bool = False) -> dict[str, Any]:
    """Configure structlog; return Django's LOGGING with one JSON object per line on stderr.

    With `is_spooled` each line also waits in the home folder, for the worker that sends it to another machine.
    `decisions` says whether decisions are logged. The demo runs in a terminal, where they would hide its messages.
    """
    # otherwise a failing handler prints the message with its arguments
    logging.raiseExceptions = False
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper("iso"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*shared, foreign],
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            keep_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        "pass_foreign_args": True,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"safe": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "safe"}}
        | ({"spool": {"()": SpoolHandler, "formatter": "safe"}} if is_spooled else {}),
        "root": {"handlers": ["stderr", "spool"] if is_spooled else ["stderr"], "level": level},
        # Django's own handlers would print request lines and mail tracebacks
        "loggers": {"django": {"handlers": [], "level": level, "propagate": True}}
        | {"django.server": {"handlers": [], "level": level, "propagate": True}}
        | {name: {"handlers": [], "level": "WARNING", "propagate": True} for name in CARRY_VALUES}
        | {DECISIONS: {"handlers": [], "level": "INFO" if decisions else "WARNING", "propagate": True}},
    }
