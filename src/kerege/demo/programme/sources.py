"""Reviewed source files of the generator: agencies, volumes and margins of the programme."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from kerege.demo.programme.world import DemoAgency
from kerege.vocabulary.languages import BUILT_IN

_DATA = resources.files(__package__) / "data"


@cache
def agencies() -> tuple[DemoAgency, ...]:
    """Return the agencies of the programme, parents before children."""
    rows = csv.DictReader(_DATA.joinpath("agencies.csv").read_text("utf-8").splitlines())
    return tuple(
        DemoAgency(
            code=row["code"],
            kind=row["kind"],
            region=row["region"],
            country=row["country"],
            parent=row["parent"],
            languages=tuple(row["languages"].split()),
            names={language: row[language] for language in BUILT_IN},
            national=row["national"] == "yes",
        )
        for row in rows
    )


@cache
def agency(code: str) -> DemoAgency:
    """Return an agency by its code."""
    return next(row for row in agencies() if row.code == code)


def of_kind(kind: str) -> list[str]:
    """Return the codes of the agencies of a kind."""
    return [row.code for row in agencies() if row.kind == kind]


@cache
def programme() -> dict[str, Any]:
    """Return volumes and margins from data/programme.toml."""
    return tomllib.loads(_DATA.joinpath("programme.toml").read_text("utf-8"))


@cache
def texts() -> dict[str, dict[str, str]]:
    """Return the notes of the programme in Russian and English, by their text."""
    rows = csv.DictReader(_DATA.joinpath("texts.csv").read_text("utf-8").splitlines())
    return {row["text"]: row for row in rows}
