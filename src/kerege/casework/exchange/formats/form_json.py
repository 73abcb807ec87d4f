"""Submissions of a form as JSON: fields by their path, repeated groups as lists, and metadata."""

from __future__ import annotations

from collections.abc import Sequence

from kerege.casework.exchange.formats.sheets import FileSheet, Record
from kerege.casework.exchange.htcds.read_file import JsonPairs, cell_text

MARKS = frozenset({"_uuid", "_id", "_submission_time", "meta/instanceID", "formhub/uuid"})
SUMMARY_KEYS = ("uid", "label")  # keys of a validation status


def submissions_of(tree: object) -> list[dict[str, object]] | None:
    """Return the submissions of a form in a parsed JSON file; None if it holds something else."""
    if isinstance(tree, JsonPairs):
        tree = dict(tree).get("results")
    if not isinstance(tree, list) or isinstance(tree, JsonPairs) or not tree:
        return None
    records = [dict(record) for record in tree if isinstance(record, JsonPairs)]
    is_form = len(records) == len(tree) and all(len(MARKS & record.keys()) >= 2 for record in records)
    return records if is_form else None


def sheets_of(submissions: Sequence[dict[str, object]]) -> list[FileSheet]:
    """Return submissions as the sheets of an export: one of submissions, one for each repeated group."""
    main: list[dict[str, str]] = []
    repeats: dict[str, list[dict[str, str]]] = {}
    for position, submission in enumerate(submissions, start=1):
        row = {"_index": str(position)}
        for name, value in submission.items():
            if rows := _repeat_rows(name, value):
                repeats.setdefault(name, []).extend(_flat(entry) | {"_parent_index": str(position)} for entry in rows)
            else:
                row[name] = _text(value)
        main.append(row)
    return [_sheet("", main), *(_sheet(name, rows) for name, rows in repeats.items())]


def _repeat_rows(name: str, value: object) -> list[dict[str, object]]:
    """Return the rows of a repeated group; [] for a value or for metadata such as attachments."""
    if not isinstance(value, list) or isinstance(value, JsonPairs) or name.startswith("_"):
        return []
    return [dict(entry) for entry in value if isinstance(entry, JsonPairs)]


def _flat(entry: dict[str, object]) -> dict[str, str]:
    return {name: _text(value) for name, value in entry.items()}


def _text(value: object) -> str:
    """Return the text of a value; of an object its id or label, of a list ''."""
    if isinstance(value, JsonPairs):
        members = dict(value)
        return next((str(members[key]) for key in SUMMARY_KEYS if members.get(key)), "")
    return "" if isinstance(value, list) else cell_text(value)


def _sheet(name: str, rows: Sequence[dict[str, str]]) -> FileSheet:
    titles = list(dict.fromkeys(title for row in rows for title in row))
    records: list[Record] = [(number, [row.get(title, "") for title in titles]) for number, row in enumerate(rows, 1)]
    return FileSheet(name, [(0, titles), *records])
