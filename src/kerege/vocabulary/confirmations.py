"""Confirmations of an installation: facts of the country profile that a lawyer confirmed.

They are in `KEREGE_HOME/confirmations.toml`, by path of the fact, with a digest of its value. An upgrade that changes
the value drops the confirmation: no publisher of a profile confirms law for a ministry.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import cast

from kerege.base import files
from kerege.vocabulary.fact_changes import Part, change_facts
from kerege.vocabulary.profile_parts import Fact

FILE_NAME = "confirmations.toml"


@dataclass(frozen=True)
class Confirmation:
    """Confirmation of one fact: digest of its value, lawyer, document that they read, day."""

    path: str
    digest: str
    lawyer: str
    document: str
    on: date


def digest_of(fact: Fact) -> str:
    """Return the digest of a fact's value and source."""
    values = fact.model_dump(exclude={"confirmed"}, mode="json")
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def write(confirmations: Iterable[Confirmation]) -> None:
    """Write the confirmations of the installation; every process reads them at once."""
    lines = ["# Written by the page of the law. Do not edit: two people confirm a fact there.\n"]
    for row in sorted(confirmations, key=lambda row: row.path):
        texts = {"path": row.path, "digest": row.digest, "lawyer": row.lawyer, "document": row.document}
        # a JSON text is a TOML text as well
        lines.append("[[confirmation]]\n" + "".join(f"{name} = {json.dumps(text)}\n" for name, text in texts.items()))
        lines.append(f"on = {row.on.isoformat()}\n")
    with files.atomic_file(files.home() / FILE_NAME) as path:
        path.write_text("".join(lines), encoding="utf-8")


def read_home() -> Mapping[str, Confirmation]:
    """Return the confirmations of the installation by path; none without a file."""
    path = files.home() / FILE_NAME
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return {}
    return _read(path, changed)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Mapping[str, Confirmation]:
    """Return the confirmations of a file; the time of its last change is the key of the cache."""
    rows = cast(list[dict[str, object]], tomllib.loads(path.read_text(encoding="utf-8")).get("confirmation", []))
    stored = [
        Confirmation(
            path=str(row["path"]),
            digest=str(row["digest"]),
            lawyer=str(row["lawyer"]),
            document=str(row["document"]),
            on=cast(date, row["on"]),
        )
        for row in rows
    ]
    return {row.path: row for row in stored}


def confirm(part: Part, confirmations: Mapping[str, Confirmation], path: str = "") -> Part:
    """Return a part of a profile in which the facts are confirmed whose value has the confirmed digest."""

    def change(fact_path: str, fact: Fact) -> Fact:
        row = confirmations.get(fact_path)
        return fact.model_copy(update={"confirmed": True}) if row and row.digest == digest_of(fact) else fact

    return change_facts(part, change, path)
