"""Publications of small tables, made without files."""

from __future__ import annotations

from typing import Any

from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.published_tables.sheet import Sheet
from tests.evidence.made_sheets import Figure, sheet


def by_sex(total: Figure, f: Figure, m: Figure, **stated: Any) -> Sheet:
    """Return a table by sex."""
    named = {"name": "sex", "of": "victims", "release": "new", "as_of": "2025-12-31"} | stated
    return sheet(("sex",), {("_T",): total, ("f",): f, ("m",): m}, **named)


def publication(label: str, *sheets: Sheet) -> Publication:
    """Return a publication of some tables."""
    return Publication(label, list(sheets))
