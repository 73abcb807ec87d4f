"""Charts of a model: the weights of its levels, and precision and recall by threshold."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import betaincinv

from kerege.charts import Chart, Period, Series, Value, draw_svg
from kerege.charts.svg_chart import SvgChart
from kerege.charts.waterfall import draw_signed_bars
from kerege.linkage.matching.comparisons import Comparison
from kerege.linkage.matching.labels import check_language, translate_label
from kerege.linkage.matching.model_file import Model
from kerege.linkage.matching.waterfall_chart import decimal, format_bits

# thresholds of the charts of expected rates
THRESHOLDS = (0.05, 0.2, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)
RATES = ("precision", "recall")
STYLE = (
    "<style>text{font:14px system-ui,sans-serif;fill:#0b0c0c}.label{text-anchor:end}.heading{font-weight:bold}"
    ".zero{stroke:#505a5f}.for{fill:#1d70b8}.against{fill:#d4351c}</style>"
)


def draw_model_weights(model: Model, language: str = "en") -> SvgChart:
    """Return the bits of every level of a model as a complete SVG file."""
    check_language(language)
    groups = [_list_bars(comparison, language) for comparison in model.comparisons]
    picture = draw_signed_bars(
        groups, alt=translate_label("chart weights", language), number=lambda bits: format_bits(bits, language)
    )
    head, _, body = picture.partition(">")
    return SvgChart(f'{head} xmlns="http://www.w3.org/2000/svg">{STYLE}{body}')


def _list_bars(comparison: Comparison, language: str) -> tuple[str, list[tuple[str, float]]]:
    levels = [level for level in comparison.levels if not level.is_null]
    bars = [(translate_label(level.label, language), level.weight) for level in levels]
    return translate_label(comparison.name, language), bars


def expected_rates(probabilities: NDArray[np.float64]) -> pl.DataFrame:
    """Return precision and recall that match probabilities promise, by threshold.

    Parameters
    ----------
    probabilities : (pairs,) float64
        Match probabilities of the links, from 0.05 on.

    Returns
    -------
    DataFrame
        `threshold`, `pairs`, `precision` (mean probability from the threshold on) and `recall` (share of the expected
        matches among these links that it keeps).

    Examples
    --------
    >>> expected_rates(np.array([0.1, 0.9])).filter(pl.col("threshold") == 0.5).row(0)
    (0.5, 1, 0.9, 0.9)
    """
    chances = np.sort(probabilities)
    first = np.searchsorted(chances, THRESHOLDS)
    above = np.concatenate([np.cumsum(chances[::-1])[::-1], [0.0]])[first]
    pairs = len(chances) - first
    precision = np.divide(above, pairs, out=np.ones(len(first)), where=pairs > 0)
    recall = above / above[0] if above[0] else np.ones(len(first))
    return pl.DataFrame({"threshold": THRESHOLDS, "pairs": pairs, "precision": precision, "recall": recall})


def labelled_rates(pairs: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    """Return precision and recall on labelled pairs, by threshold.

    Parameters
    ----------
    pairs : DataFrame
        `left`, `right`, `probability` of a linkage, as `Links.pairs`.
    labels : DataFrame
        `left`, `right`, `is_match`: a random sample of pairs, or all pairs of some records. The order of the two ids
        does not matter. A labelled pair that the linkage has not found counts as below every threshold.

    Returns
    -------
    DataFrame
        `threshold`, `pairs` (labelled ones from it on), and estimate, lower and upper limit (95%) of `precision` and
        `recall`. The estimate is 1 and the limits are 0 and 1 where no pair counts.

    Notes
    -----
    Limits of Clopper and Pearson 1934, "The use of confidence or fiducial limits illustrated in the case of the
    binomial". For the sample of `kerege link review`, which is drawn by bands of probability, use `measure_quality`.

    Examples
    --------
    >>> pairs = pl.DataFrame({"left": ["a", "c"], "right": ["b", "d"], "probability": [0.97, 0.6]})
    >>> labels = pl.DataFrame({"left": ["b", "c", "e"], "right": ["a", "d", "f"], "is_match": [True, False, True]})
    >>> labelled_rates(pairs, labels).filter(threshold=0.5).select("pairs", "precision", "recall").row(0)
    (2, 0.5, 0.5)
    """
    judged = _order_ids(labels).join(_order_ids(pairs), on=["left", "right"], how="left")
    chance, is_match = judged["probability"].fill_null(0.0).to_numpy(), judged["is_match"].cast(pl.Boolean).to_numpy()
    is_above = chance >= np.array(THRESHOLDS)[:, None]
    matches, above = (is_above & is_match).sum(1), is_above.sum(1)
    columns = {"threshold": np.array(THRESHOLDS), "pairs": above}
    for name, whole in zip(RATES, (above, np.full(len(above), is_match.sum())), strict=True):
        columns |= _bound_share(name, matches, whole)
    return pl.DataFrame(columns)


def _order_ids(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with the smaller id of each pair at the left."""
    first, second = pl.min_horizontal("left", "right"), pl.max_horizontal("left", "right")
    return table.cast({"left": pl.String, "right": pl.String}).with_columns(left=first, right=second)


def _bound_share(name: str, part: NDArray[np.int64], whole: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Return the columns of a share with its limits."""
    lower = np.where(part > 0, betaincinv(np.maximum(part, 1), whole - part + 1, 0.025), 0.0)
    upper = np.where(part < whole, betaincinv(part + 1, np.maximum(whole - part, 1), 0.975), 1.0)
    share = np.divide(part, whole, out=np.ones(len(part)), where=whole > 0)
    return {name: share, f"{name}_lower": lower, f"{name}_upper": upper}


def draw_rates(rates: pl.DataFrame, title: str, language: str = "en") -> SvgChart:
    """Return precision and recall by threshold as SVG, with intervals where `rates` has them."""
    check_language(language)
    periods = [Period(str(place), decimal(row["threshold"], "g", language)) for place, row in _enumerate(rates)]
    values = {(name, str(place)): _percent(row, name) for place, row in _enumerate(rates) for name in RATES}
    chart = Chart(
        "lines",
        translate_label(title, language),
        tuple(Series(name, translate_label(name, language)) for name in RATES),
        tuple(periods),
        values,
        unit="%",
        axis=translate_label("threshold", language),
        lang=language,
        name=title.replace(" ", "-"),
        words={"noise_note": translate_label("chart interval note", language)},
    )
    return SvgChart(draw_svg(chart, titled=True))


def _enumerate(rates: pl.DataFrame) -> list[tuple[int, dict[str, float]]]:
    return list(enumerate(rates.iter_rows(named=True)))


def _percent(row: dict[str, float], name: str) -> Value:
    count = round(100 * row[name], 1)
    if f"{name}_lower" not in row:
        return Value.exact(count)
    return Value(count, "noise", round(100 * row[f"{name}_lower"], 1), round(100 * row[f"{name}_upper"], 1))


def model_records(model: Model) -> pl.DataFrame:
    """Return a row for each level: comparison, level, m, u and weight in bits."""
    rows = [
        (comparison.name, level.label, level.m, level.u, level.weight)
        for comparison in model.comparisons
        for level in comparison.levels
        if not level.is_null
    ]
    return pl.DataFrame(rows, schema=["comparison", "level", "m", "u", "weight"], orient="row")
