"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from kerege.core.access.actor import Actor


def house(request: HttpRequest) -> dict[str, Any]:
    """`actor` of the request and whether the register holds invented people."""
    return {"actor": Actor.of(request), "demo": settings.DEMO}
