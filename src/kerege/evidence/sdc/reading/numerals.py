"""Numbers in the digits of any script: Arabic-Indic, Persian and others become 0 to 9."""

from __future__ import annotations

import re
import unicodedata

SIGNS = str.maketrans(
    {"\u066c": "\u2019", "\u066b": ".", "\u066a": "%"}
)  # Arabic signs of thousands, decimals, per cent
OTHER_DIGIT = re.compile(r"(?![0-9])\d")


def with_usual_digits(text: str) -> str:
    """Return a text with the digits 0 to 9 and the signs `’`, `.` and `%` in place of other ones.

    Examples
    --------
    >>> with_usual_digits("\u0661\u066c\u0664\u0660\u0660")
    '1’400'
    """
    if text.isascii():
        return text
    return OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text.translate(SIGNS))
