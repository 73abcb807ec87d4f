"""Public values of the columns: from code lists or a schema file, never from the records."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed, shown
from kerege.evidence.data.record_frames import SEPARATOR
from kerege.evidence.data.snapshot import RESERVED, Snapshot
from kerege.evidence.synthesis.measurement.date_precision import DatePrecision, read_precision
from kerege.evidence.synthesis.measurement.number_bins import NumberBins, read_private_bins, read_public_bins
from kerege.vocabulary import codes, ctdc_files

CODE_LIST, FILE, CTDC, DISCOVERED = "code list", "schema file", "variables of CTDC", "discovered under delta"
MEASURED = "edges found under the privacy loss"
LEFT_OUT = "left out by the schema file"  # no certificate names it
LEAST_ANSWERS = 20  # answers of which none repeats another that make a column look like an identifier
SOURCES = (CODE_LIST, FILE, CTDC, DISCOVERED, MEASURED)
CTDC_LIST = "ctdc."  # start of the name of a list of a CTDC variable in a schema file
MOST_UNLISTED = 10  # values that a record keeps in a multi-valued column that nobody listed
CODINGS = {"bins", "private_bins", "date"}  # keys of columns of numbers and dates
KEYS = {"values", "list", "multi", "source", "open", "leave_out", "range", "step", *CODINGS}
# keys of a schema file that belong to some codings only, with these
LIMITS = {"range": {"private_bins", "date"}, "step": {"private_bins"}}
REMEDY = (
    'give values = ["A", "B"], list = "sex", open = true, bins = [0, 18, 60] or date = "month", '
    "and multi = true for several values per record; or leave_out = true"
)


@dataclass(frozen=True)
class Column:
    """The public values of a column, in order.

    `multi` columns hold several per record; `source` is their origin. `code_list` is the code list of the values, '' if
    none is known. `coding` makes values of the numbers or dates of the column; None for a column of categories.
    """

    name: str
    values: tuple[str, ...]
    multi: bool = False
    source: str = FILE
    code_list: str = ""
    coding: NumberBins | DatePrecision | None = None

    @property
    def open(self) -> bool:
        """Return whether the column has no public list: only values that many records report are found."""
        return self.source == DISCOVERED

    @property
    def awaits_edges(self) -> bool:
        """Return whether the column has private bins whose edges are not measured yet."""
        return isinstance(self.coding, NumberBins) and not self.coding.is_found

    @property
    def size(self) -> int:
        """Return the number of values, or the most bins that can be found."""
        return self.coding.private if isinstance(self.coding, NumberBins) and self.awaits_edges else len(self.values)


Schema = tuple[Column, ...]
Tree = dict[str, Any]  # contents of a schema file
Item = TypeVar("Item")


def width(schema: Schema) -> int:
    """Return the most values of a record: one per column, all values of a listed multi-valued column."""
    return sum(_count_most(column) for column in schema)


def count_unlisted(schema: Schema) -> int:
    """Return the most values of a record that nobody listed."""
    return sum(_count_most(column) for column in schema if column.open)


def _count_most(column: Column) -> int:
    if not column.multi:
        return 1
    return MOST_UNLISTED if column.open else len(column.values)


def as_dict(schema: Schema) -> Tree:
    """Return the values of a schema as the tree of a schema file; the digest of a request holds it."""
    return {
        "columns": {
            column.name: {"values": list(column.values), "multi": column.multi, "source": column.source}
            | (column.coding.describe() if column.coding else {})
            for column in schema
        }
    }


def describe(schema: Schema) -> Tree:
    """Return the tree of `as_dict` with the code lists, for a certificate."""
    tree = as_dict(schema)
    for column in schema:
        if column.code_list:
            tree["columns"][column.name]["list"] = column.code_list
    return tree


def read(path: Path) -> Schema:
    """Return the schema of a file.

    A column is `[columns.NAME]` with `values = [...]`, `list = "code list"` or `open = true`, and `multi`.

    A `source` key is ignored: the author of the file vouches for the list. Raise BadInput for an unreadable file, an
    unknown code list, and for missing, reserved or repeated values.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise BadInput(Fault("cannot be read", "check the path and its permissions", str(path))) from None
    except ValueError:  # bad TOML or bad UTF-8
        raise BadInput(Fault("is not TOML", "write [columns.NAME] with values = [...]", str(path))) from None
    if isinstance(columns := tree.get("columns"), dict):
        for entry in columns.values():
            if isinstance(entry, dict):
                entry.pop("source", None)  # with `list` and `values` it would look like an entry of a certificate
    return parse_schema(tree, str(path))


