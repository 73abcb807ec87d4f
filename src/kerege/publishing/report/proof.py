"""Sentences with their proof: the claim of a paragraph, and the cell behind each number.

In a page a number reads `<data value="944" data-cell="origin/UZ">944</data>`. A number that follows from several cells
has another attribute in place of `data-cell`: `data-sum` (cells), `data-diff` (first less second), `data-share` (whole,
then the parts), `data-estimate` (name and key of an estimate) or `data-rule` (a rule of publication, no cell).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kerege.publishing.report.claims import Claim
from kerege.publishing.report.facts import NumberSource


@dataclass(frozen=True)
class Number:
    """Printed number: its words, its value for a reading program, and the cells from which it follows."""

    words: str
    value: str
    source: NumberSource

    def __str__(self) -> str:
        return self.words

    @property
    def html(self) -> SafeString:
        """Return the number as a page prints it."""
        return proved_number(self.source.addresses, self.value, self.words, self.source.kind)


Piece = str | Number


class Sentence(str):
    """Sentence in words, which also knows its HTML and its claim.

    Examples
    --------
    >>> from kerege.publishing.report.facts import NumberSource
    >>> sentence = Sentence.of(["People: ", Number("1,891", "1891", NumberSource("cell", ("assisted/_T",)))])
    >>> str(sentence)
    'People: 1,891'
    >>> str(sentence.html)
    'People: <data value="1891" data-cell="assisted/_T">1,891</data>'
    """

    claim: Claim | None
    html: SafeString
    release: str

    @classmethod
    def of(cls, pieces: Iterable[Piece], claim: Claim | None = None, release: str = "") -> Sentence:
        """Return the sentence of these pieces, with a claim about tables of a release."""
        listed = list(pieces)
        sentence = cls("".join(map(str, listed)))
        sentence.claim, sentence.release = claim, release
        sentence.html = format_html_join("", "{}", ((getattr(piece, "html", piece),) for piece in listed))
        return sentence

    def with_full_stop(self) -> Sentence:
        """Return a heading as a sentence."""
        ended = Sentence(f"{self}.")
        ended.claim, ended.release = self.claim, self.release
        ended.html = format_html("{}.", self.html)
        return ended

    @property
    def proof(self) -> SafeString:
        """Return the attributes that carry the claim in a page, with a blank before them."""
        return proof_of(self.claim, self.release)


def proof_of(claim: Claim | None, release: str = "") -> SafeString:
    """Return the attributes of a paragraph that states a claim, '' without one."""
    if claim is None:
        return SafeString()
    given = {"claim": claim.kind, "table": claim.table, "key": " ".join(claim.keys), "scope": claim.scope}
    named = (given | {"release": release}).items()
    return format_html_join("", ' data-{}="{}"', ((name, value) for name, value in named if value))


def proved_number(cells: str | Iterable[str], n: float | str, words: str = "", kind: str = "cell") -> SafeString:
    """Return a number with the address of its cell, for a page; `words` is how the page prints it.

    Examples
    --------
    >>> str(proved_number("assisted_by_year/2017", 177))
    '<data value="177" data-cell="assisted_by_year/2017">177</data>'
    """
    at = cells if isinstance(cells, str) else " ".join(cells)
    return format_html('<data value="{}" data-{}="{}">{}</data>', n, kind, at, words or n)
