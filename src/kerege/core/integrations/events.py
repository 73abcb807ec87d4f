"""Signals of the systems app. Apps above connect to them."""

from __future__ import annotations

from django.dispatch import Signal

# a token waits for a second person; argument: token (SystemToken)
token_requested = Signal()
