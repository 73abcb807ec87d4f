"""Fields of the page that maps a file: the meaning of each heading, the code of each unknown value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.http import QueryDict
from django.utils.translation import gettext

from kerege.casework.exchange.formats.headings import COLUMN, LEFT_OUT, UNKNOWN
from kerege.casework.exchange.formats.stated_facts import AGE, FULL_NAME
from kerege.casework.exchange.htcds.column_renaming import MapTree
from kerege.casework.exchange.htcds.columns import STATES, FileColumn, file_columns, names_of
from kerege.casework.exchange.upload_preview import Preview, masked
from kerege.vocabulary import codes
from kerege.vocabulary.labels import column_labels

ASK, LEAVE = "?", ""
MOST_COLUMNS = 60
Choice = tuple[str, str]


@dataclass(frozen=True)
class HeadingField:
    """Heading with hidden examples and its meaning."""

    title: str
    examples: list[str]
    meaning: str


@dataclass(frozen=True)
class ValueField:
    """Value of a coded column that no list has, with the codes to choose from."""

    column: str
    label: str
    text: str
    choices: list[Choice]


def tree_of(data: QueryDict, answers: Mapping[str, str], saved: MapTree) -> MapTree:
    """Return the map that a submitted page states, on top of a saved one."""
    titles, meanings = data.getlist("title"), data.getlist("meaning")
    columns = {title: meaning for title, meaning in zip(titles, meanings, strict=False) if meaning != ASK and title}
    values: dict[str, dict[str, str]] = {name: dict(pairs) for name, pairs in saved.get("values", {}).items()}
    stated = zip(data.getlist("value_column"), data.getlist("value_text"), data.getlist("value_code"), strict=False)
    for column, text, code in stated:
        if code:
            values.setdefault(column, {})[text] = code
    reading = dict(saved.get("reading", {})) | {name: answer for name, answer in answers.items() if answer}
    return {"columns": dict(saved.get("columns", {})) | columns, "values": values, "reading": reading}


def kept_values(tree: MapTree) -> list[tuple[str, str, str]]:
    """Return the decided values of a map as column, text and code, which the next step sends again."""
    return [(column, text, code) for column, pairs in tree.get("values", {}).items() for text, code in pairs.items()]


def heading_fields(preview: Preview) -> list[HeadingField]:
    """Return the headings of a file that a person can give a meaning, at most MOST_COLUMNS."""
    if preview.headings is None:
        return []
    explained = zip(preview.headings.headings, preview.headings.examples, strict=False)
    asked = {COLUMN, LEFT_OUT, UNKNOWN}
    named = [(heading, texts) for heading, texts in explained if heading.title and heading.role in asked]
    known = file_columns()
    return [
        HeadingField(
            heading.title,
            [_hidden(known.get(heading.column), text) for text in texts],
            heading.column if heading.role == COLUMN else LEAVE if heading.role == LEFT_OUT else ASK,
        )
        for heading, texts in named[:MOST_COLUMNS]
    ]


def _hidden(column: FileColumn | None, text: str) -> str:
    """Return an example; of a column without a meaning only the first character, since it can hold a name."""
    return masked(column, text) if column else f"{text[:1]}•••"


def value_fields(preview: Preview, language: str) -> list[ValueField]:
    """Return the values of a file that no list has."""
    return [
        ValueField(name, _label(name, language), text, _codes_of(name, language))
        for name, text in preview.unknown_values
    ]


def meanings(language: str) -> list[Choice]:
    """Return the meanings of a heading with their labels: ask, leave out, and each column."""
    first = [(ASK, gettext("Not decided")), (LEAVE, gettext("Leave this column out"))]
    own = [(FULL_NAME, gettext("Full name, to be divided")), (AGE, gettext("Age in years"))]
    return [*first, *own, *((name, _label(name, language)) for name in file_columns())]


def _label(name: str, language: str) -> str:
    labels = column_labels().get(name)
    return labels[language] if labels else name


@cache
def _codes_of(name: str, language: str) -> list[Choice]:
    """Return the values of a column with their labels, and the answers such as Unknown."""
    column = file_columns()[name]
    answers = [(state, codes.code_list("answer").codes[code].labels[language]) for state, code in STATES.items()]
    if not column.list_name:
        return [*((value, value) for value in column.values), *answers]
    listed = codes.code_list(column.list_name).codes
    names = names_of(column.list_name)
    return [*((names[code], entry.labels[language]) for code, entry in listed.items()), *answers]
