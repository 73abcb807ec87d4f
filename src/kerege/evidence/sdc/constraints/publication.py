"""Published tables as an intruder finds them: CSV files in a folder, with or without a manifest."""

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
HALF = ("half_width", "D", "d", "max_noise")  # parameters that state the largest change of a count
UNNAMED = "records"
MOST_BYTES = 200_000_000
Group = frozenset[tuple[str, str]]  # (column, code) pairs; all other columns are summed over


@dataclass(eq=False)
class Sheet(Table):
    """A published table, with the bounds that the publisher states for every cell.

    A cell without a row is withheld.
    """

    lower: Floats = field(default_factory=lambda: np.zeros(0))
    upper: Floats = field(default_factory=lambda: np.zeros(0))
    release: str = ""
    origin: str = ""  # fingerprint of the snapshot, '' when it is not stated
    as_of: str = ""
    period: str = ""
    stated: bool = True  # whether a manifest states unit and filter
    incomplete: frozenset[str] = frozenset()  # columns that may leave out values that occur
    sensitive: frozenset[str] = frozenset()

    __eq__ = object.__eq__  # compared by identity: two tables may have equal content
    __hash__ = object.__hash__

    def group(self, flat: int) -> Group:
        """Return the codes of a cell by column, totals and the filter left out."""
        return frozenset((c, k) for c, k in zip(self.by, self.keys(flat), strict=True) if k != TOTAL)

    @property
    def filter(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        """Return the filter in a hashable form."""
        return frozenset((column, tuple(sorted(values))) for column, values in self.where.items())

    @cached_property
    def groups(self) -> dict[Group, int]:
        """Return the position of every group that has a row in the table."""
        rows = np.flatnonzero(self.status.ravel() != WITHHELD).tolist()
        return {self.group(flat): flat for flat in rows}

    @cached_property
    def bounded(self) -> dict[Group, tuple[float, float]]:
        """Return the bounds of every group for which the table states an upper bound."""
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

        Without a manifest every CSV file is a table. Its column `count` holds the figures, and text that is no number
        is an unpublished count. Signatures are not checked: an intruder uses any file.

        Raises BadInput with one sentence for each fault.
        """
        folder = Path(folder)
        tree = _read_manifest(folder)
        files = list(_table_files(folder, tree.get("tables", [])))
        if not files:
            raise BadInput(Fault("holds no table", "give a folder with CSV files or a release", file=str(folder)))
        manifest = StatedManifest.model_validate(tree)
        label = manifest.title or folder.resolve().name
        return cls(label, _with_unique_names([_read_sheet(path, entry, manifest, label) for path, entry in files]))


def _read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest as JSON, {} without one; its `tables` is a list of objects. Raises BadInput."""
    path = next((folder / name for name in MANIFESTS if (folder / name).is_file()), None)
    if path is None:
        return {}
    try:
        manifest = _replace_surrogates(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, OSError, RecursionError):
        raise BadInput(Fault("is not JSON", "mend it, or take it away", file=str(path))) from None
    entries = manifest.get("tables", []) if isinstance(manifest, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadInput(Fault("is no manifest of a release", "mend it, or take it away", file=str(path)))
    return dict(manifest)


def _replace_surrogates(tree: Any) -> Any:
    """Replace lone surrogates by question marks: JSON can hold them, a report in UTF-8 cannot."""
    return json.loads(json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace"))


def _table_files(folder: Path, entries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Path, StatedTable]]:
    for entry in entries:
        name = str(entry.get("file") or f"tables/{entry.get('name')}.csv")
        path = _file_within(folder, name)
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


def _file_within(folder: Path, name: str) -> Path | None:
    """Return the file of that name if it lies in the folder, else None."""
    try:
        path = (folder / name).resolve()
        return folder / name if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


def _with_unique_names(sheets: list[Sheet]) -> list[Sheet]:
    """Return the tables with unique names: repeated names get a number."""
    used: set[str] = set()
    renamed = []
    for sheet in sheets:
        name, number = sheet.name, 2
        while name in used:
            name, number = f"{sheet.name} ({number})", number + 1
        used.add(name)
        renamed.append(sheet if name == sheet.name else replace(sheet, name=name))
    return renamed


def _read_sheet(path: Path, entry: StatedTable, manifest: StatedManifest, label: str) -> Sheet:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(Fault("has more than a million cells", "give its parts", file=str(path)))
        text = path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError):
        raise BadInput(Fault("is not UTF-8 text", "save it as CSV in UTF-8", file=str(path))) from None
    named = entry if entry.name else entry.model_copy(update={"name": path.stem})
    return parse(text, named, manifest, label, str(path))


def parse(text: str, entry: StatedTable, manifest: StatedManifest, label: str, file: str = "") -> Sheet:
    """Return a table from its CSV text and what the manifest states of it and of the release."""
    unit, params = entry.of, dict(entry.params)
    rows = published_csv.read(text, file, _half_width(params), ours=bool(unit))
    axes = tuple((TOTAL, *dict.fromkeys(code for code in column if code != TOTAL)) for column in rows.codes)
    shape = [len(axis) for axis in axes]
    if math.prod(shape) > MOST_CELLS:
        raise BadInput(Fault("has more than a million cells", "give its parts", file=file))
    snapshot = manifest.snapshot(unit)
    sheet = Sheet(
        entry.name, unit or UNNAMED, rows.by, _parse_filter(entry, file), axes, np.zeros(shape, np.int64),
        np.full(shape, WITHHELD, np.uint8), params=params, lower=np.zeros(shape), upper=np.full(shape, np.inf),
        release=label, origin=snapshot.fingerprint, as_of=snapshot.as_of, period=manifest.period, stated=bool(unit),
        sensitive=frozenset(manifest.policy.sensitive) & set(rows.by),
    )  # fmt: skip
    _fill_cells(sheet, rows, file)
    sheet.multi = _multi_valued(sheet, entry)
    sheet.incomplete = frozenset(rows.by) if "small_categories" in params else _incomplete_columns(sheet)
    return sheet


def as_sheet(table: Table, label: str, origin: str, as_of: str, period: str) -> Sheet:
    """Return a table that is about to be published in the form in which an intruder will find it."""
    entry = StatedTable(name=table.name, of=table.of, where=table.where, params=table.params, multi=sorted(table.multi))
    stated = {"unit": table.of, "fingerprint": origin, "as_of": as_of}
    manifest = StatedManifest.model_validate({"period": period, "snapshots": [stated]})
    return parse(to_csv(table), entry, manifest, label, table.name)


def _parse_filter(entry: StatedTable, file: str) -> dict[str, list[str]]:
    where = entry.where or {}
    filters = {}
    for name, values in where.items() if isinstance(where, dict) else [("", {})]:
        filters[name] = [
            str(value) for value in (values if isinstance(values, list) else [values]) if isinstance(value, str | int)
        ]
        if not filters[name] or (isinstance(values, list) and len(filters[name]) < len(values)):
            raise BadInput(Fault("the manifest gives it a filter that is none", "mend the manifest", file=file))
    return filters


def _half_width(params: Mapping[str, Any]) -> float:
    """Return the largest change of a rounded or perturbed count, infinity when it is not stated."""
    for name in HALF:
        value = params.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < published_csv.MOST:
            return float(math.floor(value))
    return math.inf


def _fill_cells(sheet: Sheet, rows: published_csv.PublishedRows, file: str) -> None:
    places = [{code: place for place, code in enumerate(axis)} for axis in sheet.axes]
    index = tuple(
        np.array([positions[code] for code in column], dtype=np.int64)
        for positions, column in zip(places, rows.codes, strict=True)
    )
    shape = sheet.counts.shape
    flat = np.ravel_multi_index(index, shape) if shape else np.zeros(len(rows.counts), dtype=np.int64)
    _, first = np.unique(flat, return_index=True)
    if len(first) < len(flat):
        repeated = int(np.setdiff1d(np.arange(len(flat)), first)[0])
        raise BadInput(Fault("stands twice in the table", "keep one row for each cell", file, rows.numbers[repeated]))
    for target, name in (
        (sheet.counts, "count"),
        (sheet.status, "status"),
        (sheet.lower, "lower"),
        (sheet.upper, "upper"),
    ):
        target.flat[flat] = [getattr(entry, name) for entry in rows.counts]


def _multi_valued(sheet: Sheet, entry: StatedTable) -> frozenset[str]:
    """Return the multi-valued columns: stated, known, or with values that exceed their total."""
    if entry.multi is not None:
        return frozenset(entry.multi) & set(sheet.by)
    return frozenset(
        name for d, name in enumerate(sheet.by) if is_multi_valued(sheet.of, name) or _exceeds_total(sheet, d)
    )


def is_multi_valued(unit: str, name: str) -> bool:
    """Return whether the standard allows several values of a row in a column."""
    try:
        return standard.column(unit, name).multi
    except LookupError:
        return False


def _exceeds_total(sheet: Sheet, d: int) -> bool:
    """Return whether the values of a dimension certainly sum to more than their total."""
    lower, upper = np.moveaxis(sheet.lower, d, 0), np.moveaxis(sheet.upper, d, 0)
    return bool((lower[1:].sum(axis=0) > upper[0]).any())


def _incomplete_columns(sheet: Sheet) -> frozenset[str]:
    """Return the columns of an unstated table whose values do not reach their total."""
    if sheet.stated:
        return frozenset()
    columns = set()
    for d, name in enumerate(sheet.by):
        lower, upper = np.moveaxis(sheet.lower, d, 0), np.moveaxis(sheet.upper, d, 0)
        if name not in sheet.multi and (lower[0] > upper[1:].sum(axis=0)).any():
            columns.add(name)
    return frozenset(columns)
