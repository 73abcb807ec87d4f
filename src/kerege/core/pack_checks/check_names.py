"""Checks of the tables of names of a pack: their form, and that they find more without confusing more.

A pack with tables brings pairs of names, of which its author says whether they are one name. With the tables, no fewer
pairs of one name and no more pairs of two names agree than without them.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from kerege.base.errors import Fault
from kerege.vocabulary import codes
from kerege.vocabulary.pack import Pack
from kerege.vocabulary.pack.name_tables import FOLDER, VARIABLE

PAIRS, SPELLINGS = "pairs.csv", "spellings.csv"
TABLES = {
    "given.csv": ("name", "language"),
    "variants.csv": ("variant", "name", "language"),
    "diminutives.csv": ("diminutive", "full", "language"),
    SPELLINGS: ("written", "becomes", "language"),
    PAIRS: ("name", "other", "same", "language"),
}
LEAST_PAIRS, LEAST_DIFFERENT = 100, 30
LETTERS = re.compile(r"[^\W\d_]{1,12}")
SHORT = {"variants.csv": "variant", "diminutives.csv": "diminutive"}  # column that is no full name
SAME = {"yes": True, "no": False}
Rows = list[dict[str, str]]


class NameForms(TypedDict):
    """Output of `python -m kerege.linkage.names`."""

    folds: list[str]
    forms: list[list[str]]
    again: list[bool]
    known: dict[str, list[str]]


def check_names(pack: Pack) -> Iterator[Fault]:
    """Yield the faults of the files under `names`."""
    tables = {name: _read(pack, name) for name in pack.names(FOLDER) if name in TABLES}
    faults = [fault for name, rows in tables.items() for fault in _table_faults(name, rows)]
    yield from faults
    if tables and not faults:
        yield from _pair_faults(pack, tables)


def _read(pack: Pack, name: str) -> Rows:
    return list(csv.DictReader(pack.read_text(f"{FOLDER}/{name}").splitlines()))


def _table_faults(name: str, rows: Rows) -> Iterator[Fault]:
    path, columns = f"{FOLDER}/{name}", TABLES[name]
    if not rows or tuple(rows[0]) != columns:
        yield Fault("has no rows or other columns", f"give {', '.join(columns)}", path)
        return
    before: tuple[str, ...] = ()
    for number, row in enumerate(rows, 2):
        cells = tuple(str(row[column] or "") for column in columns)
        if None in row or (not all(cells) and name != SPELLINGS):
            yield Fault("has an empty cell or another number of cells", "correct the row", path, number)
        elif cells <= before:
            yield Fault("is not in order or occurs twice", "sort the rows, and keep one of two", path, number)
        elif row["language"] not in codes.code_list("language").codes:
            yield Fault("is no language", "use a code of the list language", path, number, "language")
        elif name == PAIRS and row["same"] not in SAME:
            yield Fault("is neither yes nor no", "correct it", path, number, "same")
        elif name == SPELLINGS:
            yield from _spelling_faults(row, path, number)
        before = cells


def _spelling_faults(row: Mapping[str, str], path: str, number: int) -> Iterator[Fault]:
    written, becomes = row["written"], row["becomes"]
    if not LETTERS.fullmatch(written) or written != written.lower() or (becomes and not LETTERS.fullmatch(becomes)):
        yield Fault("is no spelling of small letters", "write at most 12 letters", path, number, "written")
    elif written in becomes:
        yield Fault("becomes a text that holds it again", "write what it becomes without it", path, number, "becomes")


def _pair_faults(pack: Pack, tables: Mapping[str, Rows]) -> Iterator[Fault]:
    path, pairs = f"{FOLDER}/{PAIRS}", tables.get(PAIRS, [])
    different = sum(not SAME[row["same"]] for row in pairs)
    if len(pairs) < LEAST_PAIRS or different < LEAST_DIFFERENT:
        what = f"holds {len(pairs)} pairs, {different} of them two names"
        todo = f"give at least {LEAST_PAIRS} pairs, {LEAST_DIFFERENT} of them two names, some of other languages"
        yield Fault(what, todo, path)
        return
    names = [name for row in pairs for name in (row["name"], row["other"])]
    short = [row[column] for name, column in SHORT.items() for row in tables.get(name, [])]
    without, having = (_forms([*names, *short], folder) for folder in ("", str(Path(str(pack.folder), FOLDER))))
    yield from _result_faults(pairs, without, having, path)
    yield from _foreign_faults(tables, without["folds"][len(names) :], without["known"])


def _forms(names: Sequence[str], folder: str) -> NameForms:
    """Return the forms of names with the tables of a folder, by a process that reads them first."""
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE} | {VARIABLE: folder}
    command = [sys.executable, "-m", "kerege.linkage.names"]
    done = subprocess.run(command, input=json.dumps(names).encode(), env=environment, capture_output=True, check=True)
    result: NameForms = json.loads(done.stdout)
    return result


def _result_faults(pairs: Rows, without: NameForms, having: NameForms, path: str) -> Iterator[Fault]:
    """Yield a fault for fewer found pairs, for more confused ones, and for a fold that is not stable."""
    same = [SAME[row["same"]] for row in pairs]
    before, now = (_agreements(result["forms"], len(pairs)) for result in (without, having))
    agreeing, agreeing_now = (
        sum(agree for agree, is_same in zip(result, same, strict=True) if is_same) for result in (before, now)
    )
    confused = [
        row
        for row, was, is_now, is_same in zip(pairs, before, now, same, strict=True)
        if is_now and not was and not is_same
    ]
    if agreeing_now < agreeing:
        yield Fault(
            f"of the pairs of one name, {agreeing_now} agree with the tables and {agreeing} without",
            "correct them",
            path,
        )
    for row in confused:
        what = f"the tables make one name of {row['name']} and {row['other']}, which are two"
        yield Fault(what, "take out the row that does", path)
    if not all(having["again"]):
        yield Fault(
            "the spellings change a name again that they changed before", "correct them", f"{FOLDER}/{SPELLINGS}"
        )


def _agreements(forms: Sequence[Sequence[str]], number: int) -> list[bool]:
    """Return whether the two names of each pair have a form in common."""
    return [not set(forms[2 * at]).isdisjoint(forms[2 * at + 1]) for at in range(number)]


def _foreign_faults(
    tables: Mapping[str, Rows], folds: Sequence[str], known: Mapping[str, Sequence[str]]
) -> Iterator[Fault]:
    """Yield a fault for each short form or variant that is a known name of another language alone."""
    rows = [(name, number, row) for name in SHORT for number, row in enumerate(tables.get(name, []), 2)]
    for (name, number, row), folded in zip(rows, folds, strict=True):
        languages = {language for language, names in known.items() if folded in names}
        if languages and row["language"] not in languages:
            what = f"is a known name in {', '.join(sorted(languages))}, and would be taken for another one there"
            yield Fault(what, "take out the row", f"{FOLDER}/{name}", number, SHORT[name])
