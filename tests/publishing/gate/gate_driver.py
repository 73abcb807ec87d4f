"""Releases that pass the gate, and the acts of composers and approvers."""

from __future__ import annotations

from kerege.core.authorization import Actor
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services import check


def checked(actor: Actor, row: Release) -> Release:
    """Return the release after its check."""
    check.ask_check(actor, row)
    row.refresh_from_db()
    return row
