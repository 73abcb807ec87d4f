"""A message that can take back what it tells of."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

MARK = "undo:"


def undoable(request: HttpRequest, words: str, address: str) -> None:
    """Say that something is done, with a button that posts to the address that takes it back."""
    messages.success(request, words, extra_tags=f"{MARK}{address}")
