"""Idempotency keys: a request sent twice with the same key runs once and gets the same answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.exchange.api.authentication import token_of
from kerege.core import audit
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor
from kerege.core.integrations.models import Answered, SystemToken

HEADER = "Idempotency-Key"
LONGEST = 80


def run_once(request: HttpRequest, action: str, do: Callable[[Actor], dict[str, Any]]) -> dict[str, Any]:
    """Run `do` in one audited transaction with the row that stores its answer; return the answer.

    When two requests with one key arrive at the same time, the unique row makes the second wait for the first.
    """
    token = token_of(request)
    actor, key, digest = actor_of(request), idempotency_key(request), request_digest(request)
    with audit.act(actor, action) as event:
        stored_answer = _claim_key(token, key, digest)
        if stored_answer is not None:
            event.note(repeated=True)
            return stored_answer
        answer = do(actor)
        Answered.objects.filter(token=token, key=key).update(status=1, body=answer)
    return answer


def idempotency_key(request: HttpRequest) -> str:
    """Return the key that the caller chose; raise BadInput when it is missing or invalid."""
    key = request.headers.get(HEADER, "").strip()
    if not key or len(key) > LONGEST or not key.isprintable():
        what = gettext_noop("a request that changes something needs the header Idempotency-Key")
        raise BadInput(Fault(what, gettext_noop("send a new random value with each new request"), column=HEADER))
    return key


def request_digest(request: HttpRequest) -> bytes:
    """Return the SHA-256 digest of method, address and body of a request."""
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request.body).digest()


def _claim_key(token: SystemToken, key: str, digest: bytes) -> dict[str, Any] | None:
    """Claim a new key and return None; return the stored answer of a used key.

    Raises BadInput when the key was used for another request.
    """
    try:
        with transaction.atomic():
            Answered.objects.create(token=token, key=key, request=digest, at=timezone.now())
        return None
    except IntegrityError:
        row = Answered.objects.get(token=token, key=key)
    if bytes(row.request) != digest:
        what = gettext_noop("this Idempotency-Key was used for another request")
        raise BadInput(Fault(what, gettext_noop("send a new random value with each new request"), column=HEADER))
    return dict(row.body)
