"""Text alternative of a chart: its shape in at most 60 words."""

from __future__ import annotations

from collections.abc import Sequence

from kerege.charts.chart_words import number, short_text, word
from kerege.charts.model import Chart, Period, Value

MOST_WORDS = 60
NAMED = (6, 3, 1, 0)  # categories that a description of bars names: fewer if their labels are long


def alt_text(chart: Chart) -> str:
    """Return the description of a chart: what is drawn, ends and peaks, withheld values, breaks.

    Parameters
    ----------
    chart : Chart
        The chart. Its own description has precedence.

    Returns
    -------
    str
        At most 60 words. A peak is named only if it beats every number that may be withheld or rounded.

    Examples
    --------
    >>> from kerege.charts import Chart, Period, Series, Value
    >>> years = [Period(year, year) for year in ("2023", "2024", "2025")]
    >>> values = {("a", y.code): Value.exact(n) for y, n in zip(years, (208, 247, 171), strict=True)}
    >>> alt_text(Chart("columns", "171 in 2025", (Series("a", "State"),), tuple(years), values))
    'Columns. State: 2023 – 208; highest 2024 – 247; 2025 – 171.'
    """
    if chart.description:
        return chart.description
    descriptions = (_description(chart, named) for named in NAMED)
    return next((text for text in descriptions if len(text.split()) <= MOST_WORDS), "") or _shortened(chart)


def _description(chart: Chart, named: int) -> str:
    """Return the description that names so many categories of each series."""
    parts = [word(chart, chart.kind)]
    for series in chart.series:
        if text := _trend(chart, series.code) if _by_time(chart) else _ranking(chart, series.code, named):
            parts.append(f"{series.label}: {text}.")
    return " ".join(parts + _goals(chart, named) + _withheld(chart) + _breaks(chart))


def _by_time(chart: Chart) -> bool:
    return chart.kind in ("columns", "lines", "step")


def _shortened(chart: Chart) -> str:
    """Return the first words of a description that has too many in any case."""
    return " ".join(_description(chart, 0).split()[:MOST_WORDS])


def _trend(chart: Chart, series: str) -> str:
    """Return the first value, the peak if it is one, and the last value."""
    pairs = chart.values_of(series)
    if not pairs:
        return ""
    named = [pairs[0], pairs[-1]] if len(pairs) > 1 else [pairs[0]]
    top = peak(pairs)
    texts = [_pair(chart, pair) for pair in named]
    if top in named:
        at = named.index(top)
        texts[at] = f"{word(chart, 'highest')} {texts[at]}"
    elif top:
        texts.insert(1, f"{word(chart, 'highest')} {_pair(chart, top)}")
    return "; ".join(texts)


def peak(pairs: Sequence[tuple[Period, Value]]) -> tuple[Period, Value] | None:
    """Return the pair that beats all others whatever was withheld or rounded; None if none does."""
    for pair in pairs if len(pairs) > 1 else ():
        if all(pair[1].lower > other.upper for period, other in pairs if period != pair[0]):
            return pair
    return None


def _ranking(chart: Chart, series: str, named: int) -> str:
    """Return the largest values, then how many more are in the table."""
    known = [pair for pair in chart.values_of(series) if pair[1].status != "withheld"]
    ranked = sorted(known, key=lambda pair: -pair[1].upper)
    texts = [_pair(chart, pair) for pair in ranked[:named]]
    if len(ranked) > named:
        texts.append(word(chart, "more").format(n=number(chart, len(ranked) - named)).rstrip("."))
    return "; ".join(texts)


def _pair(chart: Chart, pair: tuple[Period, Value]) -> str:
    return f"{pair[0].label} – {short_text(chart, pair[1])}"


def _goals(chart: Chart, named: int) -> list[str]:
    """Return the first numbers to be reached, by category."""
    labels = {period.code: period.label for period in chart.periods}
    texts = [f"{labels[code]} – {number(chart, goal)}" for (_series, code), goal in chart.goals.items()][:named]
    return [word(chart, "goal_list").format(goals="; ".join(texts))] if texts else []


def _withheld(chart: Chart) -> list[str]:
    shown = [value for series in chart.series for _, value in chart.values_of(series.code)]
    withheld = sum(value.status == "withheld" for value in shown)
    if not withheld:
        return []
    return [word(chart, "withheld_count").format(n=number(chart, withheld), all=number(chart, len(shown)))]


def _breaks(chart: Chart) -> list[str]:
    labels = {period.code: period.label for period in chart.periods}
    return [
        word(chart, "break" if at.words else "break_bare").format(period=labels[at.after], words=at.words)
        for at in chart.breaks
        if at.after in labels
    ]
