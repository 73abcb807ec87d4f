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
# a quote that is open to the end may be closed in what was not looked at
_QUOTED = re.compile(r'"[^"]*(?:"|$)')
_FORMULA, _NUMBER = re.compile(FORMULA), re.compile(NUMBER)


def separator(head: str) -> str:
    """What separates the columns of a table, told by its beginning: the mark that its first two lines have most of.

    Marks within quotes do not count; a comma where no line has any.
    """
    lines = [line for line in _QUOTED.sub("", head).splitlines() if line.strip()][:2] or [""]
    return max(",;\t|", key=lambda mark: (min(line.count(mark) for line in lines), lines[0].count(mark)))


def guarded(text: str) -> str:
    """A cell as it is written."""
    return MARK + text if _runs(text) else text


def plain(cell: str) -> str:
    """What was written as this cell."""
    return cell[1:] if cell[:1] == MARK and _runs(cell) else cell


def _runs(text: str) -> bool:
    """Whether a text, without the apostrophes before it, would be run."""
    return text[:1] in "'=+-@\t\r" and bool(_FORMULA.match(text)) and not _NUMBER.match(text)
