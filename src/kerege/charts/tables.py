"""Table of a chart in words, and as CSV with codes and limits."""

from __future__ import annotations

import csv
from io import StringIO

from kerege.base.csv_cells import guarded
from kerege.charts.chart_words import goal_text, long_text, word
from kerege.charts.model import Chart, Value

COLUMNS = ("period_code", "period", "series_code", "series", "value", "lower", "upper", "status", "unit")


def table_of(chart: Chart) -> list[list[str]]:
    """Return the table of a chart as rows of texts: the heading, then one row a period.

    Parameters
    ----------
    chart : Chart
        The chart.

    Returns
    -------
    list of list of str
        Texts in the language of the chart. A withheld value is a word, a value that was not counted is a dash.

    Examples
    --------
    >>> from kerege.charts import Chart, Period, Series, Value
    >>> values = {("a", "2025"): Value.rounded(170, 2)}
    >>> table_of(Chart("columns", "About 170", (Series("a", "State"),), (Period("2025", "2025"),), values))
    [['Period', 'State'], ['2025', '≈170 (±\\xa02)']]
    """
    head = [chart.axis or word(chart, "period"), *(series.label for series in chart.series)]
    rows = [
        [period.label, *(_cell(chart, (series.code, period.code)) for series in chart.series)]
        for period in chart.periods
    ]
    return [head, *rows]


def _cell(chart: Chart, key: tuple[str, str]) -> str:
    """Return a value and, in brackets, the number to be reached."""
    text, goal = long_text(chart, chart.value(*key)), goal_text(chart, key)
    return f"{text} ({goal})" if goal else text


def csv_of(chart: Chart) -> str:
    """Return the values of a chart as CSV: one row a value, with codes, labels, limits and status.

    Parameters
    ----------
    chart : Chart
        The chart.

    Returns
    -------
    str
        CSV with a header. A withheld value has no number, only limits. Absent values have a row too.

    Examples
    --------
    >>> from kerege.charts import Chart, Period, Series, Value
    >>> values = {("a", "2025"): Value.withheld(9)}
    >>> print(csv_of(Chart("columns", "", (Series("a", "State"),), (Period("2025", "2025"),), values, unit="people")))
    period_code,period,series_code,series,value,lower,upper,status,unit
    2025,2025,a,State,,0,9,withheld,people
    <BLANKLINE>
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for period in chart.periods:
        for series in chart.series:
            numbers = _numbers(chart.value(series.code, period.code))
            texts = (period.code, period.label, series.code, series.label)
            writer.writerow([*map(guarded, texts), *numbers, guarded(chart.unit)])
    return out.getvalue()


def _numbers(value: Value) -> list[str]:
    """Return number, limits and status of a value."""
    if value.status == "absent":
        return ["", "", "", value.status]
    return [
        "" if value.count is None else f"{value.count:.12g}",
        f"{value.lower:.12g}",
        f"{value.upper:.12g}",
        value.status,
    ]
