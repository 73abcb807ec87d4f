"""Values of one column that can be nested although no word says so: `Registered` beside `Solved`.

An intruder reads a figure as a part of a larger one wherever nothing speaks against it, and subtracts. So a column is
undecided where one value never exceeds another, they differ by few people, and neither the figures nor the labels show
that the two are groups without common people. Years are such values too: a register can count everybody so far.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from kerege.base.message_text import shown
from kerege.evidence.sdc.linear.linear_system import Bools, Floats
from kerege.evidence.sdc.populations.populations import exact_total, shared_cells
from kerege.evidence.sdc.published_tables.sheet import UNNAMED, Sheet, is_same_table
from kerege.evidence.sdc.reading.classifications import are_named_in_title, can_be_nested, has_versions
from kerege.evidence.sdc.reading.column_names import concept
from kerege.evidence.sdc.reading.hierarchies import STEP
from kerege.evidence.sdc.reading.nested_codes import are_disjoint, base_name
from kerege.evidence.sdc.reading.options import PossibleParts, PossibleTotal
from kerege.evidence.sdc.reading.period_columns import PERIODS
from kerege.evidence.sdc.reading.periods import parse_period

YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
LEAST = 2  # figures that both tables show
MOST_CODES = 60  # values of a column that are compared in pairs


class PossiblePart(NamedTuple):
    """Two values of a column of a table, and the least small difference between their figures."""

    sheet: Sheet
    column: str
    part: str
    whole: str
    few: int

    @property
    def note(self) -> str:
        """Return the note that the column is undecided, and what to state."""
        where = f"undecided: column {shown(self.column)} of table {self.sheet.name}"
        few = f"{self.few} people"
        part, whole = (shown(label.rpartition(STEP)[2]) for label in (self.part, self.whole))
        if _periods_of([self.part, self.whole]):
            why = f"no figure falls from {part} to {whole}, and one grows by {few}"
            return f"{where}: {why}. If each counts everybody so far, say --cumulative, otherwise --one-period."
        why = f"{part} can be a part of {whole}, and they differ by {few}"
        return f"{where}: {why}. If nobody has two values, say --single {shown(self.column)}, or write a total."


def nested_values(sheets: Sequence[Sheet], threshold: int) -> Iterator[PossiblePart]:
    """Yield a pair of values of each column of other publishers' tables that can be a part and its whole."""
    for sheet in sheets:
        if sheet.stated or sheet.of != UNNAMED or _sums_to_another(sheet, sheets):
            continue
        for d, name in enumerate(sheet.by):
            is_titled = are_named_in_title(sheet.title, len(sheet.by)) and not has_versions(sheet.axes[d][1:])
            if not (is_titled or name in sheet.named_single | sheet.multi) and (pair := _pair(sheet, d, threshold)):
                yield pair


def _sums_to_another(sheet: Sheet, sheets: Sequence[Sheet]) -> bool:
    """Return whether exact values sum to the people of another table, so that they share none."""
    inside = (slice(1, None),) * len(sheet.by)
    people = float(sheet.lower[inside].sum())
    if sheet.multi or not people or (sheet.lower[inside] != sheet.upper[inside]).any():
        return False
    others = [other for other in sheets if other.filter == sheet.filter and not is_same_table(other, sheet)]
    return any(exact_total(other) == people for other in others if other.by != sheet.by)


def possible_register(sheets: Sequence[Sheet], threshold: int) -> Iterator[PossiblePart]:
    """Yield tables of one year beside those of the year before, if each can count everybody so far.

    No figure falls, and one grows by few people.
    """
    by_form: dict[tuple[object, ...], list[tuple[str, Sheet]]] = {}
    for sheet in sheets:
        years = [value for name, values in sheet.where.items() if concept(name) == "year" for value in values]
        if not sheet.stated and sheet.of == UNNAMED and len(years) == 1 and sheet.is_cumulative is None:
            rest = frozenset((name, *values) for name, values in sheet.where.items() if concept(name) != "year")
            by_form.setdefault((sheet.release, sheet.by, rest), []).append((years[0], sheet))
    for dated in by_form.values():
        pairs = [(first, second) for first, second in pairwise(sorted(dated, key=itemgetter(0)))]
        grown = [_growth(first, second, threshold) for first, second in pairs]
        if grown and None not in grown:
            small = [pair for pair in grown if pair and pair.few]
            yield from small[:1]


