"""Corrections of an installation: facts of the country profile that have another value or source here.

They are in `KEREGE_HOME/corrections.toml`. A correction holds from its first day, until one with a later first day
does. A deadline keeps the term of the day on which it began. A correction that an upgrade makes invalid is left out.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from kerege.base import files
from kerege.vocabulary.fact_changes import Part, change_facts
from kerege.vocabulary.profile_parts import Deadline, EarlierTerm, Fact, ProfilePart

FILE_NAME = "corrections.toml"
NOT_CORRECTED = {"confirmed", "source", "id"}


@dataclass(frozen=True)
class Correction:
    """Corrected value and source of a fact; `values` is a JSON object.

    `base` is the digest of the fact that the profile had when it was corrected. Without a lawyer the fact stays
    marked as not confirmed.
    """

    path: str
    base: str
    values: str
    source: str
    from_on: date
    lawyer: str = ""
    document: str = ""


def values_of(fact: Fact) -> dict[str, object]:
    """Return the values of a fact that a correction can change, as JSON values."""
    return fact.model_dump(exclude=NOT_CORRECTED, mode="json")


def apply_to(fact: Fact, correction: Correction) -> Fact:
    """Return a fact with the values of a correction; raises pydantic's ValidationError for wrong ones."""
    kept = fact.model_dump(include={"id"} & set(type(fact).model_fields))
    values = json.loads(correction.values)
    if not isinstance(values, dict):
        raise ValueError("values of a fact are a JSON object")
    return type(fact).model_validate(
        {**values, **kept, "source": correction.source, "confirmed": bool(correction.lawyer)}
    )


def current(corrections: Iterable[Correction], on: date) -> dict[str, Correction]:
    """Return the correction of each fact that holds on a day, by path."""
    begun = sorted((row for row in corrections if row.from_on <= on), key=lambda row: row.from_on)
    return {row.path: row for row in begun}


def correct(profile: Part, corrections: Iterable[Correction], on: date) -> Part:
    """Return a profile with the corrections that hold on a day, and the earlier terms of its deadlines."""
    rows = list(corrections)
    corrected = _with_rows(profile, current(rows, on))
    terms: dict[str, list[EarlierTerm]] = {}
    for row in sorted(rows, key=lambda row: row.from_on):
        name = row.path.removeprefix("clocks.")
        if name != row.path and row.from_on <= on:
            before = current([other for other in rows if other.from_on < row.from_on], row.from_on)
            days = _business_days(_with_rows(profile, before), row.path)
            terms.setdefault(name, []).append(EarlierTerm(until=row.from_on, business_days=days))
    return corrected.model_copy(update={"earlier_terms": terms}) if terms else corrected


def _with_rows(profile: Part, rows: Mapping[str, Correction]) -> Part:
    def change(path: str, fact: Fact) -> Fact:
        if path not in rows:
            return fact
        try:
            return apply_to(fact, rows[path])
        except (ValidationError, ValueError):
            return fact

    return change_facts(profile, change)


def _business_days(profile: ProfilePart, clock: str) -> int:
    """Return the term of a deadline, 1 if there is no such deadline."""
    days = [1]

    def read(path: str, fact: Fact) -> Fact:
        if path == clock and isinstance(fact, Deadline):
            days.append(fact.business_days)
        return fact

    change_facts(profile, read)
    return days[-1]


def list_invalid(facts: Mapping[str, Fact], corrections: Iterable[Correction]) -> list[str]:
    """Return the paths of corrections that name none of these facts, or a value that it cannot have."""
    return sorted(row.path for row in corrections if not (row.path in facts and _is_valid(facts[row.path], row)))


def _is_valid(fact: Fact, correction: Correction) -> bool:
    try:
        apply_to(fact, correction)
    except (ValidationError, ValueError):
        return False
    return True


def write(corrections: Iterable[Correction]) -> None:
    """Write the corrections of the installation; every process reads them at once."""
    lines = ["# Written by the page of the law. Do not edit: two people correct a fact there.\n"]
    for row in sorted(corrections, key=lambda row: (row.path, row.from_on)):
        texts = {name: value for name, value in asdict(row).items() if isinstance(value, str)}
        # a JSON text is a TOML text as well
        lines.append("[[correction]]\n" + "".join(f"{name} = {json.dumps(text)}\n" for name, text in texts.items()))
        lines.append(f"from_on = {row.from_on.isoformat()}\n")
    with files.atomic_file(files.home() / FILE_NAME) as path:
        path.write_text("".join(lines), encoding="utf-8")


def read_home() -> tuple[Correction, ...]:
    """Return the corrections of the installation; none without a file."""
    path = files.home() / FILE_NAME
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return ()
    return _read(path, changed)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> tuple[Correction, ...]:
    """Return the corrections of a file; the time of its last change is the key of the cache."""
    rows = cast(list[dict[str, object]], tomllib.loads(path.read_text(encoding="utf-8")).get("correction", []))
    names = ("path", "base", "values", "source", "lawyer", "document")
    return tuple(
        Correction(**{name: str(row.get(name, "")) for name in names}, from_on=cast(date, row["from_on"]))
        for row in rows
    )
