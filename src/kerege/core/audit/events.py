"""Signals of the audit app."""

from __future__ import annotations

from django.dispatch import Signal

# receivers return what the daily root records besides the head of the chain, by name
collect_root_statements = Signal()
