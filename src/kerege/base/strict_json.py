"""Reader of JSON that refuses what two readers could understand differently (RFC 8259, RFC 7493).

Refused are the words NaN and Infinity, numbers that a float does not hold with all their digits, repeated names, and
other encodings than UTF-8.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from math import isfinite
from typing import NoReturn


def parse(text: str | bytes) -> object:
    """Return the value of a JSON text; raise ValueError for any other text.

    Examples
    --------
    >>> parse('{"id": 7}')
    {'id': 7}
    >>> parse('{"id": 1e999}')
    Traceback (most recent call last):
    ...
    ValueError: this number has too many digits
    """
    plain = text.decode() if isinstance(text, bytes) else text
    value: object = json.loads(
        plain, parse_constant=refuse_constant, parse_float=_read_float, object_pairs_hook=_refuse_repeated_names
    )
    return value


def refuse_constant(word: str) -> NoReturn:
    """Raise ValueError for NaN, Infinity and -Infinity."""
    raise ValueError(f"{word} is no JSON")


def _read_float(text: str) -> float:
    value = float(text)
    try:
        is_exact = isfinite(value) and Decimal(text) == Decimal(repr(value))
    except ArithmeticError:  # an exponent that Decimal does not hold
        is_exact = False
    if not is_exact:
        raise ValueError("this number has too many digits")
    return value


def _refuse_repeated_names(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    members: dict[str, object] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError("a name is repeated")
        members[name] = value
    return members
