"""Numbers of a page that stand outside `<data>`: each is a signed figure, part of a date, or declared.

Declared are the labels of code lists, texts that are quoted with their source, thresholds, and telephone numbers. The
figures of drawings belong to the table beside them and are not read here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from kerege.publishing.site_check.page_tree import Node
from kerege.publishing.site_check.signed_table import SignedTable

SILENT = frozenset({"data", "svg", "code", "pre", "time", "script", "style", "iframe"})
CLAIMED = "withheld_some"  # claim whose words count cells
MONTHS = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|"
    "ноябр|декабр|қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|қыркүйек|қазан|қараша|желтоқсан"
)
DATES = re.compile(
    rf"\b\d{{1,2}}\s+(?:{MONTHS})\w*|\b\d{{4}}-\d\d(?:-\d\d)?\b|\b\d\d:\d\d\b|\b[12](?:-\w+)?\s+(?:полугоди|жартыжылд)\w*"
    r"|\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)
# addresses, hashes, names of files, columns, standards, laws and methods, numbers of a list, the level of noise
NAMES = re.compile(
    r"https?://\S+|sha256:\w+|\b(?=\w*[a-f])[0-9a-f]{8,}\b|\S*[_=/]\S*|\b[^\W\d_]+[-+]?\d[\d-]*"
    r"|CC BY 4\.0|^\s*\d+\.(?=\s|$)|\bp < 0[.,]\d+|\b\d+-[IVXLC]+\b|\b95\D{1,14}100\b|\b100\D{1,14}95\b"
)
NUMBER = re.compile(r"\d+(?:[ ,]\d{3}(?!\d))*(?:[.,]\d+)?")


@dataclass(frozen=True)
class Declared:
    """Words and numbers that a page may show without a signed cell.

    `quoted` are the numbers of each quoted text, by the name that an element gives in `data-quoted`; they hold inside
    this element only.
    """

    words: frozenset[str] = frozenset()
    numbers: frozenset[Decimal] = frozenset()
    quoted: Mapping[str, frozenset[Decimal]] = field(default_factory=dict)

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """Return the pattern of the words, the longest first; None without words."""
        longest = sorted(self.words, key=lambda words: (-len(words), words))
        return re.compile("|".join(map(re.escape, longest))) if longest else None


def find_stray(
    page: Node, tables: Mapping[str, SignedTable], declared: Declared, more: Collection[Decimal] = ()
) -> Iterator[str]:
    """Yield one sentence for each number in the main part that nothing bears out.

    `more` are numbers of signed files that are no tables.

    Examples
    --------
    >>> from kerege.publishing.site_check.page_tree import read_page
    >>> page = read_page("<main><p>In 2025 they were 17, on 30 July under 10.</p></main>")
    >>> list(find_stray(page, {}, Declared(numbers=frozenset({Decimal(10)}))))
    ['17 in “In 2025 they were 17, on 30 July under 10.”: no signed table and no declared constant bears it out']
    """
    for main in (node for node in page.walk() if node.tag == "main"):
        for node, text in _texts(main):
            for words in _numbers(text, declared):
                known = _counts(tables, node.nearest("data-release")) | declared.numbers
                known |= declared.quoted.get(node.nearest("data-quoted"), frozenset())
                if value_of(words) not in known | {*more}:
                    shown = " ".join(text.split())
                    yield f"{words} in “{shown}”: no signed table and no declared constant bears it out"


def _texts(node: Node) -> Iterator[tuple[Node, str]]:
    for child in node.children:
        if isinstance(child, str):
            yield node, child
        elif child.tag not in SILENT and child.attributes.get("data-claim") != CLAIMED and not _is_call(child):
            yield from _texts(child)


def _is_call(node: Node) -> bool:
    """Return whether an element is a telephone number that a reader calls by a click, and nothing else."""
    words = "".join(child for child in node.children if isinstance(child, str))
    return node.tag == "a" and node.attributes.get("href") == f"tel:{words}" and len(node.children) == 1


def _numbers(text: str, declared: Declared) -> Iterable[str]:
    """Return the numbers of a text without dates, declared words, and names with digits."""
    plain = text.replace("\u00a0", " ").replace("\u202f", " ")
    for pattern in (declared.pattern, DATES, NAMES):
        plain = pattern.sub(" ", plain) if pattern else plain
    return NUMBER.findall(plain)


def read_numbers(texts: Iterable[str]) -> frozenset[Decimal]:
    """Return the numbers of texts, without those of dates.

    Examples
    --------
    >>> sorted(map(int, read_numbers(["On 3 May 2026 they trained 200 people", "in 17 regions"])))
    [17, 200]
    """
    plain = (DATES.sub(" ", text.replace("\u00a0", " ")) for text in texts)
    return frozenset(value_of(words) for text in plain for words in NUMBER.findall(text))


def value_of(words: str) -> Decimal:
    """Return a number as printed in English, Russian or Kazakh."""
    return Decimal(re.sub(r"[ ,](?=\d{3}(?!\d))", "", words).replace(",", "."))


def _counts(tables: Mapping[str, SignedTable], release: str) -> frozenset[Decimal]:
    """Return the published counts of a release; those of all where a page names none."""
    named = [table for name, table in tables.items() if not release or name.startswith(f"{release}/")]
    cells = (count for table in named or tables.values() for count, _ in table.cells.values())
    return frozenset(Decimal(count) for count in cells if count is not None)
