"""Published tables as an independent intruder reads them, without code of the product."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

ANOTHER, FAR = "another", 20_000
Value = str | frozenset[str]
Ends = tuple[int, int]
ABOVE = {
    "exploitation_form": (
        "exploitation",
        {"forced_labour": "labour", "child_labour": "labour", "begging": "other", "sexual_exploitation": "sexual"},
    ),
    "age_band": ("age_group", {"0_8": "child", "9_17": "child", "18_25": "adult", "26_30": "adult"}),
    "quarter": ("year", {f"{year}-Q{n}": str(year) for year in (2023, 2024) for n in (1, 2)}),
}


class Contradiction(Exception):
    """No register is consistent with the tables."""


@dataclass(frozen=True)
class Sheet:
    """A published table; `cells` holds the bounds and the status of each row, None for no upper bound."""

    release: str
    name: str
    unit: str
    by: tuple[str, ...]
    where: dict[str, tuple[str, ...]]
    cells: dict[tuple[str, ...], tuple[int, int | None, str]]
    multi: frozenset[str]
    key: tuple[str, str]
    as_of: str
    period: str
    stated: bool
    complete: bool

    __hash__ = object.__hash__

    def axis(self, column: str) -> set[str]:
        return {key[self.by.index(column)] for key in self.cells} - {"_T"}

    def grid(self) -> Iterator[tuple[str, ...]]:
        return product(*[["_T", *sorted(self.axis(column))] for column in self.by])

    def group(self, key: tuple[str, ...]) -> frozenset[tuple[str, str]]:
        return frozenset((c, v) for c, v in zip(self.by, key, strict=True) if v != "_T")

    def lines(self, d: int) -> Iterator[tuple[Ends, int, float]]:
        """Yield, for one column, the bounds of each total, and the least and most of the sum of its values."""
        for key, (least, most, _) in self.cells.items():
            if key[d] == "_T":
                parts = [
                    self.cells.get((*key[:d], value, *key[d + 1 :]), (0, None, "")) for value in self.axis(self.by[d])
                ]
                top = sum(float("inf") if part[1] is None else part[1] for part in parts)
                published = sum(part[0] for part in parts if part[1] is not None)
                yield (least, FAR if most is None else most), published, top

    def exceeding(self) -> frozenset[str]:
        """Return the columns whose values exceed their total, so that they must be multi-valued."""
        if self.stated:
            return frozenset()
        return frozenset(c for d, c in enumerate(self.by) if any(least > total[1] for total, least, _ in self.lines(d)))

    def short(self) -> frozenset[str]:
        """Return the columns whose values do not reach their total, so that some values are left out."""
        if self.stated:
            return frozenset() if self.complete else frozenset(self.by)
        return frozenset(c for d, c in enumerate(self.by) if any(most < total[0] for total, _, most in self.lines(d)))

    @property
    def filter(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        return frozenset((c, tuple(sorted(v))) for c, v in self.where.items())


def load_all(folders: Iterable[Path]) -> tuple[Sheet, ...]:
    """Return the tables of folders, oldest first."""
    return tuple(sheet for folder in folders for sheet in load(folder))


def load(folder: Path) -> list[Sheet]:
    """Return the tables of a folder."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text()) if path.exists() else {}
    entries = manifest.get("tables") or [
        {"file": file.name, "name": file.stem} for file in sorted(folder.glob("*.csv"))
    ]
    return [_sheet(folder, entry, manifest) for entry in entries]


def _sheet(folder: Path, entry: dict[str, Any], manifest: dict[str, Any]) -> Sheet:
    with open(folder / entry["file"], encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
        by = tuple(
            name
            for name in csv.reader([(folder / entry["file"]).read_text().splitlines()[0]]).__next__()
            if name not in ("count", "status")
        )
    d = entry.get("params", {}).get("half_width")
    unit = entry.get("of", "records")
    snapshot = next((entry for entry in manifest.get("snapshots", []) if entry["unit"] == unit), {})
    title = manifest.get("title", {}).get("en", folder.name)
    key = (unit, snapshot.get("fingerprint") or f"in {title}")
    return Sheet(
        title,
        entry["name"],
        unit,
        by,
        {c: tuple(v) for c, v in entry.get("where", {}).items()},
        {tuple(row[name] for name in by): _bounds_of(row, d) for row in rows},
        frozenset(entry.get("multi", ())),
        key,
        snapshot.get("as_of", ""),
        manifest.get("period", ""),
        "of" in entry,
        "small_categories" not in entry.get("params", {}),
    )


def _bounds_of(row: dict[str, str], d: int | None) -> tuple[int, int | None, str]:
    status = row.get("status") or ("ok" if row["count"].isdigit() else "suppressed")
    if status in ("suppressed", "noised") or (status == "perturbed" and d is None):
        return int(status == "suppressed"), None, status
    count, half = int(row["count"]), (d or 0) if status == "perturbed" else 0
    return max(count - half, 0), count + half, status
