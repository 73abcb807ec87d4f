"""Checks of the lists of a pack: codes, parents, labels, days, and codes that another version had."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from kerege.base.errors import Fault
from kerege.base.message_text import listed, shown
from kerege.vocabulary import codes
from kerege.vocabulary.code_files import declared, read_base, read_pack_csv, split_codes
from kerege.vocabulary.languages import BUILT_IN
from kerege.vocabulary.pack import Pack, built_in_pack, using

CODE = re.compile(r"[a-z0-9_-]{1,48}|[A-Z]{2}-[A-Z0-9]{1,3}")
KEPT = ("keep", "ask")  # rules for records that have a code with a successor
STANDARD = ("code", "parent", "htcds", "from", "until", "succeeds", "old_records")
REFERENCE = "kz"  # the pack that Kerege ships; its lists say which columns regions and offences have
Row = Mapping[str, str]


def check_lists(pack: Pack, languages: Sequence[str]) -> Iterator[Fault]:
    """Yield the faults of the files under `lists`; each label is needed in all `languages`."""
    for file in pack.names("lists"):
        name, path = file.removesuffix(".csv"), f"lists/{file}"
        if name not in codes.names():
            yield Fault("there is no such code list", f"use one of {', '.join(codes.open_lists())}", path)
        elif name not in codes.open_lists():
            todo = "remove it; labels in other languages go in labels/<language>.csv"
            yield Fault("this list is closed: a pack adds no code to it", todo, path)
        else:
            yield from _list_faults(pack, name, languages)


def _list_faults(pack: Pack, name: str, languages: Sequence[str]) -> Iterator[Fault]:
    path = f"lists/{name}.csv"
    reader = csv.DictReader(pack.read_text(path).splitlines())
    rows, columns = list(reader), list(reader.fieldnames or [])
    own = _own_columns(name)
    needed = ["code", *own, *(f"label:{language}" for language in languages)]
    if missing := [column for column in needed if column not in columns]:
        yield Fault(f"has no column {missing[0]}", f"give {', '.join(needed)}", path)
        return
    known = {*STANDARD, *own}
    if unknown := [column for column in columns if column not in known and not column.startswith("label:")]:
        yield Fault(f"has the unknown column {shown(unknown[0])}", f"use {', '.join(sorted(known))}", path)
    listing = {row["code"] or "" for row in rows} | base_codes(name)
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            yield Fault("has another number of cells than the heading", "correct the row", path, number)
            continue
        yield from (_at(fault, path, number) for fault in _row_faults(name, row, listing, languages, pack.country))
    yield from _repeated(name, rows, path)


def _own_columns(name: str) -> list[str]:
    """Return the columns that a list has beside the standard ones."""
    base = read_base(name)
    reference = built_in_pack(REFERENCE)
    if not base and reference:
        with using(reference):
            base = read_pack_csv(f"lists/{name}.csv")
    return [
        column for column in (base[0] if base else ()) if column not in {*STANDARD, *BUILT_IN} and ":" not in column
    ]


def base_codes(name: str) -> set[str]:
    """Return the codes that Kerege itself has in a list."""
    return {row["code"] for row in read_base(name)}


def _at(fault: Fault, path: str, number: int) -> Fault:
    return Fault(fault.what, fault.todo, path, number, fault.column)


def _row_faults(name: str, row: Row, listing: set[str], languages: Sequence[str], country: str) -> Iterator[Fault]:
    if not CODE.fullmatch(row["code"]):
        yield Fault("is no code", "use small letters, digits, - and _, or a code of ISO 3166-2", column="code")
    if row["code"] in base_codes(name) or row["code"] in {*codes.ANSWER_STATES, *codes.MARGINS}:
        yield Fault("is a code of Kerege", "remove the row; labels go in labels/<language>.csv", column="code")
    for language in languages:
        label = row[f"label:{language}"]
        if not label.strip() or label != label.strip():
            yield Fault("is empty or begins or ends with a space", "write the label", column=f"label:{language}")
    yield from _parent_faults(name, row, country)
    yield from _day_faults(row)
    yield from _successor_faults(row, listing)
    if name == "offence" and not row.get("article", "").strip():
        yield Fault("is empty", "name the article of the act", column="article")


def _parent_faults(name: str, row: Row, country: str) -> Iterator[Fault]:
    parent, above = row.get("parent", ""), declared()[name]["parent"]
    if name == "region" and parent != country:
        yield Fault("is not the country of the pack", f"write {country}", column="parent")
    elif parent and (not above or parent not in codes.code_list(above).codes):
        yield Fault("is not in the parent list", "correct it or leave it empty", column="parent")


def _day_faults(row: Row) -> Iterator[Fault]:
    days = {}
    for column in ("from", "until"):
        if text := row.get(column, ""):
            try:
                days[column] = date.fromisoformat(text)
            except ValueError:
                yield Fault("is not a day", "write it as 2022-06-08", column=column)
    if len(days) == 2 and days["until"] < days["from"]:
        yield Fault("is before the first day", "correct one of them", column="until")


def _successor_faults(row: Row, listing: set[str]) -> Iterator[Fault]:
    before = split_codes(row.get("succeeds", ""))
    if unknown := [code for code in before if code not in listing or code == row["code"]]:
        yield Fault(f"names {listed(unknown)}, which is no other code of the list", "correct it", column="succeeds")
    rule = row.get("old_records", "")
    if before and rule not in KEPT:
        yield Fault("does not say what happens to old records", f"write {' or '.join(KEPT)}", column="old_records")
    elif rule and not before:
        yield Fault("is given without a code in succeeds", "remove it", column="old_records")


def _repeated(name: str, rows: Sequence[Row], path: str) -> Iterator[Fault]:
    columns = ["code", *(column for column in (rows[0] if rows else ()) if column.startswith("label:"))]
    for column in columns:
        seen: set[str] = set()
        for number, row in enumerate(rows, 2):
            if (value := row[column]) and value in seen:
                yield Fault("occurs twice in the list", "keep one", path, number, column)
            seen.add(value)


def check_labels(pack: Pack) -> Iterator[Fault]:
    """Yield the faults of every file under `labels`: labels of Kerege's codes in further languages."""
    for file in pack.names("labels"):
        path, seen = f"labels/{file}", set()
        reader = csv.DictReader(pack.read_text(path).splitlines())
        if list(reader.fieldnames or []) != ["list", "code", "label"]:
            yield Fault("has other columns", "give list, code, label", path)
            continue
        for number, row in enumerate(reader, 2):
            place = (row["list"] or "", row["code"] or "")
            if place[0] not in codes.names() or place[1] not in base_codes(place[0]):
                yield Fault("is no code of Kerege", "correct list and code", path, number, "code")
            elif place in seen:
                yield Fault("occurs twice", "keep one", path, number, "code")
            if not (row["label"] or "").strip():
                yield Fault("is empty", "write the label or remove the row", path, number, "label")
            seen.add(place)


def check_lost_codes(pack: Pack, before: Pack) -> Iterator[Fault]:
    """Yield a fault for each code that an older version has and this one has not: codes never vanish."""
    for file in before.names("lists"):
        path, gone = f"lists/{file}", _codes_of(before, file) - _codes_of(pack, file)
        if gone:
            todo = "keep the row, and give it a day in the column until"
            yield Fault(f"lacks codes of version {before.version}: {listed(sorted(gone))}", todo, path)


def _codes_of(pack: Pack, file: str) -> set[str]:
    with using(pack):
        return {row["code"] for row in read_pack_csv(f"lists/{file}")}
