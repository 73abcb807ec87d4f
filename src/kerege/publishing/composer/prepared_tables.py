"""Prepared tables: the specifications of the annual report's tables, ready to be added to a release."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from kerege.publishing.gate import messages
from kerege.vocabulary.profile import active

SPECS = Path(str(resources.files("kerege.publishing"))) / "specs"


@lru_cache
def _read() -> tuple[dict[str, Any], ...]:
    tables: dict[str, dict[str, Any]] = {}
    for path in sorted(SPECS.glob("*.toml")):
        for table in tomllib.loads(path.read_text(encoding="utf-8")).get("table", []):
            if "where" in table:
                table["where"] = _own_conditions(table["where"])
            tables.setdefault(table["name"], table)
    return tuple(tables.values())


def _own_conditions(where: Mapping[str, object]) -> dict[str, object]:
    """Return conditions with the main source of crimes and the country of the active profile."""
    own = {"source": active().main_source, "origin": active().country}
    return {name: own.get(name, value) for name, value in where.items()}


def list_prepared() -> list[dict[str, Any]]:
    """Return a copy of every prepared table specification."""
    return copy.deepcopy(list(_read()))


def offered_titles(units: set[str]) -> dict[str, list[tuple[str, str]]]:
    """Return (name, title) of the prepared tables of these units, by unit."""
    by_unit: dict[str, list[tuple[str, str]]] = {}
    for table in list_prepared():
        if table["of"] in units:
            by_unit.setdefault(table["of"], []).append((table["name"], messages.short_title(table)))
    return by_unit


def taken_names(spec: dict[str, Any]) -> set[str]:
    """Return the names of the prepared tables that a specification holds."""
    names = {table["name"] for table in _read()}
    return {table["name"] for table in spec.get("table", []) if table["name"] in names}


def with_prepared(spec: dict[str, Any], names: list[str], units: set[str]) -> list[dict[str, Any]]:
    """Return the tables of a specification after a new choice among the prepared tables of `units`.

    A prepared table that remains chosen keeps its changes. Other tables stay as they are.
    """
    on_offer = {table["name"] for table in _read() if table["of"] in units}
    existing = {table["name"] for table in spec.get("table", [])}
    remaining = [table for table in spec.get("table", []) if table["name"] not in on_offer or table["name"] in names]
    return remaining + [table for table in list_prepared() if table["name"] in names and table["name"] not in existing]
