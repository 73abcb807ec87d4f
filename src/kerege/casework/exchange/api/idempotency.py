"""Idempotency: a request that is sent twice with the same key is done once and answered the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.core import audit
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor
from kerege.core.integrations.models import Answered, SystemToken

HEADER = "Idempotency-Key"
LONGEST = 80


def run_once(request: HttpRequest, action: str, do: Callable[[Actor], dict[str, Any]]) -> dict[str, Any]:
    """Do something in one act with the row that remembers its answer; both are there or neither is.

    Of two requests at once with one key the second waits for the first at the unique row.
    """
    token: SystemToken = request.auth  # type: ignore[attr-defined]
    actor, key, asked = actor_of(request), idempotency_key(request), request_digest(request)
    with audit.act(actor, action) as event:
        found = _claim_key(token, key, asked)
        if found is not None:
            event.note(repeated=True)
            return found
        answer = do(actor)
        Answered.objects.filter(token=token, key=key).update(status=1, body=answer)
    return answer


def idempotency_key(request: HttpRequest) -> str:
    """The key that the caller chose; raises BadInput."""
    key = request.headers.get(HEADER, "").strip()
    if not key or len(key) > LONGEST or not key.isprintable():
        what = gettext_noop("a request that changes something needs the header Idempotency-Key")
        raise BadInput(Fault(what, gettext_noop("send a new random value with each new request"), column=HEADER))
    return key


def request_digest(request: HttpRequest) -> bytes:
    """Digest of what is asked."""
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request.body).digest()


def _claim_key(token: SystemToken, key: str, asked: bytes) -> dict[str, Any] | None:
    """The answer that was given to this key; None when it is new and now ours."""
    try:
        with transaction.atomic():
            Answered.objects.create(token=token, key=key, request=asked, at=timezone.now())
        return None
    except IntegrityError:
        row = Answered.objects.get(token=token, key=key)
    if bytes(row.request) != asked:
        what = gettext_noop("this Idempotency-Key was used for another request")
        raise BadInput(Fault(what, gettext_noop("send a new random value with each new request"), column=HEADER))
    return dict(row.body)
