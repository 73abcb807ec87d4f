"""URLs of the pages of cases, and helpers to read a page."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.urls import reverse

CASE_PAGES = ("case", "edit-identity", "exploitation", "note", "task", "move", "assign")


def address(name: str, case: Any = None, **more: Any) -> str:
    """Return the URL of a page of the app cases."""
    return reverse(f"cases:{name}", kwargs=({"pk": case.pk} if case else {}) | more)


def title(response: Any) -> str:
    """Return the title of a page."""
    return re.search(r"<title>(.*?)</title>", response.content.decode(), re.S).group(1)  # type: ignore[union-attr]


def text(response: Any) -> str:
    """Return the HTML of a page."""
    return str(response.content.decode())


def day_inputs(name: str, day: date) -> dict[str, str]:
    """Return a day as the three inputs of a form."""
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


def empty(**filled: Any) -> dict[str, Any]:
    """Return the register form as a browser sends it, empty except for the day."""
    day = {"registered_on_day": "3", "registered_on_month": "3", "registered_on_year": "2025"}
    return {"family": "", "given": "", "gender": ""} | day | filled
