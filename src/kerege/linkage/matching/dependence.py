"""Comparison that takes back evidence counted twice: parts of a name, sex and age go together.

The model of Fellegi and Sunter multiplies the chances that two persons agree in given name, family name, father's name
and sex. In a population of several languages, with few names in fashion, two persons agree in all of them far more
often. How often shows in pairs of records whose years of birth are 3 to 9 apart: they are of two persons, of about the
same age. Names have fashions, so persons of one age agree more often still. The trend over these distances is continued
to the pairs that are one year apart, which may be of one person. The bits by which their agreements exceed the product
are taken back from every pair with these agreements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.linkage.matching.comparisons import ELSE, Comparison, Level
from kerege.linkage.matching.model_file import Model

NAME = "together"
GIVEN, FAMILY, FATHER, SEX, YEAR = "given_key", "family_key", "patronymic_key", "sex", "birth_year"
NEEDED = {GIVEN, FAMILY, YEAR}
# distances of the years of birth of two persons of about the same age; nearer years may be an error
APART = range(3, 10)
# distance to which the trend is continued: pairs that training doubts are 0 to 2 years apart
DOUBTED = 1
# standard deviation of the trend (natural logarithm for a year) before a pair is seen
TREND = 0.1
ROUNDS = 20
# pairs that are added at the rate of independence: fewer pairs prove no dependence
FAITH = 20.0
# most bits that are taken back
MOST = 12.0
# u of every level: only m / u counts
U = 0.5
# u of swapped names in the bundled model
SWAPPED_U = 2e-6


def _agree(name: str) -> str:
    """Return the condition that a part of the name is equal or nearly equal, as in its own comparison."""
    return f"({name}_key_l = {name}_key_r OR jaro_winkler_similarity({name}_l, {name}_r) >= 0.9)"


SWAPPED = f"{GIVEN}_l = {FAMILY}_r AND {FAMILY}_l = {GIVEN}_r AND {GIVEN}_l <> {FAMILY}_l"
NULL: dict[str, object] = {
    "sql_condition": f"{GIVEN}_l IS NULL OR {GIVEN}_r IS NULL",
    "label_for_charts": "not known",
    "is_null_level": True,
}
LEVELS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        f"{_agree('given')} AND {_agree('family')} AND {_agree('patronymic')}",
        "whole names agree more often than their parts by chance",
        (GIVEN, FAMILY, FATHER),
    ),
    (
        f"{_agree('given')} AND {_agree('patronymic')}",
        "given and father's name agree more often than by chance",
        (GIVEN, FATHER),
    ),
    (f"{_agree('given')} AND {_agree('family')}", "both names agree more often than by chance", (GIVEN, FAMILY)),
    (_agree("given"), "given name and sex agree more often than by chance", (GIVEN,)),
)


def add_dependence(model: Model, frame: pl.DataFrame) -> Model:
    """Return the model with a comparison for the dependence of names in a table.

    Parameters
    ----------
    model : Model
        Model without this comparison.
    frame : DataFrame
        Comparison columns, a row for each record.

    Returns
    -------
    Model
        The same, if the table has no names or no years of birth.

    Notes
    -----
    The bits of a set of agreements are log2 of their rate among pairs of two persons over the product of the rates of
    the single ones: the interaction terms of a log-linear model of the non-matches. Thibaudeau 1993, "The
    discrimination power of dependency structures in record linkage"; Winkler 1993, "Improved decision rules in the
    Fellegi-Sunter model of record linkage".

    Examples
    --------
    >>> frame = pl.DataFrame({"given_key": ["dn"], "family_key": ["mr"], "birth_year": [1990]})
    >>> add_dependence(Model.bundled(), frame).comparisons[-1].name
    'together'
    """
    if not set(frame.columns) >= NEEDED or any(comparison.name == NAME for comparison in model.comparisons):
        return model
    levels = [
        (condition, label, measure_dependence(frame, columns))
        for condition, label, columns in LEVELS
        if set(columns) <= set(frame.columns)
    ]
    levels.insert(0, (SWAPPED, "names change places between persons too", measure_swaps(frame)))
    rows = [_make_level_row(*level) for level in levels]
    return _append(model, [NULL, *rows, _make_level_row(ELSE, "parts of the name differ", 0.0)])


def measure_dependence(frame: pl.DataFrame, columns: Sequence[str]) -> float:
    """Return the bits by which agreement in columns and sex exceeds the product of the single rates.

    0 if it does not exceed it.
    """
    known = frame.select(*columns, *([SEX] if SEX in frame.columns else []), YEAR).drop_nulls()
    parts = [name for name in known.columns if name != YEAR]
    all_near, all_apart = _count_near(known, known, ()), _count_apart(known, ())
    if not all_near.sum() or not all_apart:
        return 0.0
    expected = all_near.sum() * float(np.prod([_count_apart(known, (name,)) / all_apart for name in parts]))
    agreed = _count_near(known, known, parts)
    return _count_bits(float(agreed.sum()) * 2.0 ** extend_trend(agreed, all_near), expected)


def extend_trend(agreed: NDArray[np.float64], pairs: NDArray[np.float64]) -> float:
    """Return the bits by which pairs of one age agree more often than those whose years are 3 to 9 apart.

    Parameters
    ----------
    agreed, pairs : (distances,) float64
        Pairs that agree, and all pairs, for each distance of `APART`.

    Returns
    -------
    float
        log2 of the rate one year apart over the mean rate. Near 0 where few pairs agree.

    Notes
    -----
    Poisson regression of the agreements on the distance, with a normal prior of the slope, by Newton's method.

    Examples
    --------
    >>> pairs = np.full(7, 1e8)
    >>> round(extend_trend(pairs * 1e-3 * 0.8 ** np.arange(3, 10), pairs), 2)  # 0.8 of the rate for each year
    1.47
    """
    if not agreed.any():
        return 0.0
    distances = np.array(APART) - DOUBTED
    slope = 0.0
    for _ in range(ROUNDS):
        # the level is at its best value for the slope
        shape = pairs * np.exp(slope * distances)
        expected = agreed.sum() * shape / shape.sum()
        mean = (expected * distances).sum() / agreed.sum()
        gradient = (agreed * distances).sum() - (expected * distances).sum() - slope / TREND**2
        curvature = (expected * (distances - mean) ** 2).sum() + 1 / TREND**2
        slope += float(np.clip(gradient / curvature, -TREND, TREND))
    return float(-np.log2((pairs * np.exp(slope * distances)).sum() / pairs.sum()))


def measure_swaps(frame: pl.DataFrame) -> float:
    """Return the bits by which two persons have swapped names more often than the bundled model assumes."""
    known = frame.select(GIVEN, FAMILY, YEAR).drop_nulls().filter(pl.col(GIVEN) != pl.col(FAMILY))
    near, turned = _count_near(known, known, ()), known.rename({GIVEN: FAMILY, FAMILY: GIVEN})
    swaps = _count_near(known, turned, (GIVEN, FAMILY))
    return _count_bits(float(swaps.sum()) * 2.0 ** extend_trend(swaps, near), float(near.sum()) * SWAPPED_U)


def _count_bits(pairs: float, expected: float) -> float:
    return float(np.clip(np.log2((pairs + FAITH) / (expected + FAITH)), 0.0, MOST))


def _count_near(known: pl.DataFrame, other: pl.DataFrame, columns: Sequence[str]) -> NDArray[np.float64]:
    """Return (distances,) the pairs that agree in columns, for each distance of `APART`."""
    return np.array([_count_matching(known, other, columns, apart) for apart in APART])


def _count_apart(known: pl.DataFrame, columns: Sequence[str]) -> float:
    """Return the pairs that agree in columns and whose years are at least 3 apart."""
    counts = known.group_by(columns).len()["len"].cast(pl.Float64) if columns else pl.Series([float(len(known))])
    all_pairs = float((counts * (counts - 1) / 2).sum())
    same_year = (_count_matching(known, known, columns, 0) - len(known)) / 2
    return all_pairs - same_year - sum(_count_matching(known, known, columns, apart) for apart in (1, 2))


def _count_matching(known: pl.DataFrame, other: pl.DataFrame, columns: Sequence[str], apart: int) -> float:
    """Return the pairs of a record and one of `other`, born `apart` years later, that agree."""
    keys = [*columns, YEAR]
    first = known.group_by(keys).len()
    second = other.with_columns(pl.col(YEAR) - apart).group_by(keys).len()
    both = first.join(second, on=keys, suffix="_other")
    return float((both["len"].cast(pl.Float64) * both["len_other"].cast(pl.Float64)).sum())


def _make_level_row(condition: str, label: str, bits: float) -> dict[str, object]:
    return {
        "sql_condition": condition,
        "label_for_charts": label,
        "m_probability": U * 2.0**-bits,
        "u_probability": U,
        "fix_m_probability": True,
        "fix_u_probability": True,
    }


def _append(model: Model, rows: list[dict[str, object]]) -> Model:
    document = dict(model.document)
    document["comparisons"] = [*document["comparisons"], {"output_column_name": NAME, "comparison_levels": rows}]
    levels = tuple(
        Level(
            gamma=len(rows) - 1 - place,
            condition=str(row["sql_condition"]),
            label=str(row["label_for_charts"]),
            m=cast("float", row["m_probability"]),
            u=U,
            fixed_m=True,
            fixed_u=True,
        )
        for place, row in enumerate(rows[1:], 1)
    )
    null = Level(-1, str(rows[0]["sql_condition"]), str(rows[0]["label_for_charts"]), 1.0, 1.0)
    comparison = Comparison(NAME, (null, *levels))
    return replace(model, comparisons=(*model.comparisons, comparison), document=document)
