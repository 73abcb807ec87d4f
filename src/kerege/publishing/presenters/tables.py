"""Tables and texts of a release for its pages, in words as they would be published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from kerege.publishing.gate import messages
from kerege.publishing.releases import text_tokens
from kerege.publishing.releases.text_tokens import Piece
from kerege.publishing.storage.published_tables import TOTAL, Cell, PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.web.templatetags.kerege import language, number

MOST_ROWS, MOST_COLUMNS = 40, 9


@dataclass(frozen=True)
class Figure:
    """One figure in words, and whether it is suppressed or perturbed."""

    words: str
    withheld: bool = False
    changed: bool = False


@dataclass(frozen=True)
class Row:
    """Row of a table: labels, figures, and whether it is a total."""

    labels: tuple[str, ...]
    figures: tuple[Figure, ...]
    total: bool = False


@dataclass(frozen=True)
class Shown:
    """Table on a page; `more` rows are only in the file."""

    name: str
    file: str
    title: str
    described: str
    method: str
    cells: dict[str, int]
    error: str
    heads: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    more: int


METHODS = {
    "suppress": lambda: _("suppression"),
    "cellkey": lambda: _("cell keys"),
    "dp": lambda: _("differential privacy"),
    "none": lambda: _("as counted"),
}


def method_words(method: str) -> str:
    """Return a protection method in words."""
    return METHODS[method]() if method in METHODS else method


def figure(cell: Cell | None, error: int | None = None) -> Figure:
    """Return a cell as readers see it; `error` is the largest distance from the true count."""
    if cell is None or cell.count is None:
        return Figure(_("suppressed") if cell else "", withheld=True)
    if not cell.about:
        return Figure(number(cell.count))
    return Figure(f"{number(cell.count)} ± {number(error)}" if error else f"≈ {number(cell.count)}", changed=True)


def tables(release: ReleaseFiles) -> list[Shown]:
    """Return every table of a release."""
    return [table(each) for each in release.tables.values()]


def table(found: PublishedTable) -> Shown:
    """Return a table: a grid for two dimensions with a short second one, else one row per cell."""
    entry: dict[str, Any] = dict(found.entry)
    of, errors = str(entry.get("of", "")), Errors.of(found)
    grid = len(found.by) == 2 and len(found.codes(1)) < MOST_COLUMNS
    by = found.by[:1] if grid else found.by
    rows = list(_grid(found, of, errors) if grid else _rows(found, of, errors))
    columns = _columns(found, of) if grid else (_("Figure"),)
    heads = tuple(messages.column(of, name) for name in by)
    return Shown(
        found.name,
        str(entry.get("file", "")),
        messages.table_title(entry),
        messages.described(entry),
        method_words(str(entry.get("method", ""))),
        dict(entry.get("cells", {})),
        errors.words,
        heads,
        columns,
        tuple(rows[:MOST_ROWS]),
        max(0, len(rows) - MOST_ROWS),
    )


def _across(found: PublishedTable, dimension: int) -> list[str]:
    """Return the codes of a dimension, the total last."""
    total = [TOTAL] if any(row.keys[dimension] == TOTAL for row in found.rows) else []
    return [*found.codes(dimension), *total]


def _columns(found: PublishedTable, of: str) -> tuple[str, ...]:
    return tuple(messages.value(of, found.by[1], code) for code in _across(found, 1))


def _grid(found: PublishedTable, of: str, errors: Errors) -> Iterator[Row]:
    across = _across(found, 1)
    for code in _across(found, 0):
        cells = [((code, other), found.cell(code, other)) for other in across]
        figures = tuple(figure(cell, errors.at(found.by, keys)) for keys, cell in cells)
        yield Row((messages.value(of, found.by[0], code),), figures, code == TOTAL)


def _rows(found: PublishedTable, of: str, errors: Errors) -> Iterator[Row]:
    # totals are read below what they sum up
    for row in sorted(found.rows, key=lambda row: TOTAL in row.keys):
        labels = tuple(messages.value(of, name, code) for name, code in zip(found.by, row.keys, strict=True))
        yield Row(labels, (figure(row.cell, errors.at(found.by, row.keys)),), TOTAL in row.keys)


WITHIN = re.compile(r"(?:the total|a figure by (?P<by>.+)) is within (?P<n>\d+) of the truth in 95 of 100 cases")


@dataclass(frozen=True)
class Errors:
    """Largest errors of a table: `always` (cell keys), or `usually` in 95 of 100 cases (noise), by level."""

    always: int | None
    usually: dict[frozenset[str], int]

    @classmethod
    def of(cls, found: PublishedTable) -> Errors:
        """Return the errors that the manifest states; those of noise are read from its notes."""
        told = (WITHIN.fullmatch(str(note)) for note in found.entry.get("notes") or ())
        levels = {frozenset((each["by"] or "").split(" and ")) - {""}: int(each["n"]) for each in told if each}
        return cls(text_tokens.bound(found), levels)

    def at(self, by: tuple[str, ...], keys: tuple[str, ...]) -> int | None:
        """Return the largest error of one cell."""
        level = frozenset(name for name, code in zip(by, keys, strict=True) if code != TOTAL)
        return self.usually.get(level, self.always)

    @property
    def words(self) -> str:
        """Return the largest error as a sentence."""
        if self.usually:
            most = {"n": number(max(self.usually.values()))}
            return _("In 95 of 100 cases a figure is at most %(n)s from the truth.") % most
        return _("A figure is at most %(n)s from the truth.") % {"n": number(self.always)} if self.always else ""


@dataclass(frozen=True)
class Words:
    """Text in one language: paragraphs, each a list of parts."""

    lang: str
    paragraphs: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True)
class Part:
    """Part of a text: words, or a locked figure with its description."""

    words: str
    locked: bool = False
    withheld: bool = False
    of: str = ""


def texts(release: ReleaseFiles, languages: tuple[str, ...] = ()) -> list[Words]:
    """Return the texts of a release with figures filled in, by default in the active language only."""
    told = release.manifest.get("prose") or {}
    wanted = languages or (language(),)
    return [_words(lang, str(told[lang]), release) for lang in wanted if str(told.get(lang) or "").strip()]


def _words(lang: str, text: str, release: ReleaseFiles) -> Words:
    with translation.override(lang):  # figures and the word for a withheld one as the text has them
        return Words(lang, _paragraphs(text, release))


def _paragraphs(text: str, release: ReleaseFiles) -> tuple[tuple[Part, ...], ...]:
    blocks = [block.strip() for block in text.replace("\r\n", "\n").split("\n\n")]
    return tuple(
        tuple(_part(piece, release) for piece in text_tokens.resolve(each, release)) for each in blocks if each
    )


def _part(piece: Piece, release: ReleaseFiles) -> Part:
    if piece.token is None:
        return Part(piece.words)
    found = release.tables.get(piece.token.table)
    of = ""
    if found is not None:
        cell = messages.cell_words(dict(found.entry), dict(piece.token.codes))
        of = f"{messages.table_title(dict(found.entry))}: {cell}"
    if piece.token.kind == "share":
        about = bool((piece.cell and piece.cell.about) or (piece.total and piece.total.about))
        words = "" if piece.percent is None else f"{'≈ ' if about else ''}{piece.percent} %"
        return Part(words or _("suppressed"), True, piece.percent is None, of)
    one = figure(piece.cell)
    return Part(one.words or piece.token.text, True, one.withheld, of)


def plain(words: Words) -> list[str]:
    """Return the paragraphs as plain text."""
    return ["".join(part.words for part in paragraph) for paragraph in words.paragraphs]


def tokens(release: ReleaseFiles, most: int = 60) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return the tokens for the text form: per table the token, description and figure of its cells."""
    found = []
    for each in release.tables.values():
        entry = dict(each.entry)
        told = [
            (
                _token(each, row.keys),
                messages.cell_words(entry, dict(zip(each.by, row.keys, strict=True))),
                figure(row.cell).words,
            )
            for row in each.rows[:most]
        ]
        found.append((messages.table_title(entry), told))
    return found


def _token(found: PublishedTable, keys: tuple[str, ...]) -> str:
    codes = "".join(f"|{name}={code}" for name, code in zip(found.by, keys, strict=True) if code != TOTAL)
    return f"{{{{table:{found.name}{codes}}}}}"
