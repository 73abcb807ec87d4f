"""Small published tables by two columns, and every register that is consistent with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from hypothesis import strategies as st

from kerege.evidence.sdc.published_tables.sheet import Sheet
from tests.evidence import made_sheets
from tests.evidence.made_sheets import Figure

Cell = tuple[str, str]
Register = dict[Cell, int]
ROWS, COLUMNS = ("a", "b"), ("x", "y")
CELLS = tuple(product(ROWS, COLUMNS))
MOST = 4  # of people in one cell of a register


def margin(register: Mapping[Cell, int], key: Cell) -> int:
    """Return the people of a cell or a margin."""
    return sum(count for cell, count in register.items() if all(k in ("_T", c) for k, c in zip(key, cell, strict=True)))


def all_keys() -> list[Cell]:
    """Return the cells and margins of a table by both columns."""
    return [(a, x) for a in ("_T", *ROWS) for x in ("_T", *COLUMNS)]


@st.composite
def published_figures(draw: st.DrawFn) -> tuple[Register, dict[Cell, Figure]]:
    """Draw a register and what is published of it: exact figures, suppressed figures and bounds."""
    register = dict(zip(CELLS, draw(st.lists(st.integers(0, 3), min_size=4, max_size=4)), strict=True))
    figures: dict[Cell, Figure] = {}
    for key in all_keys():
        count = margin(register, key)
        kind = draw(st.sampled_from(["exact", "exact", "hidden", "bounds"]))
        if kind == "bounds":
            figures[key] = (max(count - 1, 0), count + 1)
        elif kind == "hidden" and count and "_T" not in key:
            figures[key] = None
        else:
            figures[key] = count
    return register, figures


def sheet_of(figures: Mapping[Cell, Figure]) -> Sheet:
    """Return the table of these figures; a code that is missing has no people."""
    return made_sheets.sheet(("row", "column"), figures)


def consistent(figures: Mapping[Cell, Figure]) -> Iterator[Register]:
    """Yield every register of up to MOST people in each cell that has all figures."""
    for counts in product(range(MOST + 1), repeat=4):
        register = dict(zip(CELLS, counts, strict=True))
        if all(fits(margin(register, key), figure) for key, figure in figures.items()):
            yield register


def fits(count: int, figure: Figure) -> bool:
    """Return whether a count can be behind a published figure."""
    if figure is None:
        return count >= 1
    low, high = figure if isinstance(figure, tuple) else (figure, figure)
    return low <= count <= high
