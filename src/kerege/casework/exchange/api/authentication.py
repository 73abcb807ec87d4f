"""Authentication of API requests: a token of an agency, with the rights of one scope at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpRequest
from ninja.security import HttpBearer

from kerege.core import audit, authorization
from kerege.core.accounts import refusals
from kerege.core.accounts.actors import NOBODY, actor_of
from kerege.core.accounts.client_address import client_ip
from kerege.core.authorization import Actor
from kerege.core.integrations.models import SystemToken
from kerege.core.integrations.services import find_token


class Bearer(HttpBearer):
    """A token in the header `Authorization: Bearer krg_...`.

    `scope` names the only rights that the request gets.
    """

    openapi_description = "A token that the administrator of an agency gives."

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> SystemToken | None:
        """Return the row of a valid token, or None.

        Raises Denied for a token without the scope, TooManyAttempts after many wrong tokens from one address.
        """
        row = find_token(token)
        if row is None:
            refusals.count_wrong_token(client_ip(request))
            audit.refuse(NOBODY, authorization.Denied("systems.wrong_token"))
            return None
        roles = frozenset({self.scope} & set(row.scopes))
        actor = Actor(label=f"token:{row.pk}", agency_id=row.agency_id, roles=roles)
        request._actor = actor  # type: ignore[attr-defined]  # what Actor.of answers for this request
        if self.scope and not roles:
            raise authorization.Denied(self.scope)
        return row


def token_of(request: HttpRequest) -> SystemToken:
    """Return the token with which the caller of the API authenticated."""
    token: SystemToken = request.auth  # type: ignore[attr-defined]  # set by django-ninja
    return token


@contextmanager
def audited_read(request: HttpRequest, action: str) -> Iterator[Actor]:
    """Run a read as the caller, with the identities that it reads noted in the audit log."""
    actor = actor_of(request)
    with audit.page(actor, action):
        yield actor
