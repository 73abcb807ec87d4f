"""Cells of a CSV: what stands between them, and those that a spreadsheet would run as a formula.

The latter are written with an apostrophe before them and read without it.

A spreadsheet shows such a cell as text. Reading gives back exactly what was written, also where a value begins with
apostrophes of its own. Plain numbers are no formulas and stay as they are.
"""

from __future__ import annotations

import re

MARK = "'"
FORMULA = r"^'*[=+\-@\t\r]"
NUMBER = r"^'*[+-]?[0-9]+([.,][0-9]+)?$"
_FORMULA, _NUMBER = re.compile(FORMULA), re.compile(NUMBER)


def separator(head: str) -> str:
    """What separates the columns of a table, told by its first line: a comma unless another mark is there more."""
    return max(",;\t|", key=head.count)


def guarded(text: str) -> str:
    """A cell as it is written."""
    return MARK + text if _runs(text) else text


def plain(cell: str) -> str:
    """What was written as this cell."""
    return cell[1:] if cell[:1] == MARK and _runs(cell) else cell


def _runs(text: str) -> bool:
    """Whether a text, without the apostrophes before it, would be run."""
    return text[:1] in "'=+-@\t\r" and bool(_FORMULA.match(text)) and not _NUMBER.match(text)
