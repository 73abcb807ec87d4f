"""Meaning of a heading: a name or label of a column, a choice of one, or metadata of a form."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib import resources

from kerege.casework.exchange.htcds.column_renaming import ColumnMap
from kerege.casework.exchange.htcds.columns import file_columns, name_of_value
from kerege.casework.exchange.htcds.read_file import Heading
from kerege.vocabulary import htcds
from kerege.vocabulary.labels import columns_by_heading, fold_label

COLUMN, CHOICE, METADATA, LEFT_OUT, UNKNOWN = "column", "choice", "metadata", "left out", "unknown"
# between the groups of a form, its field, and the choice of a field; labels are read only behind the first
SEPARATORS = ("/", ":", ".", "-", "|", ">")
# two of these make a file an export of a form
FORM_MARKS = frozenset({"_id", "_uuid", "_submission_time", "_index", "_validation_status", "submissiondate", "key"})


@cache
def form_metadata() -> frozenset[str]:
    """Return the columns that the software of a form adds, in lower case."""
    path = resources.files("kerege.casework.exchange") / "data" / "form_columns.csv"
    return frozenset(row["name"] for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@cache
def _further_headings() -> dict[str, str]:
    """Map the folded headings of journals in several languages to their columns."""
    path = resources.files("kerege.casework.exchange") / "data" / "headings.csv"
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    known: dict[str, str] = {}
    for row in rows:
        for text in (row["heading"], row["column"]):
            if known.setdefault(fold_label(text), row["column"]) != row["column"]:
                raise ValueError(f"{text!r} is a heading of two columns")
    return known


@cache
def row_words(kind: str) -> frozenset[str]:
    """Return the folded words that begin a row of totals, or name the column of row numbers."""
    path = resources.files("kerege.casework.exchange") / "data" / "row_words.csv"
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return frozenset(fold_label(row["word"]) or row["word"] for row in rows if row["kind"] == kind)


@cache
def _folded_names() -> dict[str, str]:
    return {fold_label(name): name for name in file_columns()}


def name_of_column(title: str) -> str:
    """Return the column with this name or known misspelling; '' if there is none."""
    name = htcds.canonical_name(title) or ""
    return name if name in file_columns() else ""


def column_of(title: str) -> str:
    """Return the column with this name, known misspelling or label in any language; '' if there is none."""
    if name := name_of_column(title):
        return name
    folded = fold_label(title)
    known = (columns_by_heading(), _folded_names(), _further_headings())
    return next((names[folded] for names in known if folded in names), "") if folded else ""


def read_heading(title: str, mapping: ColumnMap) -> Heading:
    """Return the meaning of a heading; a map of the user decides first."""
    title = " ".join(title.split())
    if title in mapping.columns:
        column = mapping.columns[title]
        return Heading(title, COLUMN if column else LEFT_OUT, column)
    low = title.lower()
    # _status of a form is not the status of a case
    is_form_field = low.startswith("_") and low in form_metadata()
    if not is_form_field and (column := column_of(title)):
        return Heading(title, COLUMN, column)
    if low in form_metadata() or low.startswith("_submission__"):
        return Heading(title, METADATA)
    return _read_path(title)


def _read_path(title: str) -> Heading:
    """Return the meaning of a heading with the groups of a form before it, or with a choice behind it."""
    for separator in SEPARATORS:
        starts = [0, *_positions(title, separator)]
        for start in starts[1:]:
            text = title[start:]
            if column := column_of(text) if separator == "/" else name_of_column(text):
                return Heading(title, COLUMN, column)
            if title[start:].lower() in form_metadata():
                return Heading(title, METADATA)
        for start in starts:
            if (heading := _read_choice(title, start, separator)) is not None:
                return heading
    return Heading(title, UNKNOWN)


def _read_choice(title: str, start: int, separator: str) -> Heading | None:
    for end in _positions(title, separator):
        if end <= start:
            continue
        column = file_columns().get(column_of(title[start : end - len(separator)]))
        if column and column.coded and (choice := name_of_value(column, title[end:])):
            return Heading(title, CHOICE, column.name, choice)
    return None


def _positions(title: str, separator: str) -> Iterator[int]:
    """Yield the places behind each separator."""
    place = title.find(separator)
    while place >= 0:
        yield place + len(separator)
        place = title.find(separator, place + 1)
