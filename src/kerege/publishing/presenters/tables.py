"""Tables and texts of a release for its pages, in words as they would be published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from kerege.evidence.release.manifest import Cells
from kerege.publishing.gate import messages
from kerege.publishing.releases import text_tokens
from kerege.publishing.releases.text_tokens import TextPiece
from kerege.publishing.storage.published_tables import TOTAL, PublishedCell, PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.publishing.storage.release_labels import labels_of
from kerege.web.templatetags.kerege import language, number

MOST_ROWS, MOST_COLUMNS = 40, 9


@dataclass(frozen=True)
class DisplayedFigure:
    """One figure in words, and whether it is suppressed or perturbed."""

    words: str
    withheld: bool = False
    changed: bool = False


@dataclass(frozen=True)
class DisplayedRow:
    """Row of a table: labels, figures, and whether it is a total."""

    labels: tuple[str, ...]
    figures: tuple[DisplayedFigure, ...]
    total: bool = False


@dataclass(frozen=True)
class DisplayedTable:
    """Table on a page; `more` rows are only in the file."""

    name: str
    file: str
    title: str
    described: str
    method: str
    cells: Cells
    error: str
    heads: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[DisplayedRow, ...]
    more: int


METHODS = {
    "suppress": lambda: _("suppression"),
    "cellkey": lambda: _("cell keys"),
    "dp": lambda: _("differential privacy"),
    "none": lambda: _("as counted"),
}


def method_text(method: str) -> str:
    """Return a protection method in words."""
    return METHODS[method]() if method in METHODS else method


def present_figure(cell: PublishedCell | None, error: int | None = None) -> DisplayedFigure:
    """Return a cell as readers see it; `error` is the largest distance from the true count."""
    if cell is None or cell.count is None:
        return DisplayedFigure(_("suppressed") if cell else "", withheld=True)
    if not cell.about:
        return DisplayedFigure(number(cell.count))
    return DisplayedFigure(
        f"{number(cell.count)} ± {number(error)}" if error else f"≈ {number(cell.count)}", changed=True
    )


def present_tables(release: ReleaseFiles) -> list[DisplayedTable]:
    """Return every table of a release as a page shows it."""
    with labels_of([release]):
        return [present_table(published) for published in release.tables.values()]


def present_table(published: PublishedTable) -> DisplayedTable:
    """Return a table: a grid for two dimensions with a short second one, else one row per cell."""
    entry, errors = published.entry, TableErrors.of(published)
    of = entry.of
    grid = len(published.by) == 2 and len(published.codes(1)) < MOST_COLUMNS
    by = published.by[:1] if grid else published.by
    rows = list(_grid(published, of, errors) if grid else _rows(published, of, errors))
    columns = _columns(published, of) if grid else (_("Figure"),)
    heads = tuple(messages.column_title(of, name) for name in by)
    return DisplayedTable(
        name=published.name,
        file=entry.file,
        title=messages.table_title(entry.tree),
        described=messages.describe_table(entry.tree),
        method=method_text(entry.method),
        cells=entry.cells,
        error=errors.words,
        heads=heads,
        columns=columns,
        rows=tuple(rows[:MOST_ROWS]),
        more=max(0, len(rows) - MOST_ROWS),
    )


def _across(published: PublishedTable, dimension: int) -> list[str]:
    """Return the codes of a dimension, the total last."""
    total = [TOTAL] if any(row.keys[dimension] == TOTAL for row in published.rows) else []
    return [*published.codes(dimension), *total]


def _columns(published: PublishedTable, of: str) -> tuple[str, ...]:
    return tuple(messages.value_label(of, published.by[1], code) for code in _across(published, 1))


def _grid(published: PublishedTable, of: str, errors: TableErrors) -> Iterator[DisplayedRow]:
    across = _across(published, 1)
    for code in _across(published, 0):
        cells = [((code, column), published.cell(code, column)) for column in across]
        figures = tuple(present_figure(cell, errors.at(published.by, keys)) for keys, cell in cells)
        yield DisplayedRow((messages.value_label(of, published.by[0], code),), figures, code == TOTAL)


def _rows(published: PublishedTable, of: str, errors: TableErrors) -> Iterator[DisplayedRow]:
    # Totals come after the rows that they sum.
    for row in sorted(published.rows, key=lambda row: TOTAL in row.keys):
        labels = tuple(messages.value_label(of, name, code) for name, code in zip(published.by, row.keys, strict=True))
        yield DisplayedRow(labels, (present_figure(row.cell, errors.at(published.by, row.keys)),), TOTAL in row.keys)


WITHIN = re.compile(r"(?:the total|a figure by (?P<by>.+)) is within (?P<n>\d+) of the truth in 95 of 100 cases")


@dataclass(frozen=True)
class TableErrors:
    """Largest errors of a table: `always` (cell keys), or `usually` in 95 of 100 cases (noise), by level."""

    always: int | None
    usually: dict[frozenset[str], int]

    @classmethod
    def of(cls, published: PublishedTable) -> TableErrors:
        """Return the errors that the manifest states; those of noise are read from its notes."""
        matches = map(WITHIN.fullmatch, published.entry.notes)
        levels = {frozenset((match["by"] or "").split(" and ")) - {""}: int(match["n"]) for match in matches if match}
        return cls(text_tokens.perturbation_bound(published), levels)

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
class DisplayedText:
    """Text in one language: paragraphs, each a list of parts."""

    lang: str
    paragraphs: tuple[tuple[DisplayedTextPart, ...], ...]


@dataclass(frozen=True)
class DisplayedTextPart:
    """Part of a text: words, or a locked figure with its description."""

    words: str
    locked: bool = False
    withheld: bool = False
    of: str = ""


def present_texts(release: ReleaseFiles, languages: tuple[str, ...] = ()) -> list[DisplayedText]:
    """Return the texts of a release with figures filled in, by default in the active language only."""
    prose = release.manifest.prose or {}
    requested = languages or (language(),)
    with labels_of([release]):
        return [_words(lang, prose[lang], release) for lang in requested if prose.get(lang, "").strip()]


def _words(lang: str, text: str, release: ReleaseFiles) -> DisplayedText:
    with translation.override(lang):  # numbers and "suppressed" follow the language of the text
        return DisplayedText(lang, _paragraphs(text, release))


def _paragraphs(text: str, release: ReleaseFiles) -> tuple[tuple[DisplayedTextPart, ...], ...]:
    blocks = [block.strip() for block in text.replace("\r\n", "\n").split("\n\n")]
    return tuple(
        tuple(_part(piece, release) for piece in text_tokens.resolve_tokens(block, release))
        for block in blocks
        if block
    )


def _part(piece: TextPiece, release: ReleaseFiles) -> DisplayedTextPart:
    if piece.token is None:
        return DisplayedTextPart(piece.words)
    published = release.tables.get(piece.token.table)
    of = ""
    if published is not None:
        entry = published.entry.tree
        of = f"{messages.table_title(entry)}: {messages.cell_text(entry, dict(piece.token.codes))}"
    if piece.token.kind == "share":
        about = bool((piece.cell and piece.cell.about) or (piece.total and piece.total.about))
        words = "" if piece.percent is None else f"{'≈ ' if about else ''}{piece.percent} %"
        return DisplayedTextPart(words or _("suppressed"), True, piece.percent is None, of)
    cell_figure = present_figure(piece.cell)
    return DisplayedTextPart(cell_figure.words or piece.token.text, True, cell_figure.withheld, of)


def plain_text(words: DisplayedText) -> list[str]:
    """Return the paragraphs as plain text."""
    return ["".join(part.words for part in paragraph) for paragraph in words.paragraphs]


def list_tokens(release: ReleaseFiles, most: int = 60) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return the tokens for the text form: per table the token, description and figure of its cells."""
    by_table = []
    for table in release.tables.values():
        entry = table.entry.tree
        rows = [
            (
                _token(table, row.keys),
                messages.cell_text(entry, dict(zip(table.by, row.keys, strict=True))),
                present_figure(row.cell).words,
            )
            for row in table.rows[:most]
        ]
        by_table.append((messages.table_title(entry), rows))
    return by_table


def _token(published: PublishedTable, keys: tuple[str, ...]) -> str:
    codes = "".join(f"|{name}={code}" for name, code in zip(published.by, keys, strict=True) if code != TOTAL)
    return f"{{{{table:{published.name}{codes}}}}}"
