"""Addresses of the room's pages, and what a page says in its title."""

from __future__ import annotations

import re
from typing import Any

from django.urls import reverse

OF_A_CASE = ("case", "edit-identity", "exploitation", "note", "task", "move", "assign")


def address(name: str, case: Any = None, **more: Any) -> str:
    """The address of one of the room's pages."""
    return reverse(f"cases:{name}", kwargs=({"pk": case.pk} if case else {}) | more)


def title(response: Any) -> str:
    """The title of a page."""
    return re.search(r"<title>(.*?)</title>", response.content.decode(), re.S).group(1)  # type: ignore[union-attr]


def text(response: Any) -> str:
    """A page as text."""
    return str(response.content.decode())


def empty(**filled: Any) -> dict[str, Any]:
    """The register form as a browser sends it: everything empty but the day."""
    day = {"registered_on_day": "3", "registered_on_month": "3", "registered_on_year": "2025"}
    return {"family": "", "given": "", "gender": ""} | day | filled
