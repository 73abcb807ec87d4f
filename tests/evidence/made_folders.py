"""Folders of published tables for the tests of the disclosure risk assessment, written by hand."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

Row = Mapping[str, str]
Lines = list[list[str]]


def values(row: Row, column: str) -> list[str]:
    """Return the values of a person in a column: separated by ';', none when not reported."""
    return row[column].split(";") if row[column] else ["_U"]


def counts(people: Sequence[Row], by: Sequence[str], where: Mapping[str, Sequence[str]]) -> dict[tuple[str, ...], int]:
    """Return every cell of a table with its margins; the values are those that occur."""
    chosen = [row for row in people if all(set(values(row, c)) & set(v) for c, v in where.items())]
    axes = [["_T", *sorted({v for row in chosen for v in values(row, c)})] for c in by]
    return {
        key: sum(all(v == "_T" or v in values(row, c) for c, v in zip(by, key, strict=True)) for row in chosen)
        for key in product(*axes)
    }


def lines(by: Sequence[str], cells: Mapping[tuple[str, ...], tuple[str, str]]) -> Lines:
    """Return a table as rows of its CSV file."""
    return [[*by, "count", "status"], *[[*key, count, status] for key, (count, status) in cells.items()]]


def shown(
    counts_by_cell: Mapping[tuple[str, ...], int], hidden: Sequence[tuple[str, ...]] = ()
) -> dict[Any, tuple[str, str]]:
    """Cells as they are published, some of them suppressed."""
    return {key: ("", "suppressed") if key in hidden else (str(n), "ok") for key, n in counts_by_cell.items()}


def table(
    name: str, rows: Lines, *, of: str = "victims", where: Mapping[str, Sequence[str]] | None = None, **more: Any
) -> dict[str, Any]:
    """Return a table and its entry of a manifest; `more` may give params and multi."""
    entry = {"name": name, "of": of, "by": rows[0][:-2], "where": dict(where or {}), "file": f"tables/{name}.csv"}
    return {"rows": rows, "entry": entry | {"params": {}, "multi": []} | more}


def write(
    folder: Path,
    tables: Sequence[dict[str, Any]],
    *,
    manifest: bool = True,
    sha: str = "a",
    as_of: str = "",
    period: str = "2024",
    **more: Any,
) -> Path:
    """Write a folder of tables, as a release or with only its files."""
    (folder / "tables").mkdir(parents=True)
    for written in tables:
        path = folder / (written["entry"]["file"] if manifest else f"{written['entry']['name']}.csv")
        with open(path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(written["rows"])
    if manifest:
        units = sorted({written["entry"]["of"] for written in tables})
        tree = {
            "title": {"en": folder.name},
            "period": period,
            "tables": [written["entry"] for written in tables],
            "snapshots": [{"unit": unit, "fingerprint": sha, "as_of": as_of} for unit in units],
            "policy": {"sensitive": []},
        } | more
        (folder / "manifest.json").write_text(json.dumps(tree))
    return folder
