"""Claims: statements about published tables that hold for every true table that fits.

A published cell is exact, rounded or suppressed. It allows one number, a few or many. A claim holds if it is true
whichever of these numbers is the true one. A sentence is printed only if its claim holds, and the page carries the
proof: `<p data-claim="max" data-table="origin" data-key="UZ" data-scope="origin/*">`. `kerege site check` judges it
without this module.

| claim | `keys` | `scope` | it says |
|---|---|---|---|
| `value` | cells | | these numbers are published |
| `share` | whole and part | | both numbers are published |
| `diff` | a, b | `less` or `more` | both are exact, and a is less (more) than b |
| `max` | top | cells | top is larger than every other cell of the scope |
| `order` | first, second, ... | cells | each is larger than the next, the last larger than the rest of the scope |
| `near` | a, b | the whole | a and b differ by at most a tenth of the whole |
| `every` | parts, one a period | periods | each is more than half of its period, from the first on |
| `crossed` | last a, first b | periods | a is more than half in all periods up to its own, b in all from its own on |
| `estimate` | lower, upper | period | these are the ends of an estimate |
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kerege.publishing.report.bounds import is_majority, is_near, rank
from kerege.publishing.report.cell_index import CellIndex


@dataclass(frozen=True)
class Claim:
    """Statement: its kind, the table and keys that it names, and the cells to which it compares."""

    kind: str
    table: str
    keys: tuple[str, ...] = ()
    scope: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return the addresses of the cells that the claim names."""
        return tuple(f"{self.table}/{key}" for key in self.keys)

    def holds(self, cells: CellIndex) -> bool:
        """Return whether the claim is true of every table that fits what was published."""
        return KINDS[self.kind](self, cells)

    def evidence(self, cells: CellIndex) -> tuple[str, ...]:
        """Return the addresses of all cells on which the claim rests."""
        compared = () if self.kind in {"diff", "estimate"} else cells.match(self.scope)
        return tuple(dict.fromkeys((*self.addresses, *compared)))


def _is_published(claim: Claim, cells: CellIndex) -> bool:
    return all(cells.is_shown(at) for at in claim.addresses)


def _differs(claim: Claim, cells: CellIndex) -> bool:
    first, second = (cells.span(at) for at in claim.addresses)
    is_exact = _is_published(claim, cells) and first.is_one and second.is_one
    return is_exact and (first.lower < second.lower if claim.scope == "less" else first.lower > second.lower)


def _is_ordered(claim: Claim, cells: CellIndex) -> bool:
    rivals = cells.match(claim.scope)
    return all(at in rivals for at in claim.addresses) and rank(rivals)[: len(claim.keys)] == list(claim.addresses)


def _is_near(claim: Claim, cells: CellIndex) -> bool:
    first, second = (cells.span(at) for at in claim.addresses)
    return is_near(first, second, cells.span(claim.scope))


def _is_every(claim: Claim, cells: CellIndex) -> bool:
    parts = {period_of(at): at for at in claim.addresses}
    due = [period for period in periods(cells, claim.scope) if period >= min(parts)]
    return due == sorted(parts) and all(leads(cells, at) for at in claim.addresses)


def _is_crossed(claim: Claim, cells: CellIndex) -> bool:
    last, first = claim.addresses
    known = periods(cells, claim.scope)
    parts = [(period, last if period <= period_of(last) else first) for period in known]
    is_whole = (period_of(last), period_of(first)) in itertools.pairwise(known)
    return is_whole and all(leads(cells, of_period(at, period)) for period, at in parts)


def period_of(at: str) -> str:
    """Return the period in an address, its first code."""
    return at.split("/")[1]


def of_period(at: str, period: str) -> str:
    """Return the address of the same cell in another period."""
    table, _, rest = at.split("/", 2)
    return f"{table}/{period}/{rest}"


def periods(cells: CellIndex, scope: str) -> Sequence[str]:
    """Return the periods that a table lists, in order."""
    return sorted(period_of(at) for at in cells.match(scope))


def leads(cells: CellIndex, at: str) -> bool:
    """Return whether a part is certainly more than half of its whole."""
    return is_majority(cells.span(at), cells.span(cells.whole_of(at)))


KINDS: dict[str, Callable[[Claim, CellIndex], bool]] = {
    "value": _is_published,
    "share": _is_published,
    "diff": _differs,
    "max": _is_ordered,
    "order": _is_ordered,
    "near": _is_near,
    "every": _is_every,
    "crossed": _is_crossed,
    "estimate": lambda claim, cells: True,
}
