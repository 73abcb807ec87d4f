"""Figures and claims of the founding document, and figures quoted from outside, as reviewed data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from kerege.vocabulary.languages import Texts
from kerege.vocabulary.pack import active_pack

FOLDER = "programme"  # folder of a pack


@dataclass(frozen=True)
class FoundingClaim:
    """Claim of the founding article in three languages; `kind` is computed, quoted or described."""

    id: int
    kind: str
    texts: dict[str, str]
    figure: str
    room: str


def _read(name: str) -> dict[str, Any]:
    pack, path = active_pack(), f"{FOLDER}/{name}"
    return tomllib.loads(pack.read_text(path)) if pack.has(path) else {}


@cache
def figures() -> dict[str, Any]:
    """Return every figure of the founding document."""
    return _read("figures.toml")


@cache
def claims() -> tuple[FoundingClaim, ...]:
    """Return every claim of the founding document, in its order."""
    return tuple(
        FoundingClaim(row["id"], row["kind"], Texts(row["text"]), row.get("figure", ""), row.get("room", ""))
        for row in _read("claims.toml").get("claim", [])
    )


@cache
def context() -> tuple[dict[str, Any], ...]:
    """Return the figures quoted from outside the programme: id, value, text and source by language."""
    return tuple(_read("context.toml").get("quoted", []))


def context_figures() -> dict[str, Any]:
    """Return the quoted figures as a tree with the shape of `figures()`."""
    tree: dict[str, Any] = {}
    for entry in context():
        section, name = entry["id"].split(".")
        tree.setdefault(section, {})[name] = entry["value"]
    return tree
