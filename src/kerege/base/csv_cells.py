"""CSV cells: detection of the separator, and escaping of values that a spreadsheet would run.

An escaped cell begins with an apostrophe, so that a spreadsheet shows it as text. Reading removes the apostrophe and
returns exactly the written value, even if that value begins with apostrophes. Plain numbers are not escaped.
"""

from __future__ import annotations

import re

MARK = "'"
FORMULA = r"^'*[=+\-@\t\r]"
NUMBER = r"^'*[+-]?[0-9]+([.,][0-9]+)?$"
# an unclosed quote at the end may be closed after the part of the file that was read
_QUOTED = re.compile(r'"[^"]*(?:"|$)')
_FORMULA, _NUMBER = re.compile(FORMULA), re.compile(NUMBER)


def separator(head: str) -> str:
    """Return the most frequent of `,;` tab and `|` in the first two non-empty lines of a table.

    `head` is the beginning of the file. Marks inside quotes do not count. Without any mark the result is a comma.
    """
    # a letter in place of quotes: without it a line of quoted cells between tabs would look empty
    lines = [line for line in _QUOTED.sub("x", head).splitlines() if line.strip()][:2] or [""]
    return max(",;\t|", key=lambda mark: (min(line.count(mark) for line in lines), lines[0].count(mark)))


def guarded(text: str) -> str:
    """Return the cell to write for a text: an apostrophe is added if a spreadsheet would run the text."""
    return MARK + text if _runs(text) else text


def plain(cell: str) -> str:
    """Return the text that `guarded` wrote as this cell."""
    return cell[1:] if cell[:1] == MARK and _runs(cell) else cell


def _runs(text: str) -> bool:
    """Return whether a spreadsheet would run the text once its leading apostrophes are removed."""
    return text[:1] in "'=+-@\t\r" and bool(_FORMULA.match(text)) and not _NUMBER.match(text)
