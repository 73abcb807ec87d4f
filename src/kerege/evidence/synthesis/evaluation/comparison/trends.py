"""Trends: counts by year, and whether they rise and fall where the real ones do."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.synthesis.evaluation.comparison.answers import list_answers
from kerege.evidence.synthesis.evaluation.comparison.holdout import Holdout
from kerege.vocabulary.codes import ANSWER_STATES

PERIOD = re.compile(r"(?:1[89]|20)\d\d(?:\.0)?(?:-(?:H[12]|Q[1-4]|\d\d))?")
FEWEST, MOST = 2, 120  # periods of a column
CLEAR = 2.0  # a change is clear from so many standard errors of a difference of two counts on


@dataclass(frozen=True)
class PeriodCount:
    """People of a period: real, synthetic, and other real people at the same scale, None without any."""

    period: str
    people: int
    synthetic: int
    others: float | None


@dataclass(frozen=True)
class Trend:
    """Counts by period, and the clear changes of all counts from a period to the next one.

    The counts are those of all people and of the people with each value of another column.

    `kept` is the share of these changes with the same direction in the synthetic records, `others_kept` among other
    real people; None without clear changes or without a holdout.
    """

    column: str
    periods: tuple[PeriodCount, ...]
    changes: int
    kept: float | None
    others_kept: float | None


def find_period_column(frame: pl.DataFrame) -> str:
    """Return the first column whose answers are years, halves, quarters or months; '' if there is none."""
    for name in frame.columns:
        values = [] if isinstance(frame[name].dtype, pl.List) else _drop_states(frame, name)[name].unique().to_list()
        if FEWEST <= len(values) <= MOST and all(PERIOD.fullmatch(value) for value in values):
            return name
    return ""


def _drop_states(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the records that report a period in a column, not a state such as unknown."""
    return frame.filter(pl.col(name).is_not_null() & ~pl.col(name).is_in(ANSWER_STATES))


def trend(original: pl.DataFrame, synthetic: pl.DataFrame, holdout: Holdout | None) -> Trend | None:
    """Return the trend over the first column of periods; None if no column has periods.

    Parameters
    ----------
    original, synthetic : DataFrame
        Real rows and synthetic records of text or lists of text; null is *not reported*.
    holdout : Holdout, optional
        Real rows and other people, for the figures of others.

    Returns
    -------
    Trend or None
        A change from a count a to a count b is clear if it exceeds CLEAR times sqrt(a + b).

    Examples
    --------
    >>> rows = pl.DataFrame({"year": ["2023"] * 20 + ["2024"] * 80, "sex": ["f"] * 100})
    >>> trend(rows, rows, None).kept, trend(rows, rows.reverse(), None).changes
    (1.0, 1)
    """
    name = find_period_column(original)
    if not name:
        return None
    frames = [original, synthetic, *((holdout.rows, holdout.others) if holdout else ())]
    frames = [_drop_states(frame.select(name, pl.exclude(name)), name) for frame in frames]
    answers = list_answers(frames)
    matrices = [answers.encode(frame) for frame in frames]
    own = answers.slice_of(0)
    tables = [np.asarray((matrix[:, own].T @ matrix).todense()) for matrix in matrices]
    people = [np.diagonal(table[:, own]) for table in tables]
    scale = holdout.scale if holdout else 1.0
    counts = tuple(
        PeriodCount(period, int(people[0][at]), int(people[1][at]), float(people[3][at] * scale) if holdout else None)
        for at, period in enumerate(answers.values[0])
    )
    series = [np.column_stack([total, table[:, own.stop :]]) for total, table in zip(people, tables, strict=True)]
    clear, kept = _compare_changes(series[0], series[1])
    others_kept = _compare_changes(series[2], series[3])[1] if holdout else None
    return Trend(name, counts, clear, kept, others_kept)


def _compare_changes(real: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[int, float | None]:
    """Return the number of clear changes, and the share of them with this direction in the other table."""
    changes = np.diff(real, axis=0)
    is_clear = np.abs(changes) > CLEAR * np.sqrt(real[1:] + real[:-1])
    if not is_clear.any():
        return 0, None
    same = np.sign(np.diff(other, axis=0)) == np.sign(changes)
    return int(is_clear.sum()), float(same[is_clear].mean())
