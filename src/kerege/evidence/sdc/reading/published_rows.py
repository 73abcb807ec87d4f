"""Rows of a published table: the codes of each row, its figure, and further columns of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kerege.evidence.sdc.reading.figures import PublishedCount


@dataclass(frozen=True)
class NumberTexts:
    """A column of numbers that are no counts, such as percentages: its name and the text of each row."""

    name: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class PublishedRows:
    """The rows of a table: its dimensions, and for each row the codes and the count.

    `numbers` are line numbers in the file. `name` is the name of the table in its file, '' when the file has only one.
    `unread` names columns that were not understood; `notes` are sentences about the reading. `has_own_words` states
    that the file gives the status of its figures by the words of Kerege.
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


def keys_of_rows(rows: PublishedRows) -> Iterator[tuple[str, ...]]:
    """Return the codes of each row."""
    return zip(*rows.codes, strict=True) if rows.codes else iter([()] * len(rows.counts))
