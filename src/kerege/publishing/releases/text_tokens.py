"""Tokens in the text of a release: each figure is a token of a published table, never typed by hand.

`{{table:sex|sex=female}}` is a cell, `{{table:sex}}` the total, `{{share:sex|sex=female}}` the cell in per cent of the
total. `typed_figures` finds every other figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.evidence.release.typed_figures import TOKEN
from kerege.publishing.storage.published_tables import TOTAL, WITHHELD, PublishedCell, PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.vocabulary import codes
from kerege.vocabulary import snapshot_columns as schema


@dataclass(frozen=True)
class FigureToken:
    """Reference to a figure by its table and codes."""

    text: str
    kind: str
    table: str
    codes: tuple[tuple[str, str], ...]

    def keys(self, table: PublishedTable) -> tuple[str, ...]:
        """Return the codes of the cell, one per dimension; a dimension that is not named is the total."""
        named = dict(self.codes)
        return tuple(named.get(column, TOTAL) for column in table.by)


@dataclass(frozen=True)
class TextPiece:
    """Piece of a text: plain words, or a figure with its cell (None when the table has no such cell)."""

    words: str = ""
    token: FigureToken | None = None
    cell: PublishedCell | None = None
    total: PublishedCell | None = None
    bound: int | None = None  # largest distance of a perturbed figure from the true one

    @property
    def percent(self) -> int | None:
        """Return the share in per cent, rounded; None when the cell or the total is not published."""
        if self.cell is None or self.total is None or self.cell.count is None or not self.total.count:
            return None
        return round(100 * self.cell.count / self.total.count)


def split_tokens(text: str) -> Iterator[str | FigureToken]:
    """Yield the plain texts and the tokens of a text, in order."""
    position = 0
    for match in TOKEN.finditer(text):
        yield text[position : match.start()]
        pairs = tuple(tuple(part.split("=", 1)) for part in match[3].split("|") if part)
        yield FigureToken(match[0], match[1], match[2], tuple((name.strip(), code.strip()) for name, code in pairs))
        position = match.end()
    yield text[position:]


def has_broken_token(text: str) -> bool:
    """Return whether the text holds braces that do not form a token."""
    return any(sign in part for part in split_tokens(text) if isinstance(part, str) for sign in ("{{", "}}"))


def check_tokens(prose: Mapping[str, str], release: ReleaseFiles | None) -> None:
    """Raise BadInput when a token names no cell of the release. Without a release nothing is checked."""
    if release is None:
        return
    faults = {
        piece.token.text: None
        for text in prose.values()
        for piece in resolve_tokens(text, release)
        if piece.token is not None and piece.cell is None
    }
    what = gettext_noop("a token of the text names no figure of this release")
    todo = gettext_noop("correct the token in the text")
    if faults:
        raise BadInput([Fault(what, todo, column=text) for text in faults])


def resolve_tokens(text: str, release: ReleaseFiles) -> list[TextPiece]:
    """Return the pieces of a text, with figures from the tables of the release only."""
    return [
        _piece(part, release) if isinstance(part, FigureToken) else TextPiece(part)
        for part in split_tokens(text)
        if part
    ]


def _piece(token: FigureToken, release: ReleaseFiles) -> TextPiece:
    table = release.tables.get(token.table)
    if table is None or {column for column, _code in token.codes} - set(table.by):
        return TextPiece(token=token)
    cell = table.cell(*token.keys(table)) or _merged(token, table)
    return TextPiece("", token, cell, table.total, perturbation_bound(table))


def _merged(token: FigureToken, table: PublishedTable) -> PublishedCell | None:
    """Return a suppressed cell when the code is valid but its table does not show it; None otherwise."""
    of = table.entry.of
    try:
        for name, code in token.codes:
            column = schema.column(of, name)
            if column.list in codes.names():
                column.label(code, "en")
            elif all(row.keys[table.by.index(name)] != code for row in table.rows):
                return None
    except (LookupError, codes.UnknownCode):
        return None
    return PublishedCell(None, WITHHELD)


def perturbation_bound(table: PublishedTable) -> int | None:
    """Return the largest perturbation that the manifest states for a table, or None."""
    half_width = table.entry.params.get("half_width", table.entry.params.get("D"))
    return int(half_width) if isinstance(half_width, int) else None
