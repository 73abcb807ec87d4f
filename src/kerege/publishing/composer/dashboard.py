"""Home page parts of publishing: for publishers, analysts and deputies."""

from __future__ import annotations

from typing import Any

from kerege.base.registry import Entry
from kerege.core.authorization import Actor
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.rules import is_deputy
from kerege.web.cell_masks import Masked, Rows, cell_masks
from kerege.web.dashboard import DashboardPanel, dashboard

MOST = 12


def _publisher(actor: Actor) -> dict[str, Any]:
    return _readable(actor) | {"waiting": _waiting(actor)}


def _analyst(actor: Actor) -> dict[str, Any]:
    if "publisher" in actor.roles:  # a user with both roles gets the publisher's part only
        return {"twice": True}
    return _readable(actor) | {"waiting": []}


def _deputy(actor: Actor) -> dict[str, Any]:
    has_appointment = is_deputy(actor)
    return {"deputy": has_appointment, "waiting": _waiting(actor) if has_appointment else []}


def _readable(actor: Actor) -> dict[str, object]:
    # Imported here and below: these modules load Polars (0.3 s), which would delay every start of Django.
    from kerege.publishing.releases import queries

    return {"releases": queries.readable_releases(actor)[:MOST], "years": queries.years()}


def _waiting(actor: Actor) -> list[Release]:
    from kerege.publishing.releases import queries

    return list(queries.releases_to_approve(actor)[:MOST])


def _mask_parts(column: str, rows: Rows, threshold: int) -> Masked:
    from kerege.publishing.composer.board_masks import mask_board_parts

    return mask_board_parts(column, rows, threshold)


cell_masks.add(Entry("suppression", _mask_parts))
dashboard.add(
    DashboardPanel("publisher", "publishing/_home.html", _publisher, 90),
    DashboardPanel("analyst", "publishing/_home.html", _analyst, 91),
    DashboardPanel("coordinator", "publishing/_deputy.html", _deputy, 5),
)
