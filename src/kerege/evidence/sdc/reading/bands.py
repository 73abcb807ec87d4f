"""Bands of whole numbers, as `15-17`, `25+`, `<18`, `65 лет и старше`, and the pieces that they share."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

_UNIT = r"(?:\s*(?:years?(?: old)?|yrs?|лет|года?|г\.|жас(?:тан|қа|та|тағы)?))?"
_WORDS = r"(?:ages?|aged|в возрасте|возраст)?\s*"
_BETWEEN = re.compile(
    rf"{_WORDS}y?_?(\d{{1,4}}){_UNIT}\s*(?:-|–|—|_|to|до|ден)\s*y?(\d{{1,4}}){_UNIT}(?:\s*дейін)?", re.I
)
_BELOW = re.compile(
    rf"(?:y?_?lt_?|<|under|below|less than|younger than|до|младше|моложе|менее){_UNIT}\s*(\d{{1,3}}){_UNIT}"
    rf"|(\d{{1,3}}){_UNIT}\s*(?:дейін|толмаған|жасқа дейін|жасқа толмаған|-ға дейін|-ке дейін)",
    re.I,
)
_UP_TO = re.compile(
    r"(?:≤|<=|up to)\s*(\d{1,3})" + _UNIT + rf"|(\d{{1,3}}){_UNIT} (?:and|or) (?:under|younger|less|below)", re.I
)
_FROM = re.compile(
    rf"{_WORDS}(\d{{1,3}}){_UNIT}\s*(?:\+|plus|_plus|(?:and|or|и|және|және одан)\s*"
    r"(?:over|older|above|more|старше|более|выше|одан (?:үлкен|жоғары|асқан)|жоғары|үлкен|асқан))"
    rf"|(?:y?_?ge_?|≥|>=|from|от|с)\s*(\d{{1,3}}){_UNIT}(?:\s*и старше)?",
    re.I,
)
_ABOVE = re.compile(r"(?:>|over|older than|above|старше|более|свыше)\s*(\d{1,3})" + _UNIT, re.I)
_SINGLE = re.compile(rf"{_WORDS}y?(\d{{1,4}}){_UNIT}", re.I)


@dataclass(frozen=True, order=True)
class NumberBand:
    """Whole numbers from `low` to `high`; `high` is infinite for an open band."""

    low: float
    high: float

    def contains(self, other: NumberBand) -> bool:
        """Return whether another band lies within this one."""
        return self.low <= other.low and other.high <= self.high

    def overlaps(self, other: NumberBand) -> bool:
        """Return whether two bands share a number."""
        return self.low <= other.high and other.low <= self.high


@cache
def parse_band(text: str) -> NumberBand | None:
    """Return the band that a label names, None when it names none."""
    label = " ".join(text.split()).strip(" .,")
    if match := _BETWEEN.fullmatch(label):
        low, high = int(match[1]), int(match[2])
        return NumberBand(low, high) if low <= high else None
    for pattern in (_BELOW, _UP_TO, _FROM, _ABOVE, _SINGLE):
        if match := pattern.fullmatch(label):
            number = int(next(group for group in match.groups() if group))
            return {
                _BELOW: NumberBand(0, number - 1),
                _UP_TO: NumberBand(0, number),
                _FROM: NumberBand(number, math.inf),
                _ABOVE: NumberBand(number + 1, math.inf),
                _SINGLE: NumberBand(number, number),
            }[pattern]
    return None


def is_band(text: str) -> bool:
    """Return whether a label names a band of numbers."""
    return parse_band(text) is not None


def pieces(bands: Iterable[NumberBand]) -> list[NumberBand]:
    """Return the parts into which the ends of all bands cut the numbers that the bands hold."""
    bands = set(bands)
    starts = sorted({band.low for band in bands} | {band.high + 1 for band in bands if band.high < math.inf})
    ends = [*[start - 1 for start in starts[1:]], math.inf][: len(starts)]
    cut = [NumberBand(low, high) for low, high in zip(starts, ends, strict=True)]
    return [piece for piece in cut if any(band.contains(piece) for band in bands)]
