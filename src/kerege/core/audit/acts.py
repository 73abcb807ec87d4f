"""Audited acts: one transaction and one audit event each; reads and refusals are recorded too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from kerege.core.audit.canonical_json import canonical
from kerege.core.authorization.actor import Actor
from kerege.core.authorization.rules import Denied
from kerege.core.row_security.policies import acting
from kerege.core.security import macs
from kerege.core.security.keyring import keyring


@dataclass
class PendingAuditEvent:
    """Audit event to be written.

    Its details hold codes, ids, counts and digests, never a value of an identity.
    """

    actor: Actor
    action: str
    target: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    def note(self, **details: Any) -> None:
        """Add details to the event; a list extends the list that has the same name."""
        for name, value in details.items():
            known = self.details.get(name)
            self.details[name] = known + value if isinstance(known, list) and isinstance(value, list) else value


_current: ContextVar[PendingAuditEvent | None] = ContextVar("audit_event", default=None)
_page: ContextVar[PendingAuditEvent | None] = ContextVar("audit_page", default=None)
_first: ContextVar[Callable[[], None] | None] = ContextVar("audit_first", default=None)


def note(**details: Any) -> None:
    """Add details to the running act, else to the running page; raise LookupError outside of both."""
    event = _current.get() or _page.get()
    if event is None:
        raise LookupError("reading an identity belongs in an audited act or page")
    event.note(**details)


@contextmanager
def page(actor: Actor, action: str) -> Iterator[PendingAuditEvent]:
    """Collect the reads of a page; write one event at the end if any read was noted."""
    event = PendingAuditEvent(actor, action)
    token = _page.set(event)
    try:
        with acting(actor):
            yield event
    finally:
        _page.reset(token)
    if event.details:
        with transaction.atomic():
            _append(event, "done")


@contextmanager
def beginning(first: Callable[[], None]) -> Iterator[None]:
    """Run `first` at the start of every act of this block, inside its transaction.

    Its exceptions stop the act.
    """
    token = _first.set(first)
    try:
        yield
    finally:
        _first.reset(token)


@contextmanager
def act(actor: Actor, action: str, target: str = "", *, reads: bool = False) -> Iterator[PendingAuditEvent]:
    """Open one transaction with one audit event; a nested act becomes a part of the outer event.

    An act that only `reads` changes no data: it saves no form, so it does not run what `beginning` set.

    `Denied` rolls everything back and is then recorded in a transaction of its own. Do not call this inside another
    transaction: its rollback would also remove the recorded refusal.
    """
    outer = _current.get()
    if outer is not None:
        with _inner(outer, actor, action, target) as part:
            yield part
        return
    event = PendingAuditEvent(actor, action, target)
    token = _current.set(event)
    try:
        with acting(actor), transaction.atomic():
            first = None if reads else _first.get()
            if first:
                first()
            yield event
            _append(event, "done")
    except Denied as denied:
        _current.reset(token)
        token = _current.set(None)
        refuse(actor, denied)
        raise
    finally:
        _current.reset(token)


@contextmanager
def _inner(outer: PendingAuditEvent, actor: Actor, action: str, target: str) -> Iterator[PendingAuditEvent]:
    part = PendingAuditEvent(actor, action, target)
    try:
        with acting(actor), transaction.atomic():
            yield part
    except Denied as denied:
        # the outer event records the refusal even if the caller catches it and continues
        outer.details.setdefault("refused", []).append({"action": denied.action, "target": denied.target})
        raise
    outer.details.setdefault("acts", []).append({"action": part.action, "target": part.target} | part.details)


def record(actor: Actor, action: str, target: str = "", **details: Any) -> None:
    """Record a read, a search or another act that changes no data."""
    with act(actor, action, target, reads=True) as event:
        event.note(**details)


def record_address_search(account: str) -> None:
    """Record that an operator computed the digest of an address; the event holds neither of them."""
    record(Actor.system(account), "audit.address")


def refuse(actor: Actor, denied: Denied) -> None:
    """Record a refusal in its own transaction, once."""
    if denied.recorded:
        return
    denied.recorded = True
    with transaction.atomic():
        _append(PendingAuditEvent(actor, denied.action, denied.target), "refused")


def refuse_input(actor: Actor, action: str, target: str, refused: Mapping[str, str]) -> None:
    """Record input that only a forged request sends: our fields and the kinds of faults, no content."""
    with transaction.atomic():
        _append(PendingAuditEvent(actor, action, target, {"input": dict(sorted(refused.items()))}), "refused")


def digest(values: Mapping[str, Any]) -> str:
    """Return the keyed digest of one record of a batch.

    It can prove the content later without disclosing it.
    """
    _, key = keyring().current("import")
    return macs.digest(key, canonical(dict(values))).hex()[:32]


def _append(event: PendingAuditEvent, outcome: str) -> None:
    # imported late: models can be imported only after the apps are loaded
    from kerege.core.audit.hash_chain import append

    append(event.actor, event.action, event.target, outcome, event.details)
