"""Tables and texts of a release as a page shows them: in words, as they would be published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from kerege.publishing import gate_words, prose
from kerege.publishing.prose import Piece
from kerege.publishing.releases import ReleaseFiles
from kerege.publishing.tables import TOTAL, Cell, PublishedTable
from kerege.web.templatetags.kerege import language, number

MOST_ROWS, MOST_COLUMNS = 40, 9


@dataclass(frozen=True)
class Figure:
    """One figure: its words, and whether it is withheld or changed."""

    words: str
    withheld: bool = False
    changed: bool = False


@dataclass(frozen=True)
class Row:
    """The labels of a row, its figures, and whether it is a total."""

    labels: tuple[str, ...]
    figures: tuple[Figure, ...]
    total: bool = False


@dataclass(frozen=True)
class Shown:
    """A table with its counts, heads and rows; `more` rows are left to the file."""

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
    """A method in a few words."""
    return METHODS[method]() if method in METHODS else method


def figure(cell: Cell | None, error: int | None = None) -> Figure:
    """A cell as it is read."""
    if cell is None or cell.count is None:
        return Figure(_("suppressed") if cell else "", withheld=True)
    if not cell.about:
        return Figure(number(cell.count))
    return Figure(f"{number(cell.count)} ± {number(error)}" if error else f"≈ {number(cell.count)}", changed=True)


def tables(release: ReleaseFiles) -> list[Shown]:
    """Every table of a release."""
    return [table(each) for each in release.tables.values()]


def table(found: PublishedTable) -> Shown:
    """A table: two dimensions, the second of them short, as a grid, anything else row by row."""
    entry: dict[str, Any] = dict(found.entry)
    of, error = str(entry.get("of", "")), error_of(found)
    grid = len(found.by) == 2 and len(found.codes(1)) < MOST_COLUMNS
    by = found.by[:1] if grid else found.by
    rows = list(_grid(found, of, error) if grid else _rows(found, of, error))
    columns = _columns(found, of) if grid else (_("Figure"),)
    heads = tuple(gate_words.column(of, name) for name in by)
    return Shown(
        found.name, str(entry.get("file", "")), gate_words.table_title(entry), gate_words.described(entry),
        method_words(str(entry.get("method", ""))), dict(entry.get("cells", {})), _error_words(found, error), heads,
        columns, tuple(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS),
    )  # fmt: skip


def _columns(found: PublishedTable, of: str) -> tuple[str, ...]:
    codes = [*found.codes(1), *([TOTAL] if any(row.keys[1] == TOTAL for row in found.rows) else [])]
    return tuple(gate_words.value(of, found.by[1], code) for code in codes)


def _grid(found: PublishedTable, of: str, error: int | None) -> Iterator[Row]:
    ends = [TOTAL] if any(row.keys[1] == TOTAL for row in found.rows) else []
    across = [*found.codes(1), *ends]
    down = [*found.codes(0), *([TOTAL] if any(row.keys[0] == TOTAL for row in found.rows) else [])]
    for code in down:
        figures = tuple(figure(found.cell(code, other), error) for other in across)
        yield Row((gate_words.value(of, found.by[0], code),), figures, code == TOTAL)


def _rows(found: PublishedTable, of: str, error: int | None) -> Iterator[Row]:
    # totals are read below what they sum up
    for row in sorted(found.rows, key=lambda row: TOTAL in row.keys):
        labels = tuple(gate_words.value(of, name, code) for name, code in zip(found.by, row.keys, strict=True))
        yield Row(labels, (figure(row.cell, error),), TOTAL in row.keys)


def error_of(found: PublishedTable) -> int | None:
    """How far its figures may be from the truth: always for cell keys, in 95 of 100 cases for noise."""
    told = found.entry.get("error95")
    return int(told) if isinstance(told, (int, float)) else prose.bound(found)


def _error_words(found: PublishedTable, error: int | None) -> str:
    if error is None:
        return ""
    if found.entry.get("method") == "dp":
        return _("In 95 of 100 cases a figure is at most %(n)s from the truth.") % {"n": number(error)}
    return _("A figure is at most %(n)s from the truth.") % {"n": number(error)}


@dataclass(frozen=True)
class Words:
    """A text by language: its paragraphs, each a list of pieces."""

    lang: str
    paragraphs: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True)
class Part:
    """Words, or a locked figure with what it is of."""

    words: str
    locked: bool = False
    withheld: bool = False
    of: str = ""


def texts(release: ReleaseFiles, languages: tuple[str, ...] = ()) -> list[Words]:
    """The texts of a release in these languages (else the active one), figures filled in from its tables."""
    told = release.manifest.get("prose") or {}
    wanted = languages or (language(),)
    return [_words(lang, str(told[lang]), release) for lang in wanted if str(told.get(lang) or "").strip()]


def _words(lang: str, text: str, release: ReleaseFiles) -> Words:
    with translation.override(lang):  # figures and the word for a withheld one as the text has them
        return Words(lang, _paragraphs(text, release))


def _paragraphs(text: str, release: ReleaseFiles) -> tuple[tuple[Part, ...], ...]:
    blocks = [block.strip() for block in text.replace("\r\n", "\n").split("\n\n")]
    return tuple(tuple(_part(piece, release) for piece in prose.resolve(each, release)) for each in blocks if each)


def _part(piece: Piece, release: ReleaseFiles) -> Part:
    if piece.token is None:
        return Part(piece.words)
    found = release.tables.get(piece.token.table)
    of = ""
    if found is not None:
        cell = gate_words.cell_words(dict(found.entry), dict(piece.token.codes))
        of = f"{gate_words.table_title(dict(found.entry))}: {cell}"
    if piece.token.kind == "share":
        about = bool((piece.cell and piece.cell.about) or (piece.total and piece.total.about))
        words = "" if piece.percent is None else f"{'≈ ' if about else ''}{piece.percent} %"
        return Part(words or _("suppressed"), True, piece.percent is None, of)
    one = figure(piece.cell)
    return Part(one.words or piece.token.text, True, one.withheld, of)


def plain(words: Words) -> list[str]:
    """Paragraphs as plain text."""
    return ["".join(part.words for part in paragraph) for paragraph in words.paragraphs]


def tokens(release: ReleaseFiles, most: int = 60) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """For whoever writes the text: of each table the tokens of its cells, what each is of, and its figure."""
    found = []
    for each in release.tables.values():
        entry = dict(each.entry)
        told = [
            (_token(each, row.keys), gate_words.cell_words(entry, dict(zip(each.by, row.keys, strict=True))),
             figure(row.cell).words)
            for row in each.rows[:most]
        ]  # fmt: skip
        found.append((gate_words.table_title(entry), told))
    return found


def _token(found: PublishedTable, keys: tuple[str, ...]) -> str:
    codes = "".join(f"|{name}={code}" for name, code in zip(found.by, keys, strict=True) if code != TOTAL)
    return f"{{{{table:{found.name}{codes}}}}}"
