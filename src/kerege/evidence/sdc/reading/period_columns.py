"""Columns of periods: labels that only their column explains, and dates of a whole register.

Periods that overlap, as 2025 and 2025-H1, are cut into common pieces like bands of ages. A label such as `H1` gets the
year that the other labels of its column state. A column of dates counts everybody up to each date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kerege.base.message_text import shown
from kerege.evidence.counting.frequency_table import TOTAL
from kerege.evidence.sdc.reading.column_names import YEAR, codes_of_column, concept
from kerege.evidence.sdc.reading.nested_codes import are_disjoint
from kerege.evidence.sdc.reading.periods import LabelledPeriod, parse_period, states_cumulation
from kerege.evidence.sdc.reading.published_rows import (
    PublishedRows,
    lines_along,
    rows_of_code,
    rows_with_codes,
)
from kerege.evidence.sdc.reading.stock_dates import SOME_YEAR

DIGITS = re.compile(r"\d+")
PERIODS = ("year", "quarter", "month")  # concepts of columns
ROLLING = re.compile(  # twelve months up to a date
    r"\byear (?:ending|ended|to)\b|\b(?:12|twelve) months (?:ending|ended|to)\b|\brolling\b|скользящ"
    r"|за последние 12 месяцев",
    re.I,
)


@dataclass(frozen=True)
class _PeriodColumn:
    """The labels of a column, and the periods of those that name one."""

    name: str
    labels: Sequence[str]
    periods: Mapping[str, LabelledPeriod]
    is_worded: bool = False  # whether the labels begin with other words

    @property
    def years(self) -> set[int]:
        """Return the years that labels state."""
        return {year for period in self.periods.values() for year in period.years}

    def is_understood(self) -> bool:
        """Return whether no label names a period in an unknown way, and each has a year if one has."""
        unknown = [label for label in self.labels if label not in self.periods and YEAR.search(label)]
        without_year = [period for period in self.periods.values() if not period.has_year]
        return not unknown and (not without_year or len(self.years) <= 1)

    def new_labels(self, *, is_register: bool) -> dict[str, str]:
        """Return the labels that any column can have, by those that only this column explains.

        With `is_register` everybody up to the end of each period is counted.
        """
        year = next(iter(self.years), SOME_YEAR if is_register else None)
        labels = {}
        for label, period in self.periods.items():
            dated = period.in_year(year) if year and not period.has_year else period
            whole = dated.up_to_end() if is_register and dated.has_year and not dated.is_open else dated
            labels[label] = whole.label if whole != period or period.needs_column or self.is_worded else label
        return labels


def read_periods(rows: PublishedRows, is_cumulative: bool | None) -> PublishedRows:
    """Return the rows with labels of periods that need no explanation by their column.

    `is_cumulative` says whether every period counts everybody up to its end; None when it is not stated. A column with
    a period that is not understood is unread.
    """
    for d, name in enumerate(rows.by):
        if len({*rows.codes[d]}) > 1 and any(map(ROLLING.search, (name, *dict.fromkeys(rows.codes[d])))):
            rows = replace(rows, unread=(*rows.unread, shown(name)))  # these periods overlap, whatever their labels
            continue
        column = _period_column(name, rows.codes[d])
        if column is None:
            continue
        is_register = is_cumulative is True or states_cumulation(name) or _are_dates_of_register(rows, d, column)
        labels = column.new_labels(is_register=is_register)
        if len(set(labels.values())) < len(labels) or not column.is_understood():
            rows = replace(rows, unread=(*rows.unread, shown(name)))
        else:
            rows = rows_with_codes(rows, d, labels)
    return rows


def holds_periods(name: str, codes: Sequence[str]) -> bool:
    """Return whether a column has the name of a period, or periods that are not only years."""
    is_other = all(YEAR.fullmatch(code) for code in codes if code != TOTAL)
    return concept(name) in PERIODS or (not is_other and _period_column(name, codes) is not None)


def _period_column(name: str, codes: Sequence[str]) -> _PeriodColumn | None:
    """Return a column of periods by its name or by most of its labels, None for any other."""
    labels = [code for code in dict.fromkeys(codes) if code != TOTAL]
    periods = {label: period for label in labels if (period := parse_period(label)) is not None}
    usual = concept(name)
    if usual not in PERIODS if usual else codes_of_column(name):
        return None
    is_named = usual in PERIODS or states_cumulation(name)
    if periods and (is_named or 2 * len(periods) > len(labels) or _share_a_year(labels, periods)):
        return _PeriodColumn(name, labels, periods)
    periods = {} if periods else _periods_after_words(labels)
    has_order = periods and (not are_disjoint([period.label for period in periods.values()]))
    return _PeriodColumn(name, labels, periods, is_worded=True) if has_order else None


def _share_a_year(labels: Sequence[str], periods: Mapping[str, LabelledPeriod]) -> bool:
    """Return whether a label that names no known period has the year of one that does."""
    years = {str(year) for period in periods.values() for year in period.years}
    return any(years & set(DIGITS.findall(label)) for label in labels if label not in periods)


def _periods_after_words(labels: Sequence[str]) -> dict[str, LabelledPeriod]:
    """Return the periods of labels that begin with the same words, as `Cases up to 2024`."""
    words = [label.split() for label in labels]
    shared = 0
    while len(words) > 1 and all(len(parts) > shared + 1 and parts[shared] == words[0][shared] for parts in words):
        shared += 1
        read = [parse_period(" ".join(parts[shared:])) for parts in words]
        if all(read):
            return {label: period for label, period in zip(labels, read, strict=True) if period}
    return {}


def _are_dates_of_register(rows: PublishedRows, d: int, column: _PeriodColumn) -> bool:
    """Return whether all labels are first or last days of months, and no figure falls."""
    periods = column.periods.values()
    return len(periods) > 1 and all(period.is_day_of_register for period in periods) and not _falls(rows, d)


def _falls(rows: PublishedRows, d: int) -> bool:
    """Return whether a figure certainly exceeds that of a later period, or of one with an equal end."""
    ends = {code: period.band.high for code in rows.codes[d] if (period := parse_period(code)) is not None}
    for line in lines_along(rows, d):
        dated = sorted((ends[code], figure.lower, figure.upper) for code, figure in line.items() if code in ends)
        for place, (end, lower, _) in enumerate(dated):
            if any(lower > upper for _, _, upper in dated[place:]) or any(
                lower > upper for other, _, upper in dated[:place] if other == end
            ):
                return True
    return False


def registers_by_date(rows: PublishedRows) -> Iterator[tuple[PublishedRows, str]]:
    """Yield the rows with '', or those of each date with the date.

    The dates of a register that people leave are tables of their own: the tables of several dates show who left.
    Where it is not stated whether periods count everybody up to their end, both are tried: together as
    periods, and by date where no figure falls.
    """
    place = next((d for d in range(len(rows.by)) if _has_several_dates(rows, d)), None)
    if place is None:
        yield rows, ""
        return
    dates = {code: period for code in dict.fromkeys(rows.codes[place]) if (period := parse_period(code)) is not None}
    falls = _falls(rows, place)
    is_register = all(period.is_whole for period in dates.values())
    if not (is_register and falls):
        yield rows, ""
    if is_register == falls:
        for code, period in dates.items():
            yield rows_of_code(rows, place, code), period.last.isoformat()


def _has_several_dates(rows: PublishedRows, d: int) -> bool:
    """Return whether a column has periods that overlap, but not only for the same first day."""
    labels = list(dict.fromkeys(code for code in rows.codes[d] if code != TOTAL))
    periods = [period for code in labels if (period := parse_period(code)) is not None]
    if len(periods) < len(labels) or not all(period.has_year and not period.is_open for period in periods):
        return False
    starts = {period.band.low for period in periods}
    return not are_disjoint(labels) and (len(starts) > 1 or all(period.is_whole for period in periods))