def parse_schema(tree: Tree, file: str = "") -> Schema:
    """Return the schema of a tree (of `as_dict`, of `describe` or of a schema file).

    Raise BadInput for a tree that is not valid.
    """
    columns = tree.get("columns")
    if not isinstance(columns, dict) or not columns or set(tree) != {"columns"}:
        raise BadInput(Fault("names no columns", "write [columns.NAME] with values = [...]", file))
    return tuple(_collect(lambda item: _parse_column(*item, file), columns.items()))


def _collect(build: Callable[[Item], Column], items: Iterable[Item]) -> list[Column]:
    """Return the columns built from items. Raise BadInput with the faults of all items."""
    columns, faults = [], []
    for item in items:
        try:
            columns.append(build(item))
        except BadInput as bad:
            faults += bad.faults
    if faults:
        raise BadInput(faults)
    return columns


def _parse_column(name: str, entry: Any, file: str) -> Column:
    if not isinstance(entry, dict) or not set(entry) <= (KEYS | {"edges"} if "source" in entry else KEYS):
        raise BadInput(Fault("is not described", REMEDY, file, column=shown(name)))
    is_listed = {"values", "list", "source"} <= set(entry)  # by `describe`, in a certificate
    is_open = entry.get("open", False)
    codings = CODINGS & set(entry)
    is_coded = bool(codings) and {"values", "source"} <= set(entry)  # by `describe` too
    flags = [entry.get(key, False) for key in ("open", "leave_out", "multi")]
    ways = ("values" in entry) + ("list" in entry) - is_listed + flags[:2].count(True) + len(codings) - is_coded
    if ways != 1 or not all(isinstance(value, bool) for value in flags):
        raise BadInput(Fault("needs one of values, list, open, bins or date", REMEDY, file, column=shown(name)))
    _check_limits(name, entry, file)
    if codings:
        return _take_coding(name, entry, file)
    if entry.get("leave_out"):
        return Column(name, (), source=LEFT_OUT)
    if is_open:
        return Column(name, (), entry.get("multi", False), DISCOVERED)
    if "list" in entry and not is_listed:
        return _take_list(name, str(entry["list"]), entry.get("multi", False), file)
    return _take_values(name, entry, file)


def _check_limits(name: str, entry: Tree, file: str) -> None:
    """Raise BadInput for a range or a step beside values or bins to which it does not apply."""
    faults = [
        Fault(
            f"has `{key}`, which applies to {' and '.join(sorted(codings))} only",
            "leave it out",
            file,
            column=shown(name),
        )
        for key, codings in LIMITS.items()
        if key in entry and not codings & set(entry)
    ]
    if faults:
        raise BadInput(faults)


def _take_coding(name: str, entry: Tree, file: str) -> Column:
    """Return a column of numbers or dates; an entry of a certificate has the values that were found too."""
    multi = entry.get("multi", False)
    if "private_bins" in entry:
        bins = read_private_bins(entry, name, file)
        if multi:
            raise BadInput(_refuse_private_bins(name, file))
        return Column(name, bins.labels, multi, MEASURED, coding=bins)
    if "bins" in entry:
        public = read_public_bins(entry["bins"], name, file)
        return Column(name, public.labels, multi, FILE, coding=public)
    precision = read_precision(entry, name, file)
    values = _take_values(name, entry, file).values if entry.get("values") else precision.labels
    return Column(name, values, multi, FILE if precision.first else DISCOVERED, coding=precision)


