"""Tables without lines, as commands print them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table as Grid


def build_grid(headers: Sequence[str], rows: Sequence[Sequence[str]], *, figures: bool = True) -> Grid:
    """Return a table; of figures, all columns but the first are aligned to the right."""
    grid = Grid(box=None, header_style="bold", padding=(0, 1 if figures else 2, 0, 0))
    for position, name in enumerate(headers):
        grid.add_column(name, justify="right" if figures and position else "left", no_wrap=figures and not position)
    for row in rows:
        grid.add_row(*row)
    return grid
