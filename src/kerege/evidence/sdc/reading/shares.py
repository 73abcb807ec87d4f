"""Percentages, shares and rates beside the counts of a table, as bounds of the counts.

A percentage p of a known number N with d digits gives ceil(N(p - h)/100) <= n <= floor(N(p + h)/100), where h is half
of the last digit. Where N is not known, the same is a ratio of two cells. The base of a percentage is the total of one
or more columns. It is the only one that fits the published counts; where several fit, the column is not understood.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.sdc.reading.suppression_marks import Floats, Texts

OF_NUMBER = "% of the number stated"  # behind the name of a column of shares whose base the table states
PERCENT = re.compile(
    rf"{OF_NUMBER}|%|percent|per cent|\bpct\b|\bshare\b|proportion|доля|процент|удельный вес|үлес|пайыз|\bprc\b", re.I
)
_UNITS = r"(?:(?P<thousand>тыс|мың|thousand)|(?P<million>млн|миллион|million))?"
RATE = re.compile(rf"(?:per|на|шаққанда)\s*(?P<number>\d[\d ,.]*)\s*{_UNITS}", re.I)
RATE_AFTER = re.compile(rf"(?P<number>\d[\d ,.]*)\s*{_UNITS}\s*(?:адамға|тұрғынға|халыққа)", re.I)
RANK = re.compile(  # rank of a row, or its number
    r"rank(?:ing)?|place|position|no\.?|#|место|рейтинг|ранг|№(?:\s*п/п)?|п/п|орын|орны|р/с|(?:№|код|номер) строки"
    r"|(?:line|row)(?: (?:no\.?|number|code))?|жол(?:дың)? (?:№|нөмірі|коды)|lfd\. ?nr\.?",
    re.I,
)
ROUND_NUMBER = re.compile(r"[1-9]0{2,}")  # base of a rate; `на 31 декабря` is a date
OTHER_MEASURE = re.compile(
    r"\b(per (?:million|thousand|capita|head)|на (?:миллион|тысячу|душу)|миллионға|мыңға|"
    r"mean|average|avg|median|std|stdev|sd|se|quartile|quantile|min|max|minimum|maximum|rate|ratio|index|income|amount|"
    r"change|difference|increase|decrease|growth|изменени\w*|прирост\w*|разниц\w*|темп\w*|өзгеріс\w*|өсім\w*|veränderung|"
    r"средн\w*|медиан\w*|коэффициент\w*|индекс|сумма|доход\w*|орташа|медиана\w*|коэффициенті|индексі)\b",
    re.I,
)
MEASURE_LABEL = re.compile(  # label of a row of other numbers than people, as `Mean age` or `Women, %`
    r"(?:mean|average|median|percent(?:age)?|share of|rate of|change (?:on|from|in)"
    r"|средн(?:ий|яя) (?:возраст|длит|продолж)|среднее (?:число|значение|количество)|медиан\w+|доля|изменение"
    r"|прирост|темп|удельный вес|орташа|үлесі|durchschnitt\w*|anteil|part des?)\b.*|.*(?:%|per cent|, percent)\)?",
    re.I,
)
BASE = re.compile(
    r"\b(population|base|denominator|inhabitants|население|численность населения|халық саны|халық)\b", re.I
)
NUMBER = re.compile(r"(\d[\d \u00a0\u202f']*)(?:[.,](\d+))?\s*%?")
SLACK = 1e-9
PERCENTAGE = 100.0  # the factor of a share in per cent


@dataclass(frozen=True)
class Ratio:
    """Two cells of a table by flat position: low * denominator <= numerator <= high * denominator."""

    numerator: int
    denominator: int
    low: float
    high: float


@dataclass(frozen=True)
class PrintedNumbers:
    """Printed numbers of all cells of a table (NaN where none is), and half of the last digit of each."""

    values: Floats
    half: Floats


@dataclass(frozen=True)
class ShareBase:
    """The base of a share: the axes that are summed over, and the factor (100 for percentages)."""

    axes: tuple[int, ...]
    factor: float


@dataclass(frozen=True)
class ShareBounds:
    """The bounds of the counts that the shares give, and the ratios where the base is not known.

    `bases` has the number that each share is of, NaN where it is not known. `unit` is the sign behind a share.
    """

    lower: Floats
    upper: Floats
    ratios: tuple[Ratio, ...]
    bases: Floats
    unit: str = ""

    def printed(self, text: str, flat: int) -> str:
        """Return the share of a cell as the file prints it, and its base."""
        unit = "" if text.endswith(self.unit) else self.unit
        return f"{text}{unit} of {self.bases.flat[flat]:.0f}"


def is_rank(name: str) -> bool:
    """Return whether the name of a column says that its numbers are ranks or numbers of rows."""
    return RANK.fullmatch(name.strip()) is not None


def is_measure(name: str) -> bool:
    """Return whether the name of a column says that its numbers are not counts."""
    return is_rank(name) or _is_derived(name) or BASE.search(name) is not None


def is_share(name: str) -> bool:
    """Return whether the name of a column says that its numbers are shares of counts."""
    return PERCENT.search(name) is not None and not OTHER_MEASURE.search(name)


def is_base(name: str) -> bool:
    """Return whether the name of a column says that its numbers are those that rates are of.

    A rate or share can name its base, as in `per million inhabitants`, and is not the base.
    """
    return BASE.search(name) is not None and not _is_derived(name)


def _is_derived(name: str) -> bool:
    """Return whether the name of a column says that its numbers follow from others: shares, rates, means."""
    return bool(PERCENT.search(name) or OTHER_MEASURE.search(name) or rate_factor(name))


def covers_people(bases: Texts, people: Floats) -> bool:
    """Return whether no printed base is less than the people of its cell, who are part of the base."""
    return not bool((_values(bases) < people).any())


def rate_factor(name: str) -> float | None:
    """Return the number of a rate such as `per 100,000 population`, None for other columns."""
    match = RATE.search(name) or RATE_AFTER.search(name)
    digits = re.sub(r"\D", "", match["number"]) if match else ""
    if match and digits and (match["thousand"] or match["million"]):
        return (1000 if match["thousand"] else 1_000_000) * float(digits)
    return float(digits) if ROUND_NUMBER.fullmatch(digits) else None


def parse_number(text: str) -> tuple[float, int] | None:
    """Return a printed number and the number of its decimals, None for any other text."""
    match = NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    whole, decimals = re.sub(r"\D", "", match[1]), match[2] or ""
    return (float(f"{whole}.{decimals or 0}"), len(decimals)) if len(whole) + len(decimals) < 16 else None


def printed_numbers(texts: Texts) -> list[PrintedNumbers]:
    """Return the printed numbers with the decimals of the most exact cell, and with those of each cell.

    Spreadsheets drop zeros at the end of a number: 12 can be 12.0.
    """
    values = _values(texts)
    parsed = [parse_number(str(text)) for text in texts.flat]
    digits = np.array([number[1] if number else 0 for number in parsed]).reshape(texts.shape)
    most = digits.max(initial=0)
    halves = [np.full(texts.shape, 0.5 / 10**most), 0.5 / 10.0**digits]
    return [PrintedNumbers(values, half) for half in (halves if (digits != most).any() else halves[:1])]


def _values(texts: Texts) -> Floats:
    """Return the printed number of each cell, NaN where there is none."""
    parsed = [parse_number(str(text)) for text in texts.flat]
    return np.array([number[0] if number else math.nan for number in parsed]).reshape(texts.shape)


def bounds_of_shares(name: str, texts: Texts, lower: Floats, upper: Floats) -> ShareBounds | None:
    """Return the bounds that a column of shares gives, None if its base is not understood.

    `texts` has the printed share of each cell, '' where there is none; index 0 of every axis is the total.
    """
    for printed in printed_numbers(texts):
        fitting = [base for base in _bases(name, printed) if _fits(base, printed, lower, upper)]
        shown = [base for base in fitting if _is_shown(base, printed, lower, upper)] or fitting
        if OF_NUMBER in name:
            shown = [base for base in fitting if _is_stated(base, printed, lower, upper)]
        if len(shown) == 1:
            return _bounds(shown[0], printed, lower, upper)
    return None


def bounds_of_rates(factor: float, texts: Texts, bases: Texts, lower: Floats, upper: Floats) -> ShareBounds | None:
    """Return the bounds that a rate with a printed base, such as the population, gives.

    None if they contradict.
    """
    base = _values(bases)
    for printed in printed_numbers(texts):
        low, high = _limits(base, printed, factor)
        is_given = ~np.isnan(low)
        if not (is_given & ((low > upper) | (high < lower))).any():
            low, high = np.where(is_given, low, 0), np.where(is_given, high, math.inf)
            return ShareBounds(np.maximum(lower, low), np.minimum(upper, high), (), base)
    return None


def _bases(name: str, printed: PrintedNumbers) -> Iterator[ShareBase]:
    """Yield the bases that a column of shares can have."""
    greatest = np.nanmax(printed.values, initial=0.0)
    factors = [1.0] if greatest <= 1 and "%" not in name else [PERCENTAGE]
    if greatest <= 1 and "%" not in name and re.search(r"percent|процент|пайыз", name, re.I):
        factors = [PERCENTAGE, 1.0]
    dimensions = range(printed.values.ndim)
    for size in range(1, printed.values.ndim + 1):
        for axes in combinations(dimensions, size):
            yield from (ShareBase(axes, factor) for factor in factors)


def _base_cells(bounds: Floats, axes: Sequence[int]) -> Floats:
    """Return the bound of the base of each cell."""
    place = tuple(slice(0, 1) if d in axes else slice(None) for d in range(bounds.ndim))
    return np.broadcast_to(bounds[place], bounds.shape)


def _limits(base: Floats, printed: PrintedNumbers, factor: float) -> tuple[Floats, Floats]:
    low = np.ceil(base * (printed.values - printed.half) / factor - SLACK)
    high = np.floor(base * (printed.values + printed.half) / factor + SLACK)
    return np.maximum(low, 0), high


def _checked(base: ShareBase, printed: PrintedNumbers, lower: Floats, upper: Floats) -> NDArray[np.bool_]:
    """Return the cells by which a base can be checked: share, count and base are published."""
    low, high = _base_cells(lower, base.axes), _base_cells(upper, base.axes)
    return np.asarray(~np.isnan(printed.values) & (lower == upper) & (low == high))


def _fits(base: ShareBase, printed: PrintedNumbers, lower: Floats, upper: Floats) -> bool:
    """Return whether every cell with a known base can have a count."""
    low_base, high_base = _base_cells(lower, base.axes), _base_cells(upper, base.axes)
    is_known = ~np.isnan(printed.values) & (low_base == high_base)
    low, high = _limits(np.where(is_known, low_base, 0), printed, base.factor)
    return not bool((is_known & (np.maximum(low, lower) > np.minimum(high, upper))).any())


def _is_shown(base: ShareBase, printed: PrintedNumbers, lower: Floats, upper: Floats) -> bool:
    """Return whether the share and the count of a cell other than the base cell agree with a base."""
    other = np.ones(lower.shape, dtype=bool)
    other[tuple(0 if d in base.axes else slice(None) for d in range(lower.ndim))] = False
    return bool((_checked(base, printed, lower, upper) & other & (upper > 0)).any())


def _is_stated(base: ShareBase, printed: PrintedNumbers, lower: Floats, upper: Floats) -> bool:
    """Return whether the number of which each share is a share is published."""
    low, high = _base_cells(lower, base.axes), _base_cells(upper, base.axes)
    return bool((np.isnan(printed.values) | (low == high)).all())


def _bounds(base: ShareBase, printed: PrintedNumbers, lower: Floats, upper: Floats) -> ShareBounds | None:
    low_base, high_base = _base_cells(lower, base.axes), _base_cells(upper, base.axes)
    given = ~np.isnan(printed.values)
    known = given & (low_base == high_base) & (lower != upper)
    low, high = _limits(np.where(np.isfinite(low_base), low_base, 0), printed, base.factor)
    new_lower, new_upper = (
        np.where(known, np.maximum(lower, low), lower),
        np.where(known, np.minimum(upper, high), upper),
    )
    if (new_lower > new_upper).any():
        return None
    bases = np.where(known, low_base, math.nan)
    ratios = tuple(_ratios(base, printed, given & (low_base != high_base)))
    return ShareBounds(new_lower, new_upper, ratios, bases, "%" if base.factor == PERCENTAGE else "")


def _ratios(base: ShareBase, printed: PrintedNumbers, cells: NDArray[np.bool_]) -> Iterator[Ratio]:
    """Yield the ratios of cells to a base that is not known exactly, but not of the base to itself."""
    shape = printed.values.shape
    for flat in np.flatnonzero(cells).tolist():
        position = list(np.unravel_index(flat, shape))
        for d in base.axes:
            position[d] = np.intp(0)
        whole = int(np.ravel_multi_index(tuple(position), shape))
        if whole != flat:
            share, half = float(printed.values.flat[flat]), float(printed.half.flat[flat])
            yield Ratio(flat, whole, max(share - half, 0) / base.factor, (share + half) / base.factor)
