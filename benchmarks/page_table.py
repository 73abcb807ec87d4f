"""Rows of a benchmark in the table of a page: a row that was measured again replaces its older one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def write_row(cells: Iterable[str]) -> str:
    """Return a line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def merge_rows(page: str, headings: Sequence[str], rows: Iterable[Sequence[str]], keys: int) -> str:
    """Return a page whose table with these headings holds the rows.

    The first `keys` cells name a row: an older row of the same name is replaced, other rows stay. A new row comes after
    the last one with the same first cell. Raises ValueError for a page without the table.
    """
    lines = page.split("\n")
    first = lines.index(write_row(headings)) + 2  # below the rule
    last = next((at for at in range(first, len(lines)) if not lines[at].startswith("|")), len(lines))
    merged = [_split(line) for line in lines[first:last]]
    for cells in map(list, rows):
        _place(merged, cells, keys)
    return "\n".join([*lines[:first], *map(write_row, merged), *lines[last:]])


def _place(table: list[list[str]], cells: list[str], keys: int) -> None:
    """Put a row into the table: in place of its older one, or at the end of its group."""
    for at, older in enumerate(table):
        if older[:keys] == cells[:keys]:
            table[at] = cells
            return
    group = [at for at, older in enumerate(table) if older[0] == cells[0]]
    table.insert(group[-1] + 1 if group else len(table), cells)


def _split(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
