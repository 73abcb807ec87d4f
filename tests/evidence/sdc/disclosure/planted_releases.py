"""Releases with a planted disclosure, and what an assessment learns from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kerege.evidence.sdc.disclosure.intruder import examine
from tests.evidence.made_folders import table, write

Value = int | str | tuple[int, str]
Report = dict[str, Any]


def one(name: str, column: str, cells: Mapping[str, Value], **more: Any) -> dict[str, Any]:
    """Return a table by one column: numbers, '' for suppressed, or a number and its status."""
    return table(
        name,
        [[column, "count", "status"], *[[code, *count_and_status(value)] for code, value in cells.items()]],
        **more,
    )


def total(name: str, value: Value, **more: Any) -> dict[str, Any]:
    """Return a table of a single figure."""
    return table(name, [["count", "status"], count_and_status(value)], **more)


def count_and_status(value: Value) -> list[str]:
    if isinstance(value, tuple):
        return [str(value[0]), value[1]]
    return ["", "suppressed"] if value == "" else [str(value), "ok"]


def publish(folder: Path, *tables: dict[str, Any], prior: Sequence[Path] = (), **more: Any) -> Report:
    """Return the report on a release of these tables."""
    return examine(write(folder / "new", tables, **more), prior).tree
