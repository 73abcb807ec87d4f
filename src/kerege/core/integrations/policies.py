"""Row-level security of what the systems of agencies are sent and have asked."""

from __future__ import annotations

from kerege.core.integrations.models import Answered, SystemToken, Webhook, WebhookDelivery
from kerege.core.row_security.policies import Policies, TablePolicy, policies


def of_own(parent: str, column: str) -> str:
    """Return the SQL condition on rows whose token or webhook is the agency's."""
    return (
        f"EXISTS (SELECT 1 FROM {parent} parent"  # noqa: S608  # nosec B608
        f" WHERE parent.id = {column} AND parent.agency_id = (SELECT kerege_agency()))"
    )


GUARDS = (
    TablePolicy(Answered, of_own(SystemToken._meta.db_table, "token_id")),
    TablePolicy(WebhookDelivery, of_own(Webhook._meta.db_table, "webhook_id")),
)

policies.add(Policies("integrations", GUARDS, order=80))