def _refuse_private_bins(name: str, file: str) -> Fault:
    what = "has private bins for several values per record"
    return Fault(what, "give bins = [...], or one value per record", file, column=shown(name))


def _take_list(name: str, code_list: str, multi: bool, file: str) -> Column:
    """Return a column with the values of a code list, or of a variable of CTDC."""
    variable = code_list.removeprefix(CTDC_LIST)
    if variable != code_list and (values := ctdc_files.values(variable)):
        return Column(name, values, multi, CTDC, ctdc_files.LISTS.get(variable, ""))
    try:
        return Column(name, codes.values(code_list), multi, CODE_LIST, code_list)
    except codes.UnknownList:
        near = get_close_matches(code_list, codes.names(), 3)
        todo = f"take {listed(near)}" if near else "see the reference of code lists"
        what = f"names a code list that does not exist: {shown(code_list)}"
        raise BadInput(Fault(what, todo, file, column=shown(name))) from None


def _take_values(name: str, entry: Tree, file: str) -> Column:
    """Return a column with the values of an entry."""
    values, source, multi = entry["values"], entry.get("source", FILE), entry.get("multi", False)
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise BadInput(Fault("has no list of texts as its values", REMEDY, file, column=shown(name)))
    faults = []
    if source not in SOURCES:
        faults.append(("has values without a known source", REMEDY))
    if not values and source != DISCOVERED:
        faults.append(("names no values", REMEDY))
    if len(set(values)) < len(values):
        faults.append(("names a value twice", "name each value once"))
    if set(values) & set(RESERVED):
        faults.append(("_T, _U and _O are reserved for totals, not reported and small groups", "name others"))
    if multi and any(SEPARATOR in value for value in values):
        faults.append((f"has a value with {SEPARATOR}, which separates values", "recode it"))
    if faults:
        raise BadInput([Fault(what, todo, file, column=shown(name)) for what, todo in faults])
    return Column(name, tuple(values), multi, source, str(entry.get("list", "")))


def read_known_columns(snapshot: Snapshot, listed_columns: Schema = (), columns: tuple[str, ...] = ()) -> Schema:
    """Return the columns of a snapshot with their public values.

    A column without a list is `open` and has none. The lists of `listed_columns` (a schema file) have priority over the
    code lists of the standard and, for files with CTDC columns, over the variables of CTDC. `columns` selects some
    columns. Raise BadInput with all faults, such as names that the snapshot does not have.
    """
    described = {column.name: column for column in listed_columns}
    left_out = {column.name for column in listed_columns if column.source == LEFT_OUT}
    names = list(columns) or [name for name in snapshot.columns if name not in left_out]
    if not names:
        raise BadInput(Fault("the schema file leaves out every column", "describe some", snapshot.path))
    faults = [
        (f"is {LEFT_OUT}", "take it out of the columns, or describe it", name) for name in names if name in left_out
    ]
    faults += [
        ("there is no such column", f"choose among: {listed(snapshot.columns)}", name)
        for name in dict.fromkeys((*names, *described))
        if name not in snapshot.columns
    ]
    faults += [
        ("is named twice", "name each column once", name) for name in dict.fromkeys(names) if names.count(name) > 1
    ]
    if faults:
        raise BadInput([Fault(what, todo, snapshot.path, column=shown(name)) for what, todo, name in faults])
    return tuple(_collect(lambda name: _build_public_column(snapshot, name, described), names))


def _build_public_column(snapshot: Snapshot, name: str, described: Mapping[str, Column]) -> Column:
    multi = name in snapshot.multi
    if name in described and described[name].multi and not multi:
        todo = "write lists in Parquet, or leave multi out"
        fault = Fault("has one value per record, several in the schema file", todo, snapshot.path, column=shown(name))
        raise BadInput(fault)
    if multi and name in described and described[name].awaits_edges:
        raise BadInput(_refuse_private_bins(name, snapshot.path))
    if name in described:
        return replace(described[name], multi=multi)
    if code_list := snapshot.list_of(name):
        return Column(name, codes.values(code_list), multi, CODE_LIST, code_list)
    if not multi and ctdc_files.is_like(snapshot.columns) and (values := ctdc_files.values(name)):
        return Column(name, values, False, CTDC, ctdc_files.LISTS.get(name, ""))
    return Column(name, (), multi, DISCOVERED)


