"""Masked numbers and addresses on the pages of this app, and how users reveal them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest

from kerege.casework.cases.views.case import SHOW
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries import masking
from kerege.core import authorization
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor

SHOWN = ("contact", "documents")


def reveal(request: HttpRequest, *records: IdentityRecord) -> list[str]:
    """Reveal groups of fields of the records, in an audit event of its own; return the groups.

    Raises Denied for an actor who needs a reason: they reveal the fields on the page of the case.
    """
    actor, requested = actor_of(request), {request.POST["show"], *request.POST.getlist("shown")}
    groups = [group for group in SHOWN if group in requested]
    for record in records:
        authorization.require(actor, "vault.reveal", record)
    for record in records:
        masking.reveal(actor, record, groups)
    return groups


def may_show(actor: Actor, hidden: Collection[str], *records: IdentityRecord) -> list[tuple[str, Any]]:
    """Return the groups (code, label) that the actor may still reveal, where these fields are masked."""
    if not all(authorization.allows(actor, "vault.reveal", record) for record in records):
        return []
    return [(group, SHOW[group]) for group in SHOWN if {*hidden} & {*masking.GROUPS[group]}]
