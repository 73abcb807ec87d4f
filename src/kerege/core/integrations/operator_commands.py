"""Commands of the operator: second person for the tokens of other systems."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from kerege.base.errors import BadInput, Fault
from kerege.core.authorization import Actor
from kerege.core.integrations import services
from kerege.core.integrations.models import SystemToken


def list_waiting() -> list[str]:
    """Return a line for each token that waits, the oldest first."""
    rows = SystemToken.objects.filter(confirmed_at=None, revoked_at=None).select_related("agency")
    return [
        f"{row.pk}  {row.name} of {row.agency.code}: {', '.join(row.scopes)}, asked by {row.created_by}"
        for row in rows.order_by("created_at")
    ]


def confirm(account: str, token_id: str) -> str:
    """Confirm a token; return a sentence. Raises BadInput for an id of no waiting token."""
    try:
        row = SystemToken.objects.select_related("agency").filter(pk=token_id, confirmed_at=None).first()
    except ValidationError:
        row = None
    if row is None:
        raise BadInput(Fault("no waiting token has this id", "take an id of kerege roles tokens"))
    services.confirm(Actor.system(account), row)
    return f"{row.name} of {row.agency.code}: works from now on"
