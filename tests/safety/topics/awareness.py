"""Campaigns of an agency."""

from __future__ import annotations

from datetime import date
from typing import Any

from kerege.casework.awareness.models import Campaign
from kerege.casework.awareness.services import record_campaigns

SUBJECT = {"awareness:read": "campaign", "awareness:campaign": "campaign", "awareness:remove": "campaign"}
POST_ONLY = {"awareness:remove"}
READ_ONLY = {"awareness:read"}
# what was planned and reached is read across the programme; the user who ran it changes it
EVERYWHERE = {(role, "awareness:read") for role in ("coordinator", "analyst", "publisher")}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Create a campaign."""
    from tests.safety.world import OPERATOR

    row = Campaign(agency=own.agency, titles={"kk": "a", "ru": "b", "en": "c"}, starts_on=date(2025, 7, 30))
    return {"campaign": record_campaigns(OPERATOR, [row])[0]}
