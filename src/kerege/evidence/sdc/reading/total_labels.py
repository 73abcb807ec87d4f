"""Totals among the values of a column, by their label or because they equal the sum of the others.

A label such as `Total` or `Оба пола` names a total unless it is a code of a code list of the column. A value that
equals the sum of the others in every line is read as a total, and a note says so. Where every line has a suppressed
figure, a first or last value that is at least the sum of the known others can be the total: both readings are examined.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from kerege.base.message_text import shown
from kerege.evidence.counting.frequency_table import TOTAL
from kerege.evidence.sdc.reading.bands import is_band
from kerege.evidence.sdc.reading.column_names import (
    NOT_STATED,
    SEXES,
    are_numbered_alike,
    codes_of_column,
    folded,
    in_languages,
    known_values,
    sex_code,
)
from kerege.evidence.sdc.reading.options import PossibleReading, PossibleTotal
from kerege.evidence.sdc.reading.periods import parse_period
from kerege.evidence.sdc.reading.published_rows import PublishedRows, lines_along
from kerege.evidence.sdc.reading.stages import kinds_of_stage
from kerege.evidence.sdc.reading.units_of_people import is_some_of, whole_of

LABELS = {
    *(
        "_t",
        "total",
        "totals",
        "all",
        "overall",
        "grand total",
        "sum",
        "both sexes",
        "both genders",
        "everyone",
    ),
    *("all persons", "all people", "persons total", "total persons", "ensemble", "insgesamt", "gesamt"),
    *("ogółem", "razem", "totaal", "en total", "tous", "hommes et femmes", "männer und frauen", "summe"),
    *("zusammen", "les deux sexes", "ambos sexos", "toplam", "jami", "всього", "усього", "разом", "баардыгы"),
    *("всего", "итого", "все", "оба пола", "всего человек", "общий итог", "в целом", "мужчины и женщины"),
    *("барлығы", "барлыгы", "жалпы", "барлық", "жиыны", "жиынтығы", "жалпы саны", "қорытынды", "бәрі", "екі жыныс"),
    *("екі жынысы", "екі жыныс та", "ерлер мен әйелдер", "men and women", "males and females", "male and female"),
}
OF_TWO = {"both", "оба", "обоих", "екеуі", "екеуі де"}  # a total beside two sexes; of other values a third group
ENDS = re.compile(  # `Straftaten insgesamt`, `Потерпевшие, всего`
    r".*\w[\s,:(–—-]+(?:total|overall|insgesamt|zusammen|ensemble|ogółem|всего|итого|барлығы|жиыны)\)?", re.I
)
PATTERNS = re.compile(
    r"(all|total|totals|overall|insgesamt|ensemble|ogółem|всего|итого|все|оба|барлық|барлығы|жалпы|жиыны)\b[\s,:(–—-].*",
    re.I,
)
PART = re.compile(
    r"\b(other|others|sub-?total|остальные|другие|прочие|басқа|өзге|rest|remaining|but|except|кроме)\b", re.I
)
SHORT = {"t", "tot"}  # labels that can be codes of a class
MOST_ROWS = 300_000
SHORTEST = 3  # letters of the name of a country; codes are shorter


def is_total_label(label: str, column: str = "") -> bool:
    """Return whether a label names the total of a column, whatever the figures are.

    A code or label of a code list of the column is not a total.
    """
    name = folded(label)
    if label != TOTAL and name in codes_of_column(column):
        return False
    if any(part in LABELS for part in in_languages(label)):
        return True
    is_total = PATTERNS.fullmatch(name) or ENDS.fullmatch(name)
    return is_total is not None and not PART.search(name) and parse_period(label) is None


def read_totals(rows: PublishedRows, assumed: Collection[PossibleReading] = ()) -> PublishedRows:
    """Return the rows with `_T` for every total, and a note for each total without a usual label.

    Values that can be a total are named in the rows. Those in `assumed` are read as totals.
    """
    for d, column in enumerate(rows.by):
        values = list(dict.fromkeys(rows.codes[d]))
        labelled = {value for value in _labelled(values, column) if not _is_exceeded(rows, d, value)}
        notes: tuple[str, ...] = ()
        if not labelled and len(rows.counts) <= MOST_ROWS:
            labelled, notes = _by_figures(rows, d, values)
            if not labelled:
                labelled, notes = _by_people(rows, d, values)
                parts = {(column, value) for value in values if labelled and value not in labelled}
                rows = replace(rows, single_parts=rows.single_parts | (parts if len(parts) == 1 else set()))
            possible = [] if labelled else list(_possible_totals(rows, d, values))
            labelled = labelled or {total.value for total in possible if total in assumed}
            rows = replace(rows, possible=(*rows.possible, *possible))
        if labelled:
            codes = [*rows.codes]
            codes[d] = [TOTAL if code in labelled else code for code in rows.codes[d]]
            rows = replace(rows, codes=codes, notes=(*rows.notes, *notes))
    return rows


def _is_exceeded(rows: PublishedRows, d: int, value: str) -> bool:
    """Return whether a label such as `Women, total` names no total: another figure certainly exceeds it."""
    if LABELS.intersection(in_languages(value)) or not ENDS.fullmatch(folded(value)):
        return False
    return any(max(line.lower.values()) > line.upper.get(value, math.inf) for line in _lines(rows, d))


def _labelled(values: Sequence[str], column: str) -> set[str]:
    """Return the values with the label of a total; of labels such as `Total men`, only one that is alone."""
    labelled = {value for value in values if is_total_label(value, column)}
    of_two = {value for value in values if folded(value) in OF_TWO}
    if of_two and {sex_code(value) for value in values if value not in labelled | of_two} == {*SEXES}:
        labelled = labelled or of_two
    usual = {value for value in labelled if LABELS.intersection(in_languages(value))}
    return usual or (labelled if len(labelled) == 1 else set())


@dataclass
class _Line:
    """The values of one column in a line of a table, with the bounds of their figures."""

    lower: dict[str, float]
    upper: dict[str, float]

    @cached_property
    def sums(self) -> tuple[float, float, int]:
        """Return the sum of the lower bounds, of the finite upper bounds, and the number of infinite ones."""
        finite = [value for value in self.upper.values() if value < math.inf]
        return sum(self.lower.values()), sum(finite), len(self.upper) - len(finite)

    def is_evidence(self) -> bool:
        """Return whether all figures are exact and not all zero."""
        return self.lower == self.upper and self.sums[0] > 0

    def is_above_others(self, value: str) -> bool:
        """Return whether a known figure is at least the sum of the others, and some of these are known."""
        others = [low for other, low in self.lower.items() if other != value]
        return 0 < sum(others) <= self.lower[value] and len(others) > 1

    def exceeds(self, value: str) -> bool:
        """Return whether the other values certainly sum to more than a value."""
        return self.sums[0] - self.lower.get(value, 0) > self.upper.get(value, math.inf)

    def can_be_sum(self, value: str) -> bool:
        """Return whether a value can be the sum of the others."""
        if value not in self.lower:
            return False
        low, high, infinite = self.sums
        own = self.upper[value]
        open_others = infinite - (own == math.inf)
        upper_of_others = math.inf if open_others else high - (own if own < math.inf else 0)
        return low - self.lower[value] <= own and upper_of_others >= self.lower[value]


def _by_figures(rows: PublishedRows, d: int, values: Sequence[str]) -> tuple[set[str], tuple[str, ...]]:
    """Return the value that is the total by its figures, and the note about it; nothing when none is."""
    column, genuine, lines = rows.by[d], codes_of_column(rows.by[d]), list(_lines(rows, d))
    candidates = [value for value in values if folded(value) not in genuine]
    for value in (value for value in candidates if folded(value) in SHORT):
        if all(value in line.upper and line.upper[value] >= max(line.lower.values()) for line in lines):
            return {value}, (_note(column, value, "because no other value exceeds it"),)
    sums = {value for value in candidates if not (is_band(value) or NOT_STATED.fullmatch(value.strip()))}
    for line in lines:
        sums = {value for value in sums if line.can_be_sum(value)}
    evidence = [line for line in lines if line.is_evidence()]
    is_shown = len(evidence) > 1 or any(len(line.lower) > 2 for line in evidence)
    if len(sums) != 1 or not is_shown:
        return set(), ()
    return sums, tuple(
        _note(column, value, "because it equals the sum of the other values in every line") for value in sums
    )


def _by_people(rows: PublishedRows, d: int, values: Sequence[str]) -> tuple[set[str], tuple[str, ...]]:
    """Return the value that names the people of whom all other values are some, and the note about it."""
    whole = _whole(rows, d, values)
    if not whole or not all(value == whole or is_some_of(value, whole) for value in values):
        return set(), ()
    return {whole}, (_note(rows.by[d], whole, "because the other values name some of these people"),)


def _whole(rows: PublishedRows, d: int, values: Sequence[str]) -> str:
    """Return the value that names the people of a column, if no other figure certainly exceeds it."""
    whole = whole_of(values)
    exceeds = any(max(line.lower.values()) > line.upper.get(whole, math.inf) for line in _lines(rows, d))
    return "" if exceeds else whole


def _possible_totals(rows: PublishedRows, d: int, values: Sequence[str]) -> Iterator[PossibleTotal]:
    """Yield the first and last value of a column, a country, or people, if they can be its total.

    A value and another one of the same code list are groups of one kind, as two countries.
    """
    lines = list(_lines(rows, d))
    if whole := _whole(rows, d, values):
        if not (all(map(kinds_of_stage, values)) and any(line.exceeds(whole) for line in lines)):
            yield PossibleTotal(rows.by[d], whole)
        return
    for value in dict.fromkeys((values[0], values[-1], *filter(_is_country, values))) if len(values) > 2 else ():
        is_free = not (_is_part(value) or _is_one_of(value, values))
        known = [line for line in lines if line.upper.get(value, math.inf) < math.inf]
        if not is_free or not known or folded(value) in known_values(rows.by[d]):
            continue
        if all(line.can_be_sum(value) and line.is_above_others(value) for line in known):
            yield PossibleTotal(rows.by[d], value)


def _is_part(value: str) -> bool:
    """Return whether a label names a band, a period, or people of whom nothing is stated."""
    is_age = is_band(value) and not value.strip().isdigit()  # 0 can be the code of a total
    return is_age or parse_period(value) is not None or NOT_STATED.fullmatch(value.strip()) is not None


def _is_one_of(value: str, values: Sequence[str]) -> bool:
    others = [other for other in values if other != value]
    is_country = _is_country(value) and any(map(_is_country, others))
    return is_country or any(are_numbered_alike(value, other) for other in others)


@cache
def _is_country(value: str) -> bool:
    """Return whether a label is or holds the name of a country, as `Republic of Kazakhstan` does."""
    name = f" {folded(value)} "
    return any(f" {label} " in name for label in codes_of_column("citizenship") if len(label) > SHORTEST)


def _note(column: str, value: str, why: str) -> str:
    return f"Column {shown(column)}: the value {shown(value)} is read as the total, {why}."


def _lines(rows: PublishedRows, d: int) -> Iterator[_Line]:
    """Yield the bounds along one column, for each combination of codes of the other columns."""
    for line in lines_along(rows, d):
        yield _Line({k: f.lower for k, f in line.items()}, {k: f.upper for k, f in line.items()})
