"""Prose of the report: every sentence that the published tables prove, in one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from kerege.publishing.report.cell_index import CellIndex
from kerege.publishing.report.claims import Claim
from kerege.publishing.report.facts import CountFact, Fact, Facts, ShareFact, count_fact
from kerege.publishing.report.localiser import HOLE, NBSP, Localiser, UnpublishedFactError
from kerege.publishing.report.proof import Number, Piece, Sentence
from kerege.publishing.report.templates import CONDITIONS, Entries, Entry, Template
from kerege.publishing.storage.published_tables import PublishedCell

SWITCHES = ("if_", "est_")  # facts that say whether a sentence applies at all


class Prose:
    """Writer of sentences. It prints one only if its facts are published and its claim holds."""

    def __init__(self, localiser: Localiser, cells: CellIndex, releases: Mapping[str, str] | None = None) -> None:
        self.localiser, self.cells = localiser, cells
        self.releases = dict(releases or {})  # folder of the release of each table

    def tell(self, entry: Entry, facts: Facts, *, is_heading: bool = False) -> Sentence | None:
        """Return one sentence, or None when it is not proved."""
        template = Template.of(entry)
        claim: Claim | None = None
        if template.claim:
            bound = template.bind(facts, self.cells)
            if bound is None:
                return None
            claim, facts = bound[0], facts | bound[1]
        try:
            pieces = self._pieces(template.text, facts, is_heading)
        except UnpublishedFactError:
            return None
        stated = claim or implied_claim(pieces)
        return Sentence.of(pieces, stated, self.releases.get(stated.table, "") if stated else "")

    def sentences(self, entries: Iterable[Entries], facts: Facts) -> list[Sentence]:
        """Return every sentence that is proved; of a list of wordings the first. The others are left out."""
        return [sentence for entry in entries if (sentence := self.first(entry, facts))]

    def first(self, entries: Entries, facts: Facts, *, is_heading: bool = False) -> Sentence:
        """Return the first wording that is proved, an empty one when there is none."""
        listed = entries if isinstance(entries, list) else [entries]
        sentences = (self.tell(entry, facts, is_heading=is_heading) for entry in listed)
        return next((sentence for sentence in sentences if sentence is not None), Sentence.of([]))

    def omits(self, entries: Entries, facts: Facts) -> bool:
        """Return whether a sentence that applies is left out, because a suppressed number may disprove it."""
        entry = entries[0] if isinstance(entries, list) else entries
        template = Template.of(entry)
        missing = [name for name in template.holes if facts.get(name) is None]
        if any(name.startswith(SWITCHES) for name in missing) or template.claim in CONDITIONS:
            return False
        return self.tell(entry, facts) is None

    def number(self, fact: Fact | None, noun: str | None = None, *, is_heading: bool = False) -> list[Piece]:
        """Return a fact in words, its number apart. Raises UnpublishedFactError when it is not published."""
        if isinstance(fact, ShareFact) and is_heading:
            fact = replace(fact, whole=min(fact.whole, self.localiser.LEAST_DECIMALS - 1))
        words = self.localiser.fact(fact, noun)
        if not isinstance(fact, CountFact | ShareFact):
            return [words]
        printed, value = self.localiser.printed(fact)
        before, _, after = words.partition(printed)
        return [before, Number(printed, value, fact.source), after]

    def cell(self, cell: PublishedCell | None, at: str) -> Sentence:
        """Return a cell of a table: a number with its address, or the word for a suppressed one."""
        count = count_fact(cell, at)
        if count is None:
            return Sentence.of([self.localiser.text["words"]["absent" if cell is None else "withheld"]])
        return Sentence.of(self.number(count))

    def _pieces(self, text: str, facts: Facts, is_heading: bool) -> list[Piece]:
        pieces: list[Piece] = []
        end = 0
        for hole in HOLE.finditer(text):
            pieces += [text[end : hole.start()], *self.number(facts.get(hole[1]), hole[2], is_heading=is_heading)]
            end = hole.end()
        return _capitalised([*pieces, text[end:]])


def _capitalised(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with a capital at the start, and no line that starts with a dash."""
    kept = [piece.replace(" – ", f"{NBSP}– ") if isinstance(piece, str) else piece for piece in pieces if str(piece)]
    if kept and isinstance(first := kept[0], str):
        kept[0] = first[:1].upper() + first[1:]
    return kept


def implied_claim(pieces: Iterable[Piece]) -> Claim | None:
    """Return the claim of a sentence that only states numbers: their cells, or the ends of an estimate."""
    sources = [piece.source for piece in pieces if isinstance(piece, Number)]
    ends = [at for source in sources if source.kind == "estimate" for at in source.addresses]
    if any(at.endswith("/lower") for at in ends):
        return _claim_of("estimate", ends)
    cells = [at for source in sources if source.kind in {"cell", "sum", "diff", "share"} for at in source.addresses]
    kinds = {source.kind for source in sources}
    return _claim_of("share" if "share" in kinds else "value", cells) if cells else None


def _claim_of(kind: str, addresses: list[str]) -> Claim:
    """Return a claim about the cells of the first table."""
    table = addresses[0].partition("/")[0]
    keys = (at.partition("/")[2] for at in addresses if at.partition("/")[0] == table)
    return Claim(kind, table, tuple(dict.fromkeys(keys)))
