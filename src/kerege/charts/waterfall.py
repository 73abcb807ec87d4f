"""Waterfall: each bar begins where the one before it ends, and the last one is their sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from itertools import accumulate

WIDTH, ROW, LABEL, ROOM = 720, 34, 320, 80  # pixels; the room is for the numbers at both ends
THINNEST = 1.5


def draw_waterfall(steps: Sequence[tuple[str, float]], *, total: str, alt: str, number: Callable[[float], str]) -> str:
    """Return the waterfall of steps as SVG; the page colours `for`, `against` and `sum`.

    Parameters
    ----------
    steps : sequence of tuple of str and float
        Name and length of each step, in their order.
    total : str
        Name of the sum.
    alt : str
        Text alternative.
    number : function of float
        Format of a length.

    Returns
    -------
    str
        SVG with a bar for each step and one for the sum.

    Examples
    --------
    >>> draw_waterfall([("prior", -9.0), ("sex", 0.9)], total="sum", alt="bits", number=str).count("<rect")
    3
    """
    ends = [0.0, *accumulate(length for _, length in steps)]
    low, high = min(ends), max(ends)
    scale = (WIDTH - LABEL - ROOM) / max(high - low, 1.0)
    places = [LABEL + (end - low) * scale for end in ends]
    rows = [
        (name, length, places[at], places[at + 1], "for" if length >= 0 else "against")
        for at, (name, length) in enumerate(steps)
    ]
    rows.append((total, ends[-1], places[0], places[-1], "sum"))
    height = ROW * len(rows) + 10
    zero = f'<line x1="{places[0]:.1f}" x2="{places[0]:.1f}" y1="0" y2="{height}" class="zero"/>'
    bars = "".join(_draw_bar(at, row, number(row[1])) for at, row in enumerate(rows))
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(alt)}">{zero}{bars}</svg>'


def _draw_bar(at: int, row: tuple[str, float, float, float, str], text: str) -> str:
    name, _, start, end, kind = row
    y, left, width = at * ROW + 6, min(start, end), max(abs(end - start), THINNEST)
    return (
        f'<text x="{LABEL - 12}" y="{y + 16}" class="label">{escape(name)}</text>'
        f'<rect x="{left:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 12}" class="{kind}"/>'
        f'<text x="{left + width + 6:.1f}" y="{y + 16}">{escape(text)}</text>'
    )
