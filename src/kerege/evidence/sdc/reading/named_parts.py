"""Labels whose words say that they can name some of the people of another label of their column.

`Akmola without Kokshetau` is a part of `Akmola`, `Boys` of `Minors`, and `in households` of the label before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kerege.evidence.sdc.reading.column_names import SEXES, folded, sex_code
from kerege.evidence.sdc.reading.nested_codes import AGE_GROUPS

YOUNG = re.compile(r"girls?|boys?|девоч(?:ки|ек)|мальчик(?:и|ов)|қыздар|ұлдар", re.I)
_WITH = r"with|including|incl\.?|together with|с|со|вместе с|включая|с уч[её]том"
_WITHOUT = (
    r"without|excluding|excl\.?|except(?: for)?|not including|other than|но без|без(?: уч[её]та)?|кроме|исключая"
    r"|за исключением"
)
_EXCEPTION = re.compile(rf"(?P<base>.+?)[\s,(]+(?:{_WITHOUT})\s.+")
_ADDITION = re.compile(rf"(?P<base>.+?)[\s,(]+(?:{_WITH})\s.+")
_WORD = re.compile(r"\w+")
_EXCLUDING = re.compile(
    r"non?|not|without|except|excluding|outside|other|others|не|нет|без|вне|кроме|прочие|другие|емес"
)
_PREPOSITION = re.compile(r"(?:в|во|на|с|со|от|для|из|при|in|at|on|by|for|from|with|under|through)\s+\w")


def named_parts(labels: Sequence[str]) -> dict[str, str]:
    """Return the labels that can be parts, each with the label that can be its whole.

    Examples
    --------
    >>> named_parts(["Minors", "Boys", "Akmola with Kokshetau", "Akmola without Kokshetau"])
    {'Boys': 'Minors', 'Akmola without Kokshetau': 'Akmola with Kokshetau'}
    """
    parts: dict[str, str] = {}
    minors = [label for label in labels if AGE_GROUPS.get(folded(label), "") == "0-17"]
    has_adults = any(sex_code(label) in SEXES and not YOUNG.fullmatch(label.strip()) for label in labels)
    for place, label in enumerate(labels):
        if YOUNG.fullmatch(label.strip()) and minors and not has_adults:
            parts[label] = minors[0]
        elif whole := _whole_of_exception(label, labels) or _label_before(labels, place):
            parts[label] = whole
    return parts


def is_narrower(label: str, other: str) -> bool:
    """Return whether a label has all words of another one and more, and none that excludes people.

    Examples
    --------
    >>> is_narrower("Women with disability", "With disability"), is_narrower("Non-EU", "EU")
    (True, False)
    """
    words, fewer = ({*_WORD.findall(folded(text))} for text in (label, other))
    return bool(fewer) and fewer < words and not any(map(_EXCLUDING.fullmatch, words - fewer))


def _whole_of_exception(label: str, labels: Sequence[str]) -> str:
    match = _EXCEPTION.fullmatch(folded(label))
    return next((other for other in labels if match and _base(other) == match["base"] and other != label), "")


def _base(label: str) -> str:
    """Return a label without the words behind it that add people."""
    name = folded(label)
    match = None if _EXCEPTION.fullmatch(name) else _ADDITION.fullmatch(name)
    return match["base"] if match else name


def _label_before(labels: Sequence[str], place: int) -> str:
    """Return the last label before one that begins with a small preposition, '' for other labels."""
    before = [label for label in labels[:place] if label[:1].isupper()]
    return before[-1] if before and _PREPOSITION.match(labels[place]) else ""
