"""Published tables as an outsider finds them: CSV files in a folder, with a manifest or without one."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kerege.evidence.protect.system import Floats
from kerege.evidence.snapshot import shown
from kerege.evidence.tables import MOST_CELLS, OK, PERTURBED, SUPPRESSED, TOTAL, WITHHELD, Table, to_csv
from kerege.standard import snapshot as standard
from kerege.standard.faults import BadInput, Fault

MANIFESTS = ("manifest.json", "draft.json")
TOTALS = {"_t", "total", "all", "всего", "итого", "барлығы"}
COUNTS = ("count", "n", "value", "obs_value")
HALF = ("half_width", "D", "d", "max_noise")  # how far a rounded or perturbed count may be from the true one
BASE = ("rounded_to", "base")
UNNAMED = "records"
LESS = re.compile(r"[<≤]\s*=?\s*(\d+)")
Group = frozenset[tuple[str, str]]  # codes by column; a column that is not named is not looked at


@dataclass(eq=False)
class Sheet(Table):
    """A published table: for every cell the bounds that the publisher states; cells of no row are withheld."""

    lower: Floats = field(default_factory=lambda: np.zeros(0))
    upper: Floats = field(default_factory=lambda: np.zeros(0))
    release: str = ""
    origin: str = ""  # hash of the snapshot, '' where nobody says
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


@dataclass(frozen=True)
class Publication:
    """The tables of one folder."""

    label: str
    sheets: list[Sheet]
    manifest: Mapping[str, Any]


def read(folder: Path) -> Publication:
    """All tables of a folder; raises BadInput with one sentence a fault.

    Without a manifest every CSV file is a table, a column called `count` holds the figures, what is not a number is not
    published. Signatures are not looked at: an attacker takes whatever is there.
    """
    folder = Path(folder)
    manifest = _manifest(folder)
    files = list(_files(folder, manifest))
    if not files:
        raise BadInput(Fault("holds no table", "give a folder with CSV files or a release", file=str(folder)))
    title = manifest.get("title")
    label = str(title.get("en")) if isinstance(title, dict) and title.get("en") else folder.resolve().name
    return Publication(label, [_sheet(path, entry, manifest, label) for path, entry in files], manifest)


def _manifest(folder: Path) -> dict[str, Any]:
    found = next((folder / name for name in MANIFESTS if (folder / name).is_file()), None)
    if found is None:
        return {}
    try:
        manifest = json.loads(found.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        raise BadInput(Fault("is not JSON", "mend it, or take it away", file=str(found))) from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("tables", []), list):
        raise BadInput(Fault("is no manifest of a release", "mend it, or take it away", file=str(found)))
    return manifest


def _files(folder: Path, manifest: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    entries = [entry for entry in manifest.get("tables", []) if isinstance(entry, dict)]
    for entry in entries:
        name = str(entry.get("file") or f"tables/{entry.get('name')}.csv")
        path = folder / name
        if ".." in Path(name).parts or Path(name).is_absolute() or not path.is_file():
            raise BadInput(Fault(f"the manifest names {shown(name)}, which is not there", "give the whole release",
                                 file=str(folder)))  # fmt: skip
        yield path, entry
    if not entries:
        for path in sorted([*folder.glob("*.csv"), *folder.glob("tables/*.csv")]):
            yield path, {}


def _sheet(path: Path, entry: Mapping[str, Any], manifest: Mapping[str, Any], label: str) -> Sheet:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError):
        raise BadInput(Fault("is not UTF-8 text", "save it as CSV in UTF-8", file=str(path))) from None
    return parse(text, {"name": path.stem} | dict(entry), manifest, label, str(path))


def parse(text: str, entry: Mapping[str, Any], manifest: Mapping[str, Any], label: str, file: str = "") -> Sheet:
    """A table from its CSV text, what the manifest says of it, and what it says of the whole release."""
    stated = bool(entry.get("of"))
    columns, rows = _rows(text, file, stated)
    unit = str(entry.get("of") or UNNAMED)
    params = entry.get("params") if isinstance(entry.get("params"), dict) else {}
    axes = tuple((TOTAL, *dict.fromkeys(row[0][d] for row in rows if row[0][d] != TOTAL)) for d in range(len(columns)))
    shape = [len(axis) for axis in axes]
    if np.prod(shape, dtype=object) > MOST_CELLS:
        raise BadInput(Fault("has more than a million cells", "give its parts", file=file))
    origin = _snapshot(manifest, unit)
    sheet = Sheet(
        str(entry["name"]), unit, tuple(columns), _where(entry), axes, np.zeros(shape, np.int64),
        np.full(shape, WITHHELD, np.uint8), params=dict(params or {}), lower=np.zeros(shape),
        upper=np.full(shape, np.inf), release=label, origin=str(origin.get("sha256", "")),
        as_of=str(origin.get("as_of") or ""), period=str(manifest.get("period", "")), stated=stated,
    )  # fmt: skip
    _fill(sheet, rows, file, _half(sheet.params))
    sheet.multi = _multi(sheet, entry)
    policy = manifest.get("policy") or {}
    sheet.sensitive = frozenset(map(str, policy.get("sensitive", ()))) & set(columns)
    if "small_categories" in sheet.params:
        sheet.incomplete = frozenset(columns)
    return sheet


def as_sheet(table: Table, label: str, origin: str, as_of: str, period: str) -> Sheet:
    """A table that is about to be published, as it will be found."""
    entry = {
        "name": table.name,
        "of": table.of,
        "where": table.where,
        "params": table.params,
        "multi": sorted(table.multi),
    }
    manifest = {"period": period, "snapshots": [{"unit": table.of, "sha256": origin, "as_of": as_of}]}
    return parse(to_csv(table), entry, manifest, label, table.name)


def _snapshot(manifest: Mapping[str, Any], unit: str) -> Mapping[str, Any]:
    snapshots = manifest.get("snapshots")
    known = [each for each in snapshots if isinstance(each, dict)] if isinstance(snapshots, list) else []
    return next((each for each in known if each.get("unit") == unit), {})


def _where(entry: Mapping[str, Any]) -> dict[str, list[str]]:
    where = entry.get("where") or {}
    return {str(name): [str(v) for v in (values if isinstance(values, list) else [values])]
            for name, values in where.items()}  # fmt: skip


def _half(params: Mapping[str, Any]) -> float:
    """D, where the publisher states it."""
    for name in HALF:
        if isinstance(params.get(name), int | float):
            return float(params[name])
    base = next((params[name] for name in BASE if isinstance(params.get(name), int)), None)
    return np.inf if base is None else float(base // 2)


Line = tuple[tuple[str, ...], str, str, int]  # codes, count, status, row number


def _rows(text: str, file: str, ours: bool) -> tuple[list[str], list[Line]]:
    reader = csv.reader(io.StringIO(text))
    header = [name.strip() for name in next(reader, [])]
    lowered = [name.lower() for name in header]
    place = next((lowered.index(name) for name in COUNTS if name in lowered), None)
    if place is None or len(set(header)) < len(header):
        raise BadInput(Fault("has no column count", "give a column a dimension, then count and status", file, 1))
    status = lowered.index("status") if "status" in lowered else None
    dims = [i for i in range(len(header)) if i not in (place, status)]
    rows: list[Line] = []
    for number, row in enumerate(reader, 2):
        if not row:
            continue
        if len(row) != len(header):
            raise BadInput(Fault(f"has {len(row)} cells, not {len(header)}", "mend the row", file, number))
        keys = tuple(_code(row[i], ours) for i in dims)
        rows.append((keys, row[place].strip(), row[status].strip() if status is not None else "", number))
    return [header[i] for i in dims], rows


def _code(text: str, ours: bool) -> str:
    return TOTAL if not ours and text.strip().lower() in TOTALS else text


def _fill(sheet: Sheet, rows: list[Line], file: str, half: float) -> None:
    places = [{code: i for i, code in enumerate(axis)} for axis in sheet.axes]
    for keys, count, status, number in rows:
        at = tuple(place[key] for place, key in zip(places, keys, strict=True))
        if sheet.status[at] != WITHHELD:
            raise BadInput(Fault("stands twice in the table", "keep one row for each cell", file, number))
        fault = Fault(f"{shown(count)!r} is no count", "give a whole number of at least 0", file, number, "count")
        _cell(sheet, at, count, status, half, fault)


def _cell(sheet: Sheet, at: tuple[int, ...], count: str, status: str, half: float, fault: Fault) -> None:
    sheet.status[at] = SUPPRESSED
    number = _number(count)
    if status in ("suppressed", "noised") or number is None:
        if status in ("ok", "perturbed") or (number is None and count[:1] in "-+" and count[1:2].isdigit()):
            raise BadInput(fault)
        below = LESS.fullmatch(count)
        if below:
            sheet.upper[at] = float(below[1]) - ("=" not in count and "≤" not in count)
        return
    sheet.counts[at] = number
    d = half if status == "perturbed" else 0.0
    sheet.status[at] = PERTURBED if status == "perturbed" else OK
    sheet.lower[at], sheet.upper[at] = max(number - d, 0), number + d


def _number(text: str) -> int | None:
    plain = re.sub(r"(?<=\d)[,\s\u00a0\u202f](?=\d{3}(\D|$))", "", text)
    return int(plain) if plain.isascii() and plain.isdigit() else None


def _multi(sheet: Sheet, entry: Mapping[str, Any]) -> frozenset[str]:
    """Columns in which one person can have several values: said, known, or shown by parts that exceed their total."""
    said = entry.get("multi")
    if isinstance(said, list):
        return frozenset(map(str, said)) & set(sheet.by)
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
