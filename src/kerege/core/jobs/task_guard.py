"""Checks of the task table: arguments hold no free text, and stored tracebacks hold no values."""

from __future__ import annotations

import re
from typing import Any

from django_tasks_db.models import DBTaskResult

from kerege.base.redaction import frames_only

PLAIN = re.compile(r"^[A-Za-z0-9_.:/-]{0,120}\Z")


def guard(sender: Any, instance: DBTaskResult[Any, Any], **kwargs: Any) -> None:
    """Raise ValueError for a new task with free text; redact the traceback of a failed one."""
    if instance._state.adding and not is_plain(instance.args_kwargs):
        raise ValueError("task arguments are ids, codes and numbers only")
    instance.traceback = frames_only(instance.traceback or "")


def is_plain(value: Any) -> bool:
    """Return whether a JSON value holds only ids, codes, numbers and collections of them."""
    if isinstance(value, dict):
        return all(is_plain(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return all(map(is_plain, value))
    return not isinstance(value, str) or bool(PLAIN.match(value))
