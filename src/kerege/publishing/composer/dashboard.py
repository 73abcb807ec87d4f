"""Home page parts of publishing: for publishers, analysts and deputies."""

from __future__ import annotations

from typing import Any

from kerege.base.registry import Entry
from kerege.core.authorization import Actor
from kerege.publishing.gate.mask_cells import suppress_parts
from kerege.publishing.releases.rules import is_deputy
from kerege.web.cell_masks import cell_masks
from kerege.web.dashboard import DashboardPanel, dashboard

MOST = 12


def _publisher(actor: Actor) -> dict[str, Any]:
    # Imported here and below: `queries` loads Polars (0.3 s), which would delay every start of Django.
    from kerege.publishing.releases import queries

    return {
        "releases": queries.readable_releases(actor)[:MOST],
        "years": queries.years(),
        "waiting": list(queries.releases_to_approve(actor)[:MOST]),
    }


def _analyst(actor: Actor) -> dict[str, Any]:
    if "publisher" in actor.roles:  # a user with both roles gets the publisher's part only
        return {"twice": True}
    from kerege.publishing.releases import queries

    return {"releases": queries.readable_releases(actor)[:MOST], "years": queries.years(), "waiting": []}


def _deputy(actor: Actor) -> dict[str, Any]:
    from kerege.publishing.releases import queries

    has_appointment = is_deputy(actor)
    return {
        "deputy": has_appointment,
        "waiting": list(queries.releases_to_approve(actor)[:MOST]) if has_appointment else [],
    }


cell_masks.add(Entry("suppression", suppress_parts))
dashboard.add(
    DashboardPanel("publisher", "publishing/_home.html", _publisher, 90),
    DashboardPanel("analyst", "publishing/_home.html", _analyst, 91),
    DashboardPanel("coordinator", "publishing/_deputy.html", _deputy, 5),
)