def check(frame: pl.DataFrame, schema: Schema) -> list[str]:
    """Return warnings about answers that are not in the public lists, for the holder of the records.

    Do not publish them: they contain true counts. Raise BadInput for the columns of which no answer is in their list,
    and for open ones in which no answer repeats another.
    """
    clean, lost = keep_listed_values(frame, schema)
    what, todo = (
        "holds none of the values of its list",
        "give the list that belongs to it, or open = true, in a schema file",
    )
    faults = [Fault(what, todo, column=shown(name)) for name in lost if not _count_answers(clean[name])]
    faults += [_report_identifier(column.name) for column in schema if _is_like_identifier(clean[column.name], column)]
    if faults:
        raise BadInput(faults)
    return [
        f"{shown(name)}: {number:,} answers are not in its list of values and are left out"
        for name, number in lost.items()
    ]


def _is_like_identifier(answers: pl.Series, column: Column) -> bool:
    """Return whether no answer of an open column repeats another, so that none could be kept."""
    given = answers.drop_nulls()
    return column.open and not column.multi and len(given) >= LEAST_ANSWERS and given.n_unique() == len(given)


def _report_identifier(name: str) -> Fault:
    what = "has another value in each record, as an identifier has: none would be kept"
    return Fault(what, "write leave_out = true, bins or a date precision for it in a schema file", column=shown(name))


def keep_listed_values(frame: pl.DataFrame, schema: Schema) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """Return the columns with unlisted values set to not reported, and their number by column.

    A record keeps at most MOST_UNLISTED values of a multi-valued column that nobody listed, the first ones in order.
    """
    columns = [_keep_listed(frame[column.name], column) for column in schema]
    lost = {column.name: _count_answers(frame[column.name]) - _count_answers(column) for column in columns}
    return pl.DataFrame(columns), {name: number for name, number in lost.items() if number}


def _keep_listed(series: pl.Series, column: Column) -> pl.Series:
    if column.coding:
        series = _code(series, column.coding, column)
    if column.awaits_edges:
        return series
    if column.open and column.multi:
        few = series.list.unique().list.sort().list.head(MOST_UNLISTED)
        return pl.select(pl.when(few.list.len() > 0).then(few)).to_series().alias(column.name)
    if column.open:
        return series
    if column.multi:
        clean = series.list.unique().list.set_intersection(list(column.values))
        return pl.select(pl.when(clean.list.len() > 0).then(clean)).to_series().alias(column.name)
    return pl.select(pl.when(series.is_in(list(column.values))).then(series)).to_series().alias(column.name)


def _code(series: pl.Series, coding: NumberBins | DatePrecision, column: Column) -> pl.Series:
    """Return a column of numbers or dates as values of its coding; other texts are *not reported*."""
    texts = (series.explode() if column.multi else series).drop_nulls().unique().to_list()
    codes_by_text = {text: text if text in column.values else coding.code(text) for text in texts}
    codes_by_text = {text: code for text, code in codes_by_text.items() if code is not None}
    coded = pl.element() if column.multi else pl.col(series.name)
    coded = coded.replace_strict(
        list(codes_by_text), list(codes_by_text.values()), default=None, return_dtype=pl.String
    )
    frame = series.to_frame()
    return frame.select(pl.col(series.name).list.eval(coded.drop_nulls()) if column.multi else coded).to_series()


def _count_answers(series: pl.Series) -> int:
    if series.dtype == pl.String:
        return series.len() - series.null_count()
    return int(series.list.unique().list.len().sum() or 0)
