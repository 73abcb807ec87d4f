"""Check of the article, sentence by sentence: supported by the releases, cited, or not published."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from kerege.publishing.report import context
from kerege.publishing.report.facts import CountFact, Facts, ShareFact, share_fact, sum_fact, table_fact
from kerege.publishing.report.proof import Sentence
from kerege.publishing.report.prose import Prose
from kerege.publishing.report.templates import list_of
from kerege.publishing.storage.published_tables import TOTAL, PublishedTable
from kerege.publishing.storage.year_releases import YearReleases

DATA = Path(__file__).parent / "data" / "article.toml"
NUMBER = re.compile(r"(?<![\w-])(\d{1,3}(?:[ ,\u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,]\d+)?)([ \u00a0\u202f]?%)?")
NOTHING = Sentence.of([])
WORST_FIRST = ("unsafe", "absent", "computed", "quoted")  # results of one sentence
MASK = "\ue000"  # placeholder of a suppressed number until the page marks it up


@dataclass(frozen=True)
class CheckedNumber:
    """One number of a sentence and the result of its check."""

    verdict: str
    verdict_words: str
    number: Sentence
    what: str
    query: str
    reason: str
    is_differing: bool = False


@dataclass(frozen=True)
class CheckedClaim:
    """Sentence of the article, split at its suppressed numbers, with its parts."""

    id: str
    pieces: tuple[str, ...]
    parts: tuple[CheckedNumber, ...]

    @property
    def verdict(self) -> str:
        """Return the result of the sentence: the first of `WORST_FIRST` among its numbers."""
        verdicts = {part.verdict for part in self.parts}
        return next(verdict for verdict in WORST_FIRST if verdict in verdicts)

    @property
    def verdict_words(self) -> str:
        """Return the result in words."""
        return next(part.verdict_words for part in self.parts if part.verdict == self.verdict)


@dataclass(frozen=True)
class CheckedArticle:
    """Article with its claims in order: the sums first, then the numbers that differ."""

    summary: Sentence
    claims: tuple[CheckedClaim, ...]
    differing: tuple[tuple[CheckedClaim, CheckedNumber], ...]


@cache
def read_plan() -> dict[int, dict[str, Any]]:
    """Return how each claim is checked, by its id."""
    return {claim["id"]: claim for claim in tomllib.loads(DATA.read_text(encoding="utf-8"))["claim"]}


def check_article(year_releases: YearReleases, prose: Prose) -> CheckedArticle:
    """Return the checked article."""
    claims = check_claims(year_releases, prose)
    verdicts = [claim.verdict for claim in claims]
    facts: Facts = {name: CountFact(verdicts.count(name)) for name in ("computed", "quoted", "unsafe")}
    text = prose.localiser.text["article"]
    summary = prose.first(text["summary"], facts | {"sentences": CountFact(len(claims))})
    pairs = ((claim, part) for claim in claims for part in claim.parts if part.is_differing)
    return CheckedArticle(summary, claims, tuple(pairs))


def check_claims(year_releases: YearReleases, prose: Prose) -> tuple[CheckedClaim, ...]:
    """Return every claim of the article, in order."""
    texts = context.claim_texts(prose.localiser.lang)
    with year_releases.kept_labels():
        return tuple(_claim(year_releases, prose, number, text) for number, text in texts.items())


def _claim(year_releases: YearReleases, prose: Prose, number: int, text: str) -> CheckedClaim:
    localiser = prose.localiser
    entry = read_plan().get(number, {})
    if "quote" in entry or not entry:
        words = localiser.text["article"]
        quote = entry.get("quote", "iom")
        part = CheckedNumber(
            verdict="quoted",
            verdict_words=words["verdict"]["quoted"],
            number=NOTHING,
            what="",
            query=words["quoted_query"],
            reason=words["quotes"][quote],
        )
        return CheckedClaim(str(number), (text,), (part,))
    answers = [NumberCheck(year_releases, prose, part) for part in entry["part"]]
    parts = [part for answer in answers for part in answer.parts()]
    if "rest" in entry:
        words = localiser.text["article"]
        reason = words["reasons"][entry["rest"]]
        parts.append(
            CheckedNumber(
                verdict="unsafe",
                verdict_words=words["verdict"]["unsafe"],
                number=NOTHING,
                what="",
                query="",
                reason=reason,
            )
        )
    hidden = {value for answer in answers for value in answer.hidden()}
    return CheckedClaim(str(number), tuple(mask_numbers(text, hidden).split(MASK)), tuple(parts))


def mask_numbers(text: str, hidden: set[Decimal]) -> str:
    """Return the sentence with every number of `hidden` replaced by `MASK`."""

    def replace(match: re.Match[str]) -> str:
        return MASK if parse_number(match[1]) in hidden else match[0]

    return NUMBER.sub(replace, text)


def parse_number(number: str) -> Decimal:
    """Return a number as printed in any of the three languages."""
    plain = re.sub(r"[ \u00a0\u202f]", "", number)
    if re.fullmatch(r"\d{1,3}(,\d{3})+", plain):
        plain = plain.replace(",", "")
    return Decimal(plain.replace(",", "."))


class NumberCheck:
    """Answer of the releases to one number of the article."""

    def __init__(self, year_releases: YearReleases, prose: Prose, part: dict[str, Any]) -> None:
        self.prose, self.localiser, self.part = prose, prose.localiser, part
        localiser = prose.localiser
        self.words = localiser.text["article"]
        self.table = year_releases.table(part["table"])
        self.count = self._count()
        self.withheld = self.count is None
        self.whole = self._whole()

    def _keys(self, keys: list[str]) -> tuple[str, ...]:
        if self.table is None or not {"first", "last"} & set(keys):
            return tuple(keys)
        cells = {code: self.table.cell(code, *keys[1:]) for code in self.table.codes() if code.isdigit()}
        ends = sorted(code for code, cell in cells.items() if cell is not None and cell.count is not None)
        names = {"first": ends[0], "last": ends[-1]} if ends else {}
        return tuple(names.get(key, key) for key in keys)

    def _count(self) -> CountFact | None:
        if self.table is None:
            return None
        if "sum" in self.part:
            return sum_fact(table_fact(self.table, code) for code in self.part["sum"])
        return table_fact(self.table, *self._keys(self.part["keys"]))

    def _whole(self) -> CountFact | None:
        if self.table is None:
            return None
        if "whole" in self.part:
            return table_fact(self.table, *self._keys(self.part["whole"]))
        return table_fact(self.table)

    def hidden(self) -> list[Decimal]:
        """Return the printed numbers that the page must not repeat: those not published exactly."""
        if self.count is not None and not self.count.about:
            return []
        return [Decimal(str(self.part[name])) for name in ("printed", "share") if name in self.part]

    def parts(self) -> list[CheckedNumber]:
        """Return the number, and the share where the article prints one."""
        if self.count is None:
            is_absent = self.table is None
            verdict = "absent" if is_absent else "unsafe"
            return [self._part(verdict, NOTHING, self.words["reasons"]["absent" if is_absent else "unsafe"])]
        parts = []
        if "printed" in self.part or "share" not in self.part:
            number = Sentence.of(self.prose.number(self.count, self.part.get("noun", "people")))
            parts.append(self._part("computed", number, self._reason()))
        relative = share_fact(self.count, self.whole)
        if relative is not None and ("share" in self.part or "whole" in self.part):
            parts.append(self._part("computed", Sentence.of(self.prose.number(relative)), self._share_reason(relative)))
        return parts

    def _reason(self) -> str:
        reasons = self.words["reasons"]
        if self.count is None or self.count.about:
            return str(reasons["rounded"])
        if "printed" not in self.part:
            return str(reasons["unprinted"])
        return str(reasons["same" if self.count.n == self.part["printed"] else "differs"])

    def _share_reason(self, relative: ShareFact) -> str:
        reasons = self.words["reasons"]
        if relative.about:
            return str(reasons["rounded_share"])
        if "share" not in self.part:
            return str(self.words["quotes"]["shift"])
        printed = Decimal(self.part["share"])
        exact = Decimal(repr(relative.value)) * 100
        if exact.quantize(printed, ROUND_HALF_UP) == printed:
            return str(reasons["same_share"])
        if exact.quantize(printed, ROUND_DOWN) == printed:
            two = Decimal(repr(relative.value)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
            return str(reasons["truncated"]).replace("{exact}", self.localiser.decimals(two))
        return str(reasons["differs"])

    def _part(self, verdict: str, number: Sentence, reason: str) -> CheckedNumber:
        return CheckedNumber(
            verdict=verdict,
            verdict_words=self.words["verdict"][verdict],
            number=number,
            what=self._what(),
            query=self._query(),
            reason=reason,
            is_differing=reason == self.words["reasons"]["differs"] or self._is_cut(reason),
        )

    def _is_cut(self, reason: str) -> bool:
        """Return whether a reason says that the article cut decimals off."""
        start = str(self.words["reasons"]["truncated"]).partition("{")[0]
        return bool(start) and reason.startswith(start)

    def _cells(self, table: PublishedTable) -> list[tuple[str, str]]:
        if "sum" in self.part:
            return [(table.by[0], code) for code in self.part["sum"]]
        return list(zip(table.by, self._keys(self.part["keys"]), strict=False))

    def _what(self) -> str:
        """Return the cell in words: the labels of its codes."""
        if self.table is None:
            return ""
        labels = [self.localiser.head(list_of(dimension), code) for dimension, code in self._cells(self.table)]
        return (" + " if "sum" in self.part else ", ").join(labels) or self.localiser.head("year", TOTAL)

    def _query(self) -> str:
        if self.table is None:
            return str(self.part["table"])
        filters = ", ".join(f"{column}={'|'.join(values)}" for column, values in self.table.entry.where.items())
        query = str(self.words["query_words"])
        for name, value in (
            ("table", self.table.name),
            ("filter", filters or self.words["query_none"]),
            ("file", self.table.entry.file),
        ):
            query = query.replace(f"{{{name}}}", value)
        cells = ", ".join(f"{dimension}={code}" for dimension, code in self._cells(self.table)) or TOTAL
        return f"{query}, {self.words['cell_words'].replace('{cell}', cells)}"
