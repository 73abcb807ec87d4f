"""Systems that call the interface, and the description of the interface."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from kerege.core.integrations.models import WebhookDelivery

SIGNAL = {"to_agency": "centre", "channel": "hotline", "narrative": "Канарейкина"}
RECORD = {
    "cas_Id": "c-1",
    "prs_Id": "p-1",
    "prs_FirstName": "Алия",
    "prs_SecondName": "Канарейкина",
    "vic_TypeOfExploitation": "ForcedLabour",
}


class Caller:
    """A system with a token."""

    def __init__(self, token: str) -> None:
        self.client, self.head, self.count = Client(), {"authorization": f"Bearer {token}"}, 0

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.head)

    def post(self, path: str, body: Any, key: str | None = None) -> Any:
        self.count += 1
        head = self.head | {"idempotency-key": key or f"key-{self.count}"}
        return self.client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=head)


def referred(case: Any, sender: Caller, **more: Any) -> Any:
    body = {"case": case.reference, "to_agency": "centre", "services": ["shelter"], "categories": ["identity"]}
    return sender.post("/referrals/", body | {"message": "Қонақүйде"} | more)


def deliveries() -> list[tuple[str, str, dict[str, Any]]]:
    """Event, agency and what is sent, in the order in which it happened."""
    return [(row.event, row.webhook.agency.code, row.payload) for row in WebhookDelivery.objects.order_by("created_at")]
