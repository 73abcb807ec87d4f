"""Success messages with an undo button."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

MARK = "undo:"


def undoable(request: HttpRequest, words: str, address: str) -> None:
    """Add a success message with a button that posts to `address` to undo the action."""
    messages.success(request, words, extra_tags=f"{MARK}{address}")
