"""Audit log: append-only and hash-chained, one event per act, written in the transaction of the act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerege.base import lazy_names
from kerege.core.audit.acts import (
    PendingAuditEvent,
    act,
    beginning,
    digest,
    note,
    page,
    record,
    record_address_search,
    refuse,
    refuse_input,
)
from kerege.core.audit.client_place import list_places

if TYPE_CHECKING:
    from kerege.core.audit.verification import verify

__all__ = [
    "PendingAuditEvent",
    "act",
    "beginning",
    "digest",
    "list_places",
    "note",
    "page",
    "record",
    "record_address_search",
    "refuse",
    "refuse_input",
    "verify",
]

if not TYPE_CHECKING:  # a type checker sees the import above

    def __getattr__(name: str) -> object:
        # its module needs the models, which can be imported only after the apps are loaded
        return lazy_names.load(__name__, {"verify": ".verification"}, name)
