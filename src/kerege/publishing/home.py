"""The publisher's home: the releases and how far each has come."""

from __future__ import annotations

from typing import Any

from kerege.core.access import Actor
from kerege.publishing import queries
from kerege.publishing.models import Release
from kerege.web.homepage import Part

MOST = 12


def _read(actor: Actor) -> dict[str, Any]:
    return {"releases": Release.objects.select_related("prepared_by", "approved_by")[:MOST], "years": queries.years()}


HOME = [Part("publisher", "publishing/_home.html", _read, 90)]
