"""Small charts as inline SVG in the colours and fonts of the page, a few kilobytes each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

WIDTH = 320  # units, and pixels on a phone
LEFT, RIGHT, TOP = 44, 12, 10
LETTER, BOLD = 7.4, 9.0  # width of a letter, in units


def svg(body: Sequence[str], height: float, what: str) -> str:
    """Return an SVG image with its text alternative."""
    inside = "".join(body)
    return f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(what)}">{inside}</svg>'


def draw_text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """Return an SVG text element at a position."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def format_count(count: float) -> str:
    """Return a count for an axis, with k for thousands."""
    return f"{count / 1000:g}k" if count >= 1000 else f"{count:g}"


def agreement(steps: Sequence[tuple[float, float, float, float]], what: str, names: tuple[str, str]) -> str:
    """Return a chart of synthetic against true counts: the median and the middle 80%.

    Parameters
    ----------
    steps : sequence of tuple of float
        True count, and low, middle and high synthetic count, in rows, in ascending order.
    what : str
        Text alternative of the chart.
    names : tuple of str
        Labels of both axes. Both are log(count + 1).

    Returns
    -------
    str
        SVG for a page.

    Examples
    --------
    >>> agreement([(1, 0, 1, 3), (100, 90, 99, 110)], "counts", ("true", "synthetic")).count("<path")
    7
    """
    side = WIDTH - LEFT - RIGHT
    most = max((max(step[0], step[3]) for step in steps), default=1)
    log_range = math.log10(1 + most)

    def along(count: float) -> float:
        return LEFT + side * math.log10(1 + count) / log_range

    def up(count: float) -> float:
        return TOP + side * 0.75 * (1 - math.log10(1 + count) / log_range)

    bottom = up(0)
    body = []
    for tick in (0, 1, 10, 100, 1_000, 10_000, 100_000):
        if tick <= most:
            x, y = along(tick), up(tick)
            body.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}M{x:.1f} {TOP}V{bottom:.1f}"/>')
            body += [
                draw_text(LEFT - 6, y + 4, format_count(tick), "axis", "end"),
                draw_text(x, bottom + 15, format_count(tick), "axis", "middle"),
            ]
    upper = "L".join(f"{along(step[0]):.1f} {up(step[3]):.1f}" for step in steps)
    lower = "L".join(f"{along(step[0]):.1f} {up(step[1]):.1f}" for step in reversed(steps))
    middle = "L".join(f"{along(step[0]):.1f} {up(step[2]):.1f}" for step in steps)
    if steps:
        body.append(f'<path class="band" d="M{upper}L{lower}Z"/>')
    body.append(f'<path class="ideal" d="M{along(0):.1f} {up(0):.1f}L{along(most):.1f} {up(most):.1f}"/>')
    if steps:
        body.append(f'<path class="line" d="M{middle}"/>')
    body.append(draw_text(LEFT + side / 2, bottom + 32, names[0], "axis", "middle"))
    body.append(draw_text(LEFT + 6, TOP + 12, names[1], "axis"))
    return svg(body, bottom + 40, what)


def draw_bars(rows: Sequence[tuple[str, float, str]], what: str, kind: str = "bar", most: float | None = None) -> str:
    """Return a chart of horizontal bars.

    Parameters
    ----------
    rows : sequence of tuple
        Label, length and text after the bar.
    what : str
        Text alternative of the chart.
    kind : str
        Class of the bars in the style of the page.
    most : float, optional
        Length that fills the width. Default: the longest bar.

    Returns
    -------
    str
        SVG for a page.

    Examples
    --------
    >>> draw_bars([("1-9", 0.5, "50%"), ("10-49", 0.1, "10%")], "errors").count("<rect")
    2
    """
    label_width = max((len(label) for label, _, _ in rows), default=0) * LETTER + 8
    text_width = max((len(words) for _, _, words in rows), default=0) * BOLD + 8
    longest = most or max((value for _, value, _ in rows), default=1) or 1
    body = []
    for place, (label, value, words) in enumerate(rows):
        y, width = 4 + place * 24, max(0.0, (WIDTH - label_width - text_width) * value / longest)
        body.append(draw_text(label_width - 8, y + 13, label, "axis", "end"))
        body.append(f'<rect class="{kind}" x="{label_width:.1f}" y="{y}" width="{width:.1f}" height="17" rx="2"/>')
        body.append(draw_text(label_width + width + 6, y + 13, words, "value"))
    return svg(body, 8 + 24 * len(rows), what)


def draw_shares(rows: Sequence[tuple[str, float, str]], what: str) -> str:
    """Return a chart of 100% strips with a good and a bad part.

    Parameters
    ----------
    rows : sequence of tuple
        Label, share of the bad part (0 to 1) and its text.
    what : str
        Text alternative of the chart.

    Returns
    -------
    str
        SVG for a page.

    Examples
    --------
    >>> draw_shares([("pairs", 0.25, "25%")], "fabricated").count("<rect")
    2
    """
    body = []
    for place, (label, rest, words) in enumerate(rows):
        y, width = 4 + place * 46, WIDTH * rest
        body.append(draw_text(0, y + 11, label, "axis"))
        body.append(draw_text(WIDTH, y + 11, words, "value", "end"))
        body.append(f'<rect class="good" x="0" y="{y + 18}" width="{WIDTH - width:.1f}" height="14"/>')
        body.append(f'<rect class="bad" x="{WIDTH - width:.1f}" y="{y + 18}" width="{width:.1f}" height="14"/>')
    return svg(body, 46 * len(rows) - 8, what)


def draw_interval(low: float, value: float, high: float, what: str) -> str:
    """Return a chart of a value and its interval, clipped to a line from 0% to 100%.

    Parameters
    ----------
    low, value, high : float
        Limits and value, as shares.
    what : str
        Text alternative of the chart.

    Returns
    -------
    str
        SVG for a page.

    Examples
    --------
    >>> draw_interval(0.1, 0.2, 0.4, "risk").count("<circle")
    1
    """
    low, value, high = (min(1.0, max(0.0, number)) for number in (low, value, high))
    start, side = 8, WIDTH - 16
    body = [f'<path class="grid" d="M{start} 14H{start + side}"/>']
    for tick, anchor in ((0, "start"), (0.25, "middle"), (0.5, "middle"), (0.75, "middle"), (1, "end")):
        x = start + side * tick
        body += [f'<path class="grid" d="M{x:g} 9V19"/>', draw_text(x, 34, f"{tick:.0%}", "axis", anchor)]
    body.append(f'<path class="reach" d="M{start + side * low:.1f} 14H{start + side * max(high, low + 0.004):.1f}"/>')
    body.append(f'<circle class="point" cx="{start + side * value:.1f}" cy="14" r="5.5"/>')
    return svg(body, 40, what)
