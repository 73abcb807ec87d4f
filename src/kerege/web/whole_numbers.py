"""Whole numbers in requests."""

from __future__ import annotations

import re


def read_number(text: str | None) -> int | None:
    """Return the number in a text of 1 to 18 digits from 0 to 9; None for any other text.

    `str.isdigit` also accepts "²", which `int` refuses, and thousands of digits, which no database column holds.

    Examples
    --------
    >>> read_number("42"), read_number("²"), read_number("9" * 19)
    (42, None, None)
    """
    return int(text) if text and re.fullmatch("[0-9]{1,18}", text) else None
