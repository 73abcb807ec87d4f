"""Webhook messages for the OpenAPI description."""

from __future__ import annotations

from typing import Any

from kerege.core.integrations.scopes import EVENTS

TEXT = {"type": "string"}
REFERRAL = {
    "reference": TEXT,
    "state": TEXT | {"description": "Code list referral_status"},
    "step": TEXT | {"description": "Code list referral_step"},
}
# event -> summary and its own fields, beside the delivery id and the event name of every message
EVENT_FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "signal.received": ("A signal came into the agency's inbox.", {"reference": TEXT}),
    "signal.state": ("The state of a signal that the agency sent has changed.", {"reference": TEXT, "state": TEXT}),
    "referral.sent": ("A referral came into the agency's inbox.", REFERRAL),
    "referral.state": ("The state of a referral that the agency sent or received has changed.", REFERRAL),
    "records.imported": ("Records of the agency were brought in.", {"cases": {"type": "integer"}}),
}


def describe_webhooks() -> dict[str, Any]:
    """Return the webhooks of the OpenAPI description."""
    return {event: {"post": _describe_event(event)} for event in EVENTS}


def _describe_event(event: str) -> dict[str, Any]:
    """Return the OpenAPI description of one event."""
    summary, own = EVENT_FIELDS[event]
    fields = {"id": TEXT | {"format": "uuid"}, "event": {"const": event}} | own
    body = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"2XX": {"description": "Arrived; after any other answer it is tried again."}},
    }