def _growth(first: tuple[str, Sheet], second: tuple[str, Sheet], threshold: int) -> PossiblePart | None:
    """Return a table with the one before it, None if a figure falls or nothing is shown by both."""
    (year, before), (next_year, after) = first, second
    shared = shared_cells(before, after)
    if len(shared) < LEAST or any(low > most for (low, _), (_, most) in shared):
        return None
    lower, upper = np.array([[[low, least], [high, most]] for (low, high), (least, most) in shared]).transpose(1, 2, 0)
    return PossiblePart(after, "year", year, next_year, _small_difference(lower, upper, threshold))


def _pair(sheet: Sheet, d: int, threshold: int) -> PossiblePart | None:
    """Return the pair of values of a column with the least small difference, None without one."""
    lower, upper = (np.moveaxis(bounds, d, 0).reshape(len(sheet.axes[d]), -1) for bounds in (sheet.lower, sheet.upper))
    if _sum_to_total(lower, upper):
        return None
    name = base_name(sheet.by[d])
    labels = sheet.axes[d]
    periods = _periods_of(labels[1:])
    if periods or (concept(name) in PERIODS and not has_versions(labels[1:])):
        pairs = _later(periods, lower, upper) if sheet.is_cumulative is None else []
    else:
        pairs = [
            (a, b)
            for a, b in permutations(_places(labels), 2)
            if can_be_nested(name, labels[a], labels[b]) and not _is_examined(sheet, labels[a], labels[b])
        ]
    nested = [
        (few, part, whole)
        for part, whole in pairs
        if (few := _small_difference(lower[[part, whole]], upper[[part, whole]], threshold))
    ]
    few, part, whole = min(nested, default=(0, 0, 0))
    return PossiblePart(sheet, name, labels[part], labels[whole], few) if nested else None


def _is_examined(sheet: Sheet, part: str, whole: str) -> bool:
    """Return whether some reading takes one value for a part of the other, or for the total."""
    readings = sheet.possible
    return any((part, whole) in reading.parents for reading in readings if isinstance(reading, PossibleParts)) or any(
        reading.value == whole for reading in readings if isinstance(reading, PossibleTotal)
    )


def _places(labels: Sequence[str]) -> Sequence[int]:
    return range(1, len(labels)) if len(labels) <= MOST_CODES else ()


def _sum_to_total(lower: Floats, upper: Floats) -> bool:
    """Return whether exact values of a line sum to its total, so that they share no people."""
    is_exact: Bools = (lower == upper).all(axis=0) & (lower[0] > 0)
    return bool((lower[1:, is_exact].sum(axis=0) == lower[0, is_exact]).any())


def _periods_of(labels: Sequence[str]) -> list[str]:
    """Return the period of each label, also behind equal words; none if they overlap or one has none."""
    words = [YEAR.sub("", label) for label in labels]
    years = [YEAR.findall(label) for label in labels]
    if len(labels) > 1 and len(set(words)) == 1 and all(len(of_label) == 1 for of_label in years):
        return [of_label[0] for of_label in years]
    return list(labels) if all(map(parse_period, labels)) and are_disjoint(labels) else []


def _later(periods: Sequence[str], lower: Floats, upper: Floats) -> list[tuple[int, int]]:
    """Return each period with the next one, if no figure certainly falls in time."""
    dated = [(period.last, place) for place, label in enumerate(periods, 1) if (period := parse_period(label))]
    pairs = list(pairwise(place for _, place in sorted(dated)))
    is_growing = all((lower[before] <= upper[after]).all() for before, after in pairs)
    return pairs if is_growing else []


def _small_difference(lower: Floats, upper: Floats, threshold: int) -> int:
    """Return the least unsafe number of people by which a part can be less than its whole, or 0."""
    low, high = lower[1] - upper[0], upper[1] - lower[0]
    if (high < 0).any():
        return 0
    least = np.maximum(low, 0)
    is_small = (high > 0) & (least < threshold) & (high - least < threshold - 1)
    return int(high[is_small].min()) if is_small.any() else 0
