"""Cells of a CSV that a spreadsheet would run as a formula: written with an apostrophe before them, read without it.

A spreadsheet shows such a cell as text. Reading gives back exactly what was written, also where a value begins with
apostrophes of its own. Plain numbers are no formulas and stay as they are.
"""

from __future__ import annotations

import re

MARK = "'"
FORMULA = r"^'*[=+\-@\t\r]"
NUMBER = r"^'*[+-]?[0-9]+([.,][0-9]+)?$"
_FORMULA, _NUMBER = re.compile(FORMULA), re.compile(NUMBER)


def guarded(text: str) -> str:
    """A cell as it is written."""
    return MARK + text if _runs(text) else text


def plain(cell: str) -> str:
    """What was written as this cell."""
    return cell[1:] if cell[:1] == MARK and _runs(cell) else cell


def _runs(text: str) -> bool:
    """Whether a text, without the apostrophes before it, would be run."""
    return text[:1] in "'=+-@\t\r" and bool(_FORMULA.match(text)) and not _NUMBER.match(text)
