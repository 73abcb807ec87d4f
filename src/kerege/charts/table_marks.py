"""Small drawings for the cells of a table: weights, shares, courses, whiskers and sparks.

The table beside them has their numbers. Their colours come from the classes of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from kerege.charts.marks import px

WIDE, THIN, TALL = 200, 16, 24  # pixels
HALF = WIDE / 2
SPARK, EDGE = 56, 8
TOPS = (0.05, 0.1, 0.25, 0.5)  # ends of the scale of a whisker; else 1
HIDDEN = 'aria-hidden="true" focusable="false"'


def draw_weight(value: float, largest: float, kind: str) -> str:
    """Return a bar to the right of the middle for a positive value, to the left for a negative one.

    Parameters
    ----------
    value : float
        The value.
    largest : float
        Largest absolute value of the table; it fills one half.
    kind : str
        Class of the bar.

    Returns
    -------
    str
        SVG for a cell.

    Examples
    --------
    >>> 'x="50" y="3" width="50"' in draw_weight(-1, 2, "against")
    True
    """
    length = HALF * abs(value) / (largest or 1)
    start = HALF if value >= 0 else HALF - length
    return (
        f'<svg class="kp-bar" viewBox="0 0 {WIDE} {THIN}" width="{WIDE}" height="{THIN}" {HIDDEN}>'
        f'<line class="kp-axis" x1="{px(HALF)}" y1="0" x2="{px(HALF)}" y2="{THIN}"/>'
        f'<rect class="{kind}" x="{px(start)}" y="3" width="{px(max(length, 1))}" height="10"/></svg>'
    )


def draw_parts(parts: Sequence[tuple[str, float]]) -> str:
    """Return a bar of parts from left to right; "" without a part.

    Parameters
    ----------
    parts : sequence of tuple of str and float
        Class and share of each part; shares of 0 are left out.

    Returns
    -------
    str
        SVG for a cell.

    Examples
    --------
    >>> draw_parts([("same", 0.75), ("other", 0.25), ("none", 0)]).count("<rect")
    2
    """
    rects, x = [], 0.0
    for kind, share in parts:
        if share:
            rects.append(f'<rect class="{kind}" x="{px(x)}" y="1" width="{px(WIDE * share)}" height="14"/>')
            x += WIDE * share
    if not rects:
        return ""
    box = f'viewBox="0 0 {WIDE} {THIN}" width="{WIDE}" height="{THIN}" {HIDDEN}'
    return f'<svg class="kp-stackbar" {box}>{"".join(rects)}</svg>'


def draw_course(shares: Sequence[float | None]) -> str:
    """Return a line of shares from 0 at the bottom to 1 at the top; a missing share has no point.

    Parameters
    ----------
    shares : sequence of float or None
        A share for each month.

    Returns
    -------
    str
        SVG for a cell.

    Examples
    --------
    >>> draw_course([0.5, None, 1]).count("<circle")
    2
    """
    step = WIDE / max(1, len(shares) - 1)
    points = [(px(n * step), px(TALL * (1 - share))) for n, share in enumerate(shares) if share is not None]
    line = " ".join(f"{x},{y}" for x, y in points)
    dots = "".join(f'<circle class="kp-dot" cx="{x}" cy="{y}" r="2.5"/>' for x, y in points)
    return (
        f'<svg class="kp-course" viewBox="-4 -4 208 32" width="208" height="32" {HIDDEN}>'
        f'<line class="kp-axis" x1="0" y1="{TALL}" x2="{WIDE}" y2="{TALL}"/>'
        f'<polyline class="kp-course-line" points="{line}"/>{dots}</svg>'
    )


def whisker_top(high: float) -> float:
    """Return the end of the smallest scale that holds the upper limit.

    Parameters
    ----------
    high : float
        Upper limit of a share.

    Returns
    -------
    float
        End of the scale.

    Examples
    --------
    >>> whisker_top(0.07), whisker_top(0.7)
    (0.1, 1.0)
    """
    return next((top for top in TOPS if high <= top), 1.0)


def draw_whisker(share: float, interval: tuple[float, float], top: str) -> str:
    """Return a share with its interval on a scale from 0 to `whisker_top`.

    Parameters
    ----------
    share : float
        The share.
    interval : tuple of float
        Its lower and upper limit.
    top : str
        Text of the end of the scale, in per cent.

    Returns
    -------
    str
        SVG for a page.

    Examples
    --------
    >>> 'cx="100"' in draw_whisker(0.05, (0.02, 0.1), "10")
    True
    """
    low, high, dot = (WIDE * value / whisker_top(interval[1]) for value in (*interval, share))
    return (
        f'<svg class="kp-whisker" viewBox="-4 0 208 40" width="416" height="80" {HIDDEN}>'
        f'<line class="kp-axis" x1="0" y1="24" x2="{WIDE}" y2="24"/>'
        f'<rect class="kp-range" x="{px(low)}" y="8" width="{px(high - low)}" height="8"/>'
        f'<circle class="kp-dot" cx="{px(dot)}" cy="12" r="5"/><text x="0" y="37">0 %</text>'
        f'<text x="{WIDE}" y="37" text-anchor="end">{escape(top)} %</text></svg>'
    )


def draw_spark(levels: Sequence[tuple[float, float]], top: float) -> str:
    """Return a step line of levels: a level holds until the next.

    Parameters
    ----------
    levels : sequence of tuple of float
        Time from 0 to 1, and level.
    top : float
        The highest level that there is.

    Returns
    -------
    str
        SVG for a page.

    Examples
    --------
    >>> 'points="8,8 192,8 192,48"' in draw_spark([(0, 3), (1, 0)], 3)
    True
    """
    wide, tall = WIDE - 2 * EDGE, SPARK - 2 * EDGE
    dots = [(px(EDGE + wide * time), px(EDGE + tall * (1 - level / top))) for time, level in levels]
    corners = [f"{x},{y}" for x, y in dots[:1]]
    for (_, before), (x, y) in pairwise(dots):
        corners += [f"{x},{before}", f"{x},{y}"]
    circles = "".join(f'<circle class="ka-dot" cx="{x}" cy="{y}" r="4"/>' for x, y in dots)
    grid = "".join(
        f'<line class="ka-grid" x1="{EDGE}" y1="{y}" x2="{WIDE - EDGE}" y2="{y}"/>' for y in (EDGE, SPARK - EDGE)
    )
    return (
        f'<svg viewBox="0 0 {WIDE} {SPARK}" width="{WIDE}" height="{SPARK}" {HIDDEN}>'
        f'{grid}<polyline class="ka-line" points="{" ".join(corners)}"/>{circles}</svg>'
    )
