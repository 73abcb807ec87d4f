"""Labels of codes as people write them: folded spellings, and cells with several joined labels.

The labels come from our code lists in three languages, from HTCDS 2.0 (`data/htcds_labels.csv`: International
Organization for Migration, CC BY 4.0, https://github.com/UNMigration/HTCDS), from Unicode CLDR in further languages of
the region (`data/country_names.csv`), and from spellings in circulation (`data/labels_also.csv`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain

from kerege.vocabulary import codes
from kerege.vocabulary.code_files import read_csv
from kerege.vocabulary.languages import BUILT_IN, Texts

# separators within a cell; a label may hold a semicolon or a comma itself
MARKS = (";", "|||", ",")
MOST_WORDS = 400  # words of a cell that is split into labels
MOST_LABEL_WORDS = 20


def fold_label(text: str) -> str:
    """Return a label without case, spaces and punctuation: only its letters and digits.

    Examples
    --------
    >>> fold_label("Follow Up"), fold_label("Threatens children/family")
    ('followup', 'threatenschildrenfamily')
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return "".join(filter(str.isalnum, folded))


@cache
def labels_of(list_name: str) -> Mapping[str, str]:
    """Map the folded labels of a list to its codes, in every language and spelling.

    Raises
    ------
    ValueError
        If two codes share a folded label.

    Examples
    --------
    >>> labels_of("country")["vietnam"], labels_of("country")["россия"]
    ('VN', 'RU')
    """
    known: dict[str, str] = {}
    for code, text in chain(_own_labels(list_name), _further_labels(list_name)):
        if known.setdefault(fold_label(text), code) != code:
            raise ValueError(f"code list {list_name}: {text!r} is a label of {known[fold_label(text)]} and of {code}")
    return _counterparts(list_name) | known


def _own_labels(list_name: str) -> Iterator[tuple[str, str]]:
    for code in codes.code_list(list_name).codes.values():
        yield from ((code.code, label) for label in code.labels.values())


def _counterparts(list_name: str) -> dict[str, str]:
    """Return the folded HTCDS values that one code alone has."""
    listed = [code for code in codes.code_list(list_name).codes.values() if code.htcds]
    times = Counter(code.htcds for code in listed)
    return {fold_label(code.htcds): code.code for code in listed if times[code.htcds] == 1}


def _further_labels(list_name: str) -> Iterator[tuple[str, str]]:
    for path in ("htcds_labels.csv", "labels_also.csv"):
        yield from ((row["code"], row["label"]) for row in read_csv(path) if row["list"] == list_name)
    if list_name == "country":
        for row in read_csv("country_names.csv"):
            yield from ((row["code"], text) for name, text in row.items() if name != "code" and text)


@cache
def htcds_labels(list_name: str) -> Mapping[str, str]:
    """Return the labels of HTCDS 2.0 by code; {} for a list outside HTCDS."""
    return {row["code"]: row["label"] for row in read_csv("htcds_labels.csv") if row["list"] == list_name}


@cache
def _labels_with(list_name: str, mark: str) -> frozenset[str]:
    """Return the folded labels that hold a separator themselves."""
    listed = chain(_own_labels(list_name), _further_labels(list_name))
    return frozenset(fold_label(text) for _, text in listed if mark in text)


Read = Callable[[str], str]


def split_labels(list_name: str, text: str, read: Read) -> list[str] | None:
    """Return the codes of a cell of joined labels; None if a part is unknown or ambiguous.

    Parameters
    ----------
    list_name : str
        Code list; '' for a list without labels that hold separators.
    text : str
        Content of the cell.
    read : callable
        Return the code for the text of one value; '' if it is none.

    Returns
    -------
    list of str or None
        The codes in the order of the cell, without duplicates.

    Notes
    -----
    The whole cell is tried first, then parts between semicolons, ` ||| `, commas, and at last words. The longest label
    wins where a label holds the separator itself. Words count only if they can be divided in a single way.

    Examples
    --------
    >>> read = lambda text: labels_of("country").get(fold_label(text), "")
    >>> split_labels("country", "Congo, Democratic Republic of the; Niger", read)
    ['CD', 'NE']
    """
    if code := read(text):
        return [code]
    for mark in MARKS:
        if mark in text and (parts := _split_at(list_name, text, mark, read)):
            return parts
    return _split_words(text, read)


def _split_at(list_name: str, text: str, mark: str, read: Read) -> list[str] | None:
    parts = text.split(mark)
    holding = _labels_with(list_name, mark) if list_name else frozenset()
    read_codes: list[str] = []
    start = 0
    while start < len(parts):
        if not parts[start].strip():
            start += 1
            continue
        end = _longest(parts, start, mark, holding)
        code = read(mark.join(parts[start:end]).strip())
        if not code:
            return None
        read_codes.append(code)
        start = end
    return _distinct(read_codes)


def _longest(parts: list[str], start: int, mark: str, holding: frozenset[str]) -> int:
    """Return the end of the longest label with separators that begins at a part; else of the part alone."""
    ends = range(min(len(parts), start + 8), start + 1, -1)
    return next((end for end in ends if fold_label(mark.join(parts[start:end])) in holding), start + 1)


def _split_words(text: str, read: Read) -> list[str] | None:
    """Return the codes of labels or names joined by spaces, if only one division is possible."""
    words = re.split(r"\s+", text.strip())
    if not 1 < len(words) <= MOST_WORDS:
        return None
    ways: list[list[list[str]]] = [[] for _ in range(len(words))] + [[[]]]
    for start in range(len(words) - 1, -1, -1):
        for end in range(start + 1, min(len(words), start + MOST_LABEL_WORDS) + 1):
            if ways[end] and (code := read(" ".join(words[start:end]))):
                ways[start] += [[code, *rest] for rest in ways[end]]
        # two ways are as ambiguous as more
        ways[start] = _different(ways[start])[:2]
    return _distinct(ways[0][0]) if len(ways[0]) == 1 else None


def _different(ways: list[list[str]]) -> list[list[str]]:
    return [list(way) for way in dict.fromkeys(map(tuple, ways))]


def _distinct(several: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(several))


@cache
def column_labels() -> Mapping[str, Mapping[str, str]]:
    """Return the headings of the columns of an exchange file by column and language.

    The English headings are those of HTCDS 2.0 where it has one.

    Examples
    --------
    >>> column_labels()["prs_Citizenship"]["en"]
    'Citizenship'
    """
    return {row["field"]: Texts({tag: row[tag] for tag in BUILT_IN}) for row in read_csv("column_labels.csv")}


@cache
def columns_by_heading() -> Mapping[str, str]:
    """Map the folded headings of columns, in every language and spelling, to the columns.

    Raises
    ------
    ValueError
        If two columns share a folded heading.

    Examples
    --------
    >>> columns_by_heading()["mailingzippostalcode"]
    'prs_MailingPostalCode'
    """
    known: dict[str, str] = {}
    for row in read_csv("column_labels.csv"):
        for text in filter(None, [row["field"], *(row[tongue] for tongue in BUILT_IN), *row["also"].split("|")]):
            if known.setdefault(fold_label(text), row["field"]) != row["field"]:
                raise ValueError(f"{text!r} is a heading of {known[fold_label(text)]} and of {row['field']}")
    return known
