"""Signals of the audit app."""

from __future__ import annotations

from django.dispatch import Signal

# receivers return what the daily root records besides the head of the chain, by name; they get the `earlier` roots
collect_root_statements = Signal()

# receivers return (event of the root, sentence) for each statement of the `roots` that does not fit what they state
collect_root_faults = Signal()
