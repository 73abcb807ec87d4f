"""Charts and data frames of the results of an evaluation, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from kerege.charts import Chart, Period, Series, Value, draw_svg
from kerege.charts.svg_chart import SvgChart
from kerege.evidence.synthesis.evaluation.messages import band_name, name_combinations, words
from kerege.evidence.synthesis.evaluation.risk_ratings import Verdict

ERRORS = {
    "length": pl.Int64,
    "least": pl.Int64,
    "most": pl.Int64,
    "combinations": pl.Int64,
    "mean": pl.Float64,
    "median": pl.Float64,
    "relative_mean": pl.Float64,
    "relative_median": pl.Float64,
    "missing": pl.Int64,
}
RISKS = {
    "kind": pl.String,
    "risk": pl.String,
    "level": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}


def tabulate_errors(bands: Iterable[tuple[int, Mapping[str, object]]]) -> pl.DataFrame:
    """Return a row for each band: the length of its combinations, and its fields."""
    return pl.DataFrame([{"length": length} | dict(band) for length, band in bands], schema=ERRORS)


def draw_errors(errors: pl.DataFrame, lang: str) -> SvgChart:
    """Return the mean errors as lines over the bands of true counts."""
    messages = words(lang)
    bands = errors.select("least", "most").unique(maintain_order=True).rows()
    means = errors.select("length", "least", "mean").drop_nulls().rows()
    chart = Chart(
        kind="lines",
        title=f"{messages.say('counts.by_count')}, {messages.say('counts.people')}",
        series=tuple(
            Series(str(length), name_combinations(length, messages)) for length in errors["length"].unique().sort()
        ),
        periods=tuple(Period(f"from {least}", band_name(least, most, messages)) for least, most in bands),
        values={(str(length), f"from {least}"): Value.exact(mean) for length, least, mean in means},
        unit=messages.say("counts.people"),
        axis=messages.say("counts.along"),
        lang=lang,
        name="errors",
    )
    return SvgChart(draw_svg(chart, titled=True))


def tabulate_risks(verdicts: Sequence[Verdict]) -> pl.DataFrame:
    """Return a row for each rated risk."""
    rows = [{name: getattr(verdict, name) for name in RISKS} for verdict in verdicts]
    return pl.DataFrame(rows, schema=RISKS)


def draw_risks(verdicts: Sequence[Verdict], lang: str) -> SvgChart:
    """Return the risks that have an interval, in per cent, each with its interval.

    A risk that is not above chance is drawn at 0.
    """
    messages, values = words(lang), dict[tuple[str, str], Value]()
    rated = [verdict for verdict in verdicts if verdict.high is not None]
    for place, verdict in enumerate(rated):
        value, low, high = (
            round(100 * max(0.0, share or 0.0), 1) for share in (verdict.value, verdict.low, verdict.high)
        )
        values["point", str(place)] = Value(value, "estimated", low, high)
        values["outer", str(place)] = Value.estimated(low, high)
    chart = Chart(
        kind="intervals",
        title=messages.say("attacks.title"),
        series=(Series("outer", messages.say("attacks.interval")), Series("point", messages.say("attacks.risk"))),
        periods=tuple(Period(str(place), verdict.risk) for place, verdict in enumerate(rated)),
        values=values,
        unit="%",
        axis=messages.say("attacks.interval"),
        lang=lang,
        name="risks",
    )
    return SvgChart(draw_svg(chart, titled=True))
