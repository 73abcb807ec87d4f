"""Published tables as an outsider finds them: CSV files in a folder, with a manifest or without one."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.evidence.counting.frequency_table import MOST_CELLS, TOTAL, WITHHELD, Table, to_csv
from kerege.evidence.sdc.constraints import published_csv
from kerege.evidence.sdc.constraints.linear_system import Floats
from kerege.evidence.sdc.constraints.stated_manifest import StatedManifest, StatedTable
from kerege.vocabulary import snapshot_columns as standard

MANIFESTS = ("manifest.json", "draft.json")
HALF = ("half_width", "D", "d", "max_noise")  # how far a rounded or perturbed count may be from the true one
UNNAMED = "records"
MOST_BYTES = 200_000_000
Group = frozenset[tuple[str, str]]  # codes by column; a column that is not named is not looked at


@dataclass(eq=False)
class Sheet(Table):
    """A published table: for every cell the bounds that the publisher states; cells of no row are withheld."""

    lower: Floats = field(default_factory=lambda: np.zeros(0))
    upper: Floats = field(default_factory=lambda: np.zeros(0))
    release: str = ""
    origin: str = ""  # fingerprint of the snapshot, '' where nobody says
    as_of: str = ""
    period: str = ""
    stated: bool = True  # whether a manifest says unit and filter
    incomplete: frozenset[str] = frozenset()  # columns of which values that occur may be left out
    sensitive: frozenset[str] = frozenset()

    __eq__ = object.__eq__  # a table is itself, whatever another one shows
    __hash__ = object.__hash__

    def group(self, flat: int) -> Group:
        """Who is counted in a cell, besides the filter."""
        return frozenset((c, k) for c, k in zip(self.by, self.keys(flat), strict=True) if k != TOTAL)

    @property
    def filter(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        """The filter, fit for comparing."""
        return frozenset((column, tuple(sorted(values))) for column, values in self.where.items())

    @cached_property
    def groups(self) -> dict[Group, int]:
        """The position of every group of which the table has a row."""
        rows = np.flatnonzero(self.status.ravel() != WITHHELD).tolist()
        return {self.group(flat): flat for flat in rows}

    @cached_property
    def bounded(self) -> dict[Group, tuple[float, float]]:
        """What the table says of the groups of which it says how many there are at most."""
        lower, upper = self.lower.ravel(), self.upper.ravel()
        return {
            group: (float(lower[flat]), float(upper[flat]))
            for group, flat in self.groups.items()
            if np.isfinite(upper[flat])
        }


@dataclass(frozen=True)
class Publication:
    """The tables of one folder."""

    label: str
    sheets: list[Sheet]

    @classmethod
    def read(cls, folder: Path | str) -> Publication:
        """Read all tables of a folder: a release of Kerege, or CSV files of any publisher.

        Without a manifest every CSV file is a table, a column called `count` holds the figures, and what is not a
        number is not published. Signatures are not checked: an intruder takes whatever is there.

        Raises BadInput with one sentence a fault.
        """
        folder = Path(folder)
        tree = _tree(folder)
        files = list(_files(folder, tree.get("tables", [])))
        if not files:
            raise BadInput(Fault("holds no table", "give a folder with CSV files or a release", file=str(folder)))
        manifest = StatedManifest.model_validate(tree)
        label = manifest.title or folder.resolve().name
        return cls(label, _named([_sheet(path, entry, manifest, label) for path, entry in files]))


def _tree(folder: Path) -> dict[str, Any]:
    """The manifest as JSON, {} where there is none; its tables are a list of objects."""
    found = next((folder / name for name in MANIFESTS if (folder / name).is_file()), None)
    if found is None:
        return {}
    try:
        manifest = _encodable(json.loads(found.read_text(encoding="utf-8")))
    except (ValueError, OSError, RecursionError):
        raise BadInput(Fault("is not JSON", "mend it, or take it away", file=str(found))) from None
    entries = manifest.get("tables", []) if isinstance(manifest, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadInput(Fault("is no manifest of a release", "mend it, or take it away", file=str(found)))
    return dict(manifest)


def _encodable(tree: Any) -> Any:
    """The same with a question mark for half a surrogate pair, which JSON can hold and no report."""
    return json.loads(json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace"))


def _files(folder: Path, entries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Path, StatedTable]]:
    for entry in entries:
        name = str(entry.get("file") or f"tables/{entry.get('name')}.csv")
        path = _inside(folder, name)
        if path is None:
            raise BadInput(
                Fault(
                    f"the manifest names {shown(name)}, which is not there", "give the whole release", file=str(folder)
                )
            )
        yield path, StatedTable.model_validate(entry)
    if not entries:
        for path in sorted([*folder.glob("*.csv"), *folder.glob("tables/*.csv")]):
            yield path, StatedTable()


def _inside(folder: Path, name: str) -> Path | None:
    """The file of that name, if there is one in the folder and not beyond."""
    try:
        path = (folder / name).resolve()
        return folder / name if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


def _named(sheets: list[Sheet]) -> list[Sheet]:
    """Tables under names of their own."""
    taken: set[str] = set()
    found = []
    for sheet in sheets:
        name, number = sheet.name, 2
        while name in taken:
            name, number = f"{sheet.name} ({number})", number + 1
        taken.add(name)
        found.append(sheet if name == sheet.name else replace(sheet, name=name))
    return found


def _sheet(path: Path, entry: StatedTable, manifest: StatedManifest, label: str) -> Sheet:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(Fault("has more than a million cells", "give its parts", file=str(path)))
        text = path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError):
        raise BadInput(Fault("is not UTF-8 text", "save it as CSV in UTF-8", file=str(path))) from None
    named = entry if entry.name else entry.model_copy(update={"name": path.stem})
    return parse(text, named, manifest, label, str(path))


def parse(text: str, entry: StatedTable, manifest: StatedManifest, label: str, file: str = "") -> Sheet:
    """A table from its CSV text, what the manifest says of it, and what it says of the whole release."""
    unit, params = entry.of, dict(entry.params)
    rows = published_csv.read(text, file, _half(params), ours=bool(unit))
    axes = tuple((TOTAL, *dict.fromkeys(code for code in column if code != TOTAL)) for column in rows.codes)
    shape = [len(axis) for axis in axes]
    if math.prod(shape) > MOST_CELLS:
        raise BadInput(Fault("has more than a million cells", "give its parts", file=file))
    origin = manifest.snapshot(unit)
    sheet = Sheet(
        entry.name, unit or UNNAMED, rows.by, _where(entry, file), axes, np.zeros(shape, np.int64),
        np.full(shape, WITHHELD, np.uint8), params=params, lower=np.zeros(shape), upper=np.full(shape, np.inf),
        release=label, origin=origin.fingerprint, as_of=origin.as_of, period=manifest.period, stated=bool(unit),
        sensitive=frozenset(manifest.policy.sensitive) & set(rows.by),
    )  # fmt: skip
    _fill(sheet, rows, file)
    sheet.multi = _multi(sheet, entry)
    sheet.incomplete = frozenset(rows.by) if "small_categories" in params else _short(sheet)
    return sheet


def as_sheet(table: Table, label: str, origin: str, as_of: str, period: str) -> Sheet:
    """A table that is about to be published, as it will be found."""
    entry = StatedTable(name=table.name, of=table.of, where=table.where, params=table.params, multi=sorted(table.multi))
    snapshot = {"unit": table.of, "fingerprint": origin, "as_of": as_of}
    manifest = StatedManifest.model_validate({"period": period, "snapshots": [snapshot]})
    return parse(to_csv(table), entry, manifest, label, table.name)


def _where(entry: StatedTable, file: str) -> dict[str, list[str]]:
    where = entry.where or {}
    found = {}
    for name, values in where.items() if isinstance(where, dict) else [("", {})]:
        found[name] = [
            str(each) for each in (values if isinstance(values, list) else [values]) if isinstance(each, str | int)
        ]
        if not found[name] or (isinstance(values, list) and len(found[name]) < len(values)):
            raise BadInput(Fault("the manifest gives it a filter that is none", "mend the manifest", file=file))
    return found


def _half(params: Mapping[str, Any]) -> float:
    """D, where the publisher states it."""
    for name in HALF:
        value = params.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < published_csv.MOST:
            return float(math.floor(value))
    return math.inf


def _fill(sheet: Sheet, rows: published_csv.Lines, file: str) -> None:
    places = [{code: place for place, code in enumerate(axis)} for axis in sheet.axes]
    index = tuple(
        np.array([known[code] for code in column], dtype=np.int64)
        for known, column in zip(places, rows.codes, strict=True)
    )
    shape = sheet.counts.shape
    flat = np.ravel_multi_index(index, shape) if shape else np.zeros(len(rows.said), dtype=np.int64)
    _, first = np.unique(flat, return_index=True)
    if len(first) < len(flat):
        again = int(np.setdiff1d(np.arange(len(flat)), first)[0])
        raise BadInput(Fault("stands twice in the table", "keep one row for each cell", file, rows.numbers[again]))
    for target, name in (
        (sheet.counts, "count"),
        (sheet.status, "status"),
        (sheet.lower, "lower"),
        (sheet.upper, "upper"),
    ):
        target.flat[flat] = [getattr(said, name) for said in rows.said]


def _multi(sheet: Sheet, entry: StatedTable) -> frozenset[str]:
    """Columns in which one person can have several values: said, known, or shown by parts that exceed their total."""
    if entry.multi is not None:
        return frozenset(entry.multi) & set(sheet.by)
    return frozenset(name for d, name in enumerate(sheet.by) if known_several(sheet.of, name) or _exceeds(sheet, d))


def known_several(unit: str, name: str) -> bool:
    """Whether the standard says that a row can have several values in a column."""
    try:
        return standard.column(unit, name).multi
    except LookupError:
        return False


def _exceeds(sheet: Sheet, d: int) -> bool:
    lower, upper = np.moveaxis(sheet.lower, d, 0), np.moveaxis(sheet.upper, d, 0)
    return bool((lower[1:].sum(axis=0) > upper[0]).any())


def _short(sheet: Sheet) -> frozenset[str]:
    """Columns whose parts do not reach their total, of tables of which nobody says that they are complete."""
    if sheet.stated:
        return frozenset()
    found = set()
    for d, name in enumerate(sheet.by):
        lower, upper = np.moveaxis(sheet.lower, d, 0), np.moveaxis(sheet.upper, d, 0)
        if name not in sheet.multi and (lower[0] > upper[1:].sum(axis=0)).any():
            found.add(name)
    return frozenset(found)
