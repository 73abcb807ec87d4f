"""Numbers and addresses, hidden on the pages of this room until somebody asks for them."""

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
    """Show a group of fields of records, in an act of its own; whoever has to say why does so at the case."""
    actor, asked = actor_of(request), {request.POST["show"], *request.POST.getlist("shown")}
    groups = [group for group in SHOWN if group in asked]
    for record in records:
        authorization.require(actor, "vault.reveal", record)
    for record in records:
        masking.reveal(actor, record, groups)
    return groups


def may_show(actor: Actor, hidden: Collection[str], *records: IdentityRecord) -> list[tuple[str, Any]]:
    """What may still be shown, where these fields are hidden: group and label."""
    if not all(authorization.allows(actor, "vault.reveal", record) for record in records):
        return []
    return [(group, SHOW[group]) for group in SHOWN if {*hidden} & {*masking.GROUPS[group]}]
