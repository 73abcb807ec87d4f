"""Rows of a published table: the codes of each row, its figure, and further columns of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kerege.evidence.sdc.reading.figures import PublishedCount
from kerege.evidence.sdc.reading.options import PossibleReading
from kerege.evidence.sdc.reading.texts_beside import state_a_register, unread_numbers


@dataclass(frozen=True)
class NumberTexts:
    """A column of numbers that are not counts, such as percentages: its name and the text of each row."""

    name: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class PublishedRows:
    """The rows of a table: its dimensions, and for each row the codes and the count.

    `numbers` are line numbers in the file. `name` is the name of the table in its file, '' when the file has only one.
    `unread` names columns that were not understood; `notes` are sentences about the reading. `has_own_words` states
    that the file gives the status of its figures by the words of Kerege. `possible` are readings of values as totals
    or as parts that the file does not prove. `single_parts` are codes by column of which the file says that they are a
    part, and names no other part of the same whole. `parts` are all codes that the file names after `of which`.
    `states_register` says that a title names a whole register. `title` is the text above a table of a sheet.
    `code_parents` are labels with those that a column of codes places them in.
    `doubtful` names parts that can be parts of other parts, and the people by which the two differ.
    """

    by: tuple[str, ...]
    codes: list[list[str]]  # one list for each dimension
    counts: list[PublishedCount]
    numbers: list[int]
    name: str = ""
    measures: tuple[NumberTexts, ...] = ()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    has_own_words: bool = False
    possible: tuple[PossibleReading, ...] = ()
    single_parts: frozenset[tuple[str, str]] = frozenset()
    parts: frozenset[tuple[str, str]] = frozenset()
    states_register: bool = False
    doubtful: tuple[tuple[str, int], ...] = ()
    title: str = ""
    code_parents: tuple[tuple[str, str], ...] = ()


def with_texts_beside(tables: Sequence[PublishedRows], texts: Sequence[str]) -> list[PublishedRows]:
    """Return tables with what the titles and notes beside them say.

    A number of people in a text is not read, so the first table is undecided.
    """
    is_register, unread = state_a_register(texts), unread_numbers(texts)
    return [
        replace(rows, states_register=is_register, unread=(*rows.unread, *(unread if not number else ())))
        for number, rows in enumerate(tables)
    ]


def keys_of_rows(rows: PublishedRows) -> Iterator[tuple[str, ...]]:
    """Return the codes of each row."""
    return zip(*rows.codes, strict=True) if rows.codes else iter([()] * len(rows.counts))


def lines_along(rows: PublishedRows, d: int) -> list[dict[str, PublishedCount]]:
    """Return the figures along one column by code, for each combination of codes of the other columns."""
    lines: dict[tuple[str, ...], dict[str, PublishedCount]] = {}
    others = [column for i, column in enumerate(rows.codes) if i != d]
    keys = zip(*others, strict=True) if others else iter([()] * len(rows.counts))
    for key, code, figure in zip(keys, rows.codes[d], rows.counts, strict=True):
        lines.setdefault(key, {})[code] = figure
    return list(lines.values())


def rows_with_codes(rows: PublishedRows, d: int, labels: Mapping[str, str]) -> PublishedRows:
    """Return the rows with other codes in one column."""
    codes = [[labels.get(code, code) for code in column] if i == d else column for i, column in enumerate(rows.codes)]
    return replace(rows, codes=codes)


def rows_at(rows: PublishedRows, kept: Sequence[int]) -> PublishedRows:
    """Return some of the rows."""
    return replace(
        rows,
        codes=[[column[place] for place in kept] for column in rows.codes],
        counts=[rows.counts[place] for place in kept],
        numbers=[rows.numbers[place] for place in kept],
        measures=tuple(NumberTexts(m.name, tuple(m.texts[place] for place in kept)) for m in rows.measures),
    )


def rows_of_code(rows: PublishedRows, d: int, code: str) -> PublishedRows:
    """Return the rows with one code in a column, without the column."""
    part = rows_at(rows, [place for place, other in enumerate(rows.codes[d]) if other == code])
    return replace(part, by=part.by[:d] + part.by[d + 1 :], codes=part.codes[:d] + part.codes[d + 1 :])
