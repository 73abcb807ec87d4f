"""What was learned, in plain sentences: which figure, which attack, which remedy."""

from __future__ import annotations

from collections.abc import Sequence

from kerege.evidence.sdc.disclosure.disclosures import Disclosure
from kerege.evidence.sdc.disclosure.report import Source

WHAT = {
    "interval": "The figure is not published but is",
    "difference": "Those who are in one table and not in the other are",
    "revision": "Those who came or went between two releases are",
}


def sentences(found: Disclosure, *, already: bool, threshold: int) -> tuple[str, str, str]:
    """Which figure, which attack, which remedy: three plain sentences in English."""
    return _figure(found), _attack(found), remedy(found, already=already, threshold=threshold)


def _who(cell: dict[str, str]) -> str:
    return ", ".join(f"{name}={code}" for name, code in cell.items()) or "the total"


def _amount(found: Disclosure) -> str:
    return str(found.lower) if found.lower == found.upper else f"between {found.lower} and {found.upper}"


def _figure(found: Disclosure) -> str:
    return f"Table {found.table} of {found.release}: {_who(found.cell)}."


def _attack(found: Disclosure) -> str:
    amount = _amount(found)
    if found.kind == "small":
        return f"The count {amount} is published as it is, so few people can be found."
    if found.kind == "group":
        return f"All {found.upper} people of this group have the same value, so it is known of each of them."
    by = listed_sources(found.sources)
    return f"{WHAT[found.kind]} {amount}, as can be worked out from {by}."


def listed_sources(sources: Sequence[Source], most: int = 6) -> str:
    """Published numbers in a sentence."""
    told = [f"{each.value} ({_who(each.cell)}, table {each.table}{_of(each, sources)})" for each in sources[:most]]
    more = f" and {len(sources) - most} more" if len(sources) > most else ""
    return ("; ".join(told) or "the published tables") + more


def _of(one: Source, sources: Sequence[Source]) -> str:
    return f" of {one.release}" if len({each.release for each in sources}) > 1 else ""


def remedy(found: Disclosure, *, already: bool, threshold: int) -> str:
    """The smallest change that stops it, in one sentence."""
    if already:
        return "This can no longer be protected: it follows from what is public already; do not repeat or refine it."
    if found.hide:
        cells = "; ".join(f"{_who(cell)} in table {table}" for table, cell in found.hide)
        return f"Suppress {cells}."
    if found.kind == "revision":
        return f"Keep the earlier figure, or suppress this one, until at least {threshold} people make the difference."
    return f"Leave out table {found.drop or found.table}, or make its groups coarser."
