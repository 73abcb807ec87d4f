"""Bands of whole numbers, as `15-17`, `25+`, `<18`, `65 лет и старше`, and the pieces that they share."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

# words that name ages or people and change no band
_FILLER = re.compile(
    r"(?<![\w])(?:ages?|aged|years?|yrs?|y\.?o\.?|olds?|persons?|people|children|child|minors?|adults?|youths?|"
    r"в возрасте|возраст\w*|лет|года?|г\.|дети|детей|взрослые|взрослых|лица|лиц|несовершеннолетни[ех]|"
    r"ans|âgée?s? de|jahren?|im alter von|kinder|jugendliche|heranwachsende|erwachsene|años|lat|jaar|"
    r"жас(?:тан|қа|та|тағы|ы)?|балалар|ересектер|адамдар)(?![\w])|(?<=\d)-?(?:ға|ге|қа|ке|дан|ден|тан|тен|нан|нен)(?!\w)",
    re.I,
)
_BRACKETS = re.compile(r"[^\d()]*\(([^()]*\d[^()]*)\)|([^()]*\d[^()]*)\([^()\d]*\)")
_AND = r"(?:and|or|et|ou|und|oder|y|i|en|и|или|және|немесе|&|/)\s*(?:одан\s*)?"
_FEWER = r"(?:under|younger|moins|jünger|weniger|less|below|fewer|младше|моложе|менее|меньше|кіші|төмен|аз)"
_MORE = (
    r"(?:over|older|plus|mehr|älter|más|więcej|ouder|above|more|up|upwards?|beyond|старше|более|больше|выше|үлкен|жоғары"
    r"|асқан|көп)"
)
_BETWEEN = re.compile(
    r"(?:from|de|von|от|с)?\s*y?_?(\d{1,4})\s*(?:-|–|—|_|\bto\b|\bà\b|\bbis\b|\ba\b|до|по|ден)\s*y?(\d{1,4})(?:\s*дейін)?"
    r"|between (\d{1,4}) and (\d{1,4})|(\d{1,4}) (\d{1,4}) дейін",
    re.I,
)
_BETWEEN_OPEN = re.compile(
    r"(?:from)?\s*(\d{1,4})\s*(?:-|–|to|but|bis)?\s*(?:<|under|unter|below|less than|à moins de)\s*(\d{1,4})", re.I
)
_BELOW = re.compile(
    r"(?:y?_?lt_?|<|under|below|less than|fewer than|younger than|moins de|bis unter|unter|menos de"
    r"|poniżej|до|младше|моложе|менее|меньше)\s*(\d{1,3})"
    r"|(\d{1,3})\s*(?:-?дейін|толмаған(?:дар)?)",
    re.I,
)
_UP_TO = re.compile(
    r"(?:y?_?le_?|≤|<=|up to|at most|not over|не более|не старше)\s*(\d{1,3})"
    rf"|(\d{{1,3}})\s*{_AND}{_FEWER}|до\s*(\d{{1,3}})\s*включительно",
    re.I,
)
_FROM = re.compile(
    rf"(\d{{1,3}})\s*(?:\+|plus|_plus|-?\s*{_AND}{_MORE}|жоғары|үлкен|асқан)"
    rf"|(?:y?_?ge_?|≥|>=|from|at least|ab|à partir de|от|с|не младше|не моложе)\s*(\d{{1,3}})(?:\s*{_AND}{_MORE})?",
    re.I,
)
_ABOVE = re.compile(
    r"(?:y?_?gt_?|>|over|older than|more than|above|plus de|über|старше|более|больше|выше|свыше)\s*(\d{1,3})", re.I
)
_SINGLE = re.compile(r"y?(\d{1,4})", re.I)


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
    label = _without_filler(text)
    for between, beyond in ((_BETWEEN_OPEN, 1), (_BETWEEN, 0)):
        if match := between.fullmatch(label):
            low, high = (int(number) for number in match.groups() if number)
            return NumberBand(low, high - beyond) if low <= high - beyond else None
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


def _without_filler(text: str) -> str:
    """Return the words of a label that say which band it is: `under 18` for `aged under 18 years`."""
    label = " ".join(text.split()).strip(" .,:")
    if not any(map(str.isdigit, label)):
        return label
    if match := _BRACKETS.fullmatch(label):
        label = match[1] or match[2]
    rest = _FILLER.sub(" ", label)
    return " ".join(rest.split()).strip(" .,:" if rest == label else " .,:–—-")


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
