"""Bars of bits: a waterfall, whose last bar is the sum, and bars on both sides of zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from itertools import accumulate

WIDTH, ROW, LABEL, ROOM = 720, 34, 320, 80  # pixels; the room is for the numbers at both ends
NARROW_ROW = 24
BROAD, LONG_LABEL = 960, 520  # pixels of the bars on both sides of zero: their names are sentences
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


def draw_signed_bars(
    groups: Sequence[tuple[str, Sequence[tuple[str, float]]]], *, alt: str, number: Callable[[float], str]
) -> str:
    """Return bars to both sides of zero as SVG, in groups with a heading; colours as in `draw_waterfall`.

    Parameters
    ----------
    groups : sequence of tuple of str and sequence
        Heading, and name and length of each bar.
    alt : str
        Text alternative.
    number : function of float
        Format of a length.

    Returns
    -------
    str
        SVG with a bar for each length.

    Examples
    --------
    >>> draw_signed_bars([("sex", [("same", 0.9), ("other", -5.0)])], alt="bits", number=str).count("<rect")
    2
    """
    lengths = [0.0, *(length for _, bars in groups for _, length in bars)]
    low = min(lengths)
    scale = (BROAD - LONG_LABEL - 2 * ROOM) / max(max(lengths) - low, 1.0)
    zero, y, body = LONG_LABEL + ROOM - low * scale, 0, list[str]()
    for heading, bars in groups:
        body.append(f'<text x="0" y="{y + 20}" class="heading">{escape(heading)}</text>')
        y += ROW
        for name, length in bars:
            body.append(_draw_signed_bar(y, zero, length * scale, (name, number(length))))
            y += NARROW_ROW
    line = f'<line x1="{zero:.1f}" x2="{zero:.1f}" y1="0" y2="{y}" class="zero"/>'
    return f'<svg viewBox="0 0 {BROAD} {y + 10}" role="img" aria-label="{escape(alt)}">{line}{"".join(body)}</svg>'


def _draw_signed_bar(y: int, zero: float, length: float, words: tuple[str, str]) -> str:
    """Return a bar with its name at the left and its number beyond its end."""
    end, width = zero + length, max(abs(length), THINNEST)
    kind, anchor, gap = ("for", "start", 6) if length >= 0 else ("against", "end", -6)
    return (
        f'<text x="{LONG_LABEL - 12}" y="{y + 14}" class="label">{escape(words[0])}</text>'
        f'<rect x="{min(zero, end):.1f}" y="{y + 2}" width="{width:.1f}" height="{NARROW_ROW - 8}" class="{kind}"/>'
        f'<text x="{end + gap:.1f}" y="{y + 14}" text-anchor="{anchor}">{escape(words[1])}</text>'
    )
