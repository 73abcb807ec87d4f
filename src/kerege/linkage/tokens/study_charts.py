"""Charts and data frames of the result of a study, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
import polars as pl

from kerege.charts import Chart, Period, Series, Value, draw_svg
from kerege.charts.svg_chart import SvgChart
from kerege.linkage.matching.labels import check_language, translate_label
from kerege.linkage.tokens.overlap_counts import overlap_table
from kerege.linkage.tokens.study_log import Entry

KINDS = ("missed", "false")
RATES = {
    "first": pl.String,
    "second": pl.String,
    **{f"{kind}{ending}": pl.Float64 for kind in KINDS for ending in ("", "_lower80", "_upper80")},
    "reviewed": pl.Int64,
}


def tabulate_counts(names: Sequence[str], counts: Sequence[int], noise: int) -> pl.DataFrame:
    """Return a row for each combination of lists; `noise` is the 95% bound of the noise of a count."""
    table = overlap_table(list(names), np.array(counts, np.int64))
    count = pl.col("count")
    return table.with_columns(lower95=(count - noise).clip(0), upper95=count + noise)


def tabulate_rates(pairs: Iterable[Entry]) -> pl.DataFrame:
    """Return a row for each two lists. Runs logged by earlier versions have no intervals: null."""
    return pl.DataFrame([_list_rates(pair) for pair in pairs], schema=RATES, orient="row")


def _list_rates(pair: Entry) -> list[object]:
    bounds = [(pair[f"{kind}_links"], *pair.get(f"{kind}_between", (None, None))) for kind in KINDS]
    return [*pair["lists"], *bounds[0], *bounds[1], pair.get("reviewed_pairs", 0)]


def draw_counts(table: pl.DataFrame, names: Sequence[str], is_exact: bool, language: str) -> SvgChart:
    """Return the persons on each combination of lists, with the bounds of their noise."""
    check_language(language)
    rows = list(enumerate(table.iter_rows(named=True)))
    values = {
        ("persons", str(place)): Value.exact(row["count"])
        if is_exact
        else Value(row["count"], "noise", row["lower95"], row["upper95"])
        for place, row in rows
    }
    periods = [Period(str(place), " + ".join(name for name in names if row[name])) for place, row in rows]
    return _draw("bars", "chart counts", series=("persons",), periods=periods, values=values, language=language)


def draw_error_rates(rates: pl.DataFrame, language: str) -> SvgChart:
    """Return the rates of missed and false links of each two lists, with intervals."""
    check_language(language)
    periods, values = list[Period](), dict[tuple[str, str], Value]()
    for row in rates.iter_rows(named=True):
        for kind in KINDS:
            code = str(len(periods))
            label = translate_label(f"{kind} links", language)
            periods.append(Period(code, f"{row['first']} + {row['second']}: {label}"))
            rate, low, high = (_percent(row[f"{kind}{ending}"]) for ending in ("", "_lower80", "_upper80"))
            if rate is not None and low is not None and high is not None:
                values["point", code] = Value(rate, "estimated", low, high)
                values["outer", code] = Value.estimated(low, high)
    return _draw(
        "intervals", "chart error rates", series=("outer", "point"), periods=periods, values=values, language=language
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _draw(
    kind: Literal["bars", "intervals"],
    title: str,
    *,
    series: Sequence[str],
    periods: Sequence[Period],
    values: Mapping[tuple[str, str], Value],
    language: str,
) -> SvgChart:
    chart = Chart(
        kind=kind,
        title=translate_label(title, language),
        series=tuple(Series(code, translate_label(f"series {code}", language)) for code in series),
        periods=tuple(periods),
        values=values,
        unit="%" if kind == "intervals" else "",
        lang=language,
        name=title.replace(" ", "-"),
    )
    return SvgChart(draw_svg(chart, titled=True))
