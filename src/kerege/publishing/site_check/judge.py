"""Judge of pages: numbers are those of signed cells, claims are true of every table that fits.

The judge reads HTML and signed files only, and shares no code with the engine that writes the sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from kerege.publishing.site_check.claim_rules import RULES, PageClaim, Tables
from kerege.publishing.site_check.page_tree import Node, read_page
from kerege.publishing.site_check.signed_table import SignedTable
from kerege.publishing.site_check.stray_numbers import CLAIMED, Declared, find_stray

SOURCES = ("cell", "sum", "diff", "share", "estimate")
BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "li", "tr", "dd", "blockquote", "caption", "figcaption"})
ESTIMATED = re.compile(r"estimat|оцен|бағал", re.IGNORECASE)
ABOUT = re.compile(r"(about|around|около|примерно|шамамен|≈|~|±)\s*$", re.IGNORECASE)
Estimates = Mapping[str, Mapping[str, int]]


@dataclass
class Judgement:
    """Result for one page: how many claims and numbers were judged, and one sentence for each fault."""

    claims: int = 0
    numbers: int = 0
    faults: list[str] = field(default_factory=list)


def judge_page(
    html: str,
    tables: Mapping[str, SignedTable],
    estimates: Estimates | None = None,
    declared: Declared | None = None,
) -> Judgement:
    """Return the judgement of a page.

    Parameters
    ----------
    html
        Text of the page.
    tables
        Signed tables by name, or by `release/name` for pages that name releases (`data-release`).
    estimates
        Numbers of the JSON files of estimates (`read_estimate`), by name or by `release/name`.
    declared
        Words and numbers that may stand outside `<data>`; None does not judge the numbers outside it.

    Examples
    --------
    >>> from kerege.publishing.site_check.signed_table import read_table
    >>> tables = {"origin": read_table(b"origin,count,status\\n_T,30,ok\\nUZ,15,ok\\nKZ,15,ok\\n")}
    >>> page = '<p data-claim="max" data-table="origin" data-key="UZ" data-scope="origin/*">Uzbekistan comes first.</p>'
    >>> judge_page(page, tables).faults
    ['“Uzbekistan comes first.”: the claim max of origin UZ is not true of every table that fits']
    """
    judgement, page = Judgement(), read_page(html)
    if declared is not None:
        ends = {Decimal(number) for numbers in (estimates or {}).values() for number in numbers.values()}
        judgement.faults += find_stray(page, tables, declared, ends)
    for node in page.walk():
        signed = Tables(tables, node.nearest("data-release"))
        if "data-claim" in node.attributes:
            judgement.claims += 1
            judgement.faults += _faults_of_claim(node, signed)
        if node.tag == "data" and any(f"data-{kind}" in node.attributes for kind in SOURCES):
            judgement.numbers += 1
            judgement.faults += _faults_of_number(node, signed, estimates or {})
    return judgement


def _faults_of_claim(node: Node, tables: Tables) -> Iterator[str]:
    given = node.attributes
    claim = PageClaim(
        given["data-claim"],
        given.get("data-table", ""),
        tuple(given.get("data-key", "").split()),
        given.get("data-scope", ""),
    )
    words = f"“{node.text}”"
    if claim.kind == "estimate":
        if not {"lower"} <= set(claim.keys):
            yield f"{words}: an estimate without its lower end"
        return
    rule = RULES.get(claim.kind)
    if rule is None:
        yield f"{words}: there is no claim {claim.kind}"
        return
    try:
        holds = rule(claim, tables)
    except (KeyError, ValueError):
        holds = False
    if claim.kind == CLAIMED and holds:
        yield from _faults_of_counted_cells(words, len(claim.keys))
    if not holds:
        named = " ".join((claim.kind, "of", claim.table, *claim.keys))
        yield f"{words}: the claim {named} is not true of every table that fits"


def _faults_of_counted_cells(words: str, count: int) -> Iterator[str]:
    """Yield a fault unless the words name the count of withheld cells and at least as many cells."""
    numbers = sorted(int(number) for number in re.findall(r"\d+", words))
    if len(numbers) != 2 or numbers[0] != count:
        yield f"{words}: {count} cells are withheld"


def _faults_of_number(node: Node, tables: Tables, estimates: Estimates) -> Iterator[str]:
    kind = next(kind for kind in SOURCES if f"data-{kind}" in node.attributes)
    addresses = node.attributes[f"data-{kind}"].split()
    value, words = node.attributes.get("value", ""), node.text
    where = f"{words} ({kind} {' '.join(addresses)})"
    try:
        if kind == "estimate":
            expected: Decimal | None = _estimate(addresses[0], estimates, node.nearest("data-release"))
            is_about = False
        else:
            expected, is_about = _expected(kind, addresses, tables)
    except (KeyError, ValueError, IndexError, TypeError):
        yield f"{where}: no signed file holds it"
        return
    if expected is None or not _is_same(value, expected, is_share=kind == "share"):
        yield f"{where}: the signed files give {'no number' if expected is None else expected}"
    if re.sub(r"\D", "", words) != re.sub(r"\D", "", value):
        yield f"{where}: the value is {value}"
    if kind == "estimate" and not addresses[0].endswith("/planted") and not ESTIMATED.search(_block(node).text):
        yield f"{where}: the text does not say that it is estimated"
    if is_about and not ABOUT.search(_words_before(node)):
        yield f"{where}: the text does not say that it is rounded"


def _expected(kind: str, addresses: list[str], tables: Tables) -> tuple[Decimal | None, bool]:
    """Return the number that follows from the cells, and whether one of them is not exact."""
    cells = [tables.count_at(at) for at in addresses]
    if any(count is None for count, _ in cells):
        return None, False
    counts = [Decimal(count or 0) for count, _ in cells]
    is_about = not all(is_exact for _, is_exact in cells)
    if kind == "share":
        return (100 * sum(counts[1:]) / counts[0] if counts[0] else None), is_about
    return (counts[0] - counts[1] if kind == "diff" else sum(counts, Decimal(0))), is_about


def _estimate(address: str, estimates: Estimates, release: str) -> Decimal:
    """Return a number of an estimate: an end, the number of a method, or the place of an interval."""
    name, _, key = address.partition("/")
    return Decimal((estimates.get(f"{release}/{name}") or estimates[name])[key])


def _is_same(value: str, expected: Decimal, *, is_share: bool) -> bool:
    """Return whether a printed value is the expected one; a share may be rounded."""
    printed = Decimal(value)
    return printed == (expected.quantize(printed, ROUND_HALF_UP) if is_share else expected)


def _block(node: Node) -> Node:
    """Return the paragraph or heading around a number, of a table its whole figure."""
    blocks = [block for block in node.ancestors() if block.tag in BLOCKS]
    if blocks and blocks[0].tag == "tr":
        return next((block for block in node.ancestors() if block.tag in {"figure", "section", "article"}), blocks[0])
    return blocks[0] if blocks else node


def _words_before(node: Node) -> str:
    """Return the words in front of a number within its element."""
    if node.parent is None:
        return ""
    place = next(position for position, child in enumerate(node.parent.children) if child is node)
    before = Node("span", children=list(node.parent.children[:place]))
    return before.text
