"""Precision and recall of a linkage from judged pairs of a stratified sample."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.linkage.review.answers import Answers
from kerege.linkage.review.sample import BANDS

DRAWS = 4000
# in place of zero, which is no parameter of a Beta distribution
TINY = 1e-9
Draws = NDArray[np.float64]


def measure_quality(answers: Answers, seed: int = 0) -> pl.DataFrame:
    """Return precision and recall at the limits of the bands, from judged pairs.

    Parameters
    ----------
    answers : Answers
        Answers about a sample. Pairs with the answer 'unsure' are left out.
    seed : int, default 0
        Random seed of the draws.

    Returns
    -------
    DataFrame
        A row for each limit: `threshold`, `pairs` from it on, `judged`, and estimate, lower and upper limit (95%) of
        `precision` and `recall`. Recall is among the true pairs from probability 0.05 on: pairs that the linkage does
        not compare are not in it. A band with pairs of which none is judged counts as unknown, from 0 to 1.

    Notes
    -----
    For s true and d false pairs of a band, the limits use its lower and upper confidence distributions, Beta(s, d + 1)
    and Beta(s + 1, d): Clopper and Pearson 1934, "The use of confidence or fiducial limits illustrated in the case of
    the binomial". The bands have the weight of their pairs, so the intervals are wide rather than narrow.

    Examples
    --------
    >>> from kerege.linkage.review.answers import AnsweredPair, SampleOrigin
    >>> answers = Answers(SampleOrigin({}, "", 0, [0] * 9 + [50]))
    >>> for number in range(20):
    ...     answers.pairs[str(number), "x"] = AnsweredPair(str(number), "x", "same", 0.9995, 9)
    >>> last = measure_quality(answers).row(-1, named=True)
    >>> last["pairs"], last["judged"], last["precision"], last["precision_lower"] > 0.85
    (50, 20, 1.0, True)
    """
    pairs = np.array(answers.origin.pairs, np.float64)
    same, judged = _count_judged(answers)
    shares = np.divide(same, judged, out=np.full(len(BANDS), 0.5), where=judged > 0)
    lower, upper = _draw_shares(same, judged - same, seed)
    columns: dict[str, Draws | tuple[float, ...]] = {"threshold": BANDS}
    columns |= {"pairs": _sum_above(pairs), "judged": _sum_above(judged)}
    for name, rate in (("precision", _precision), ("recall", _recall)):
        columns[name] = rate(pairs, shares, shares)
        columns[f"{name}_lower"] = np.quantile(rate(pairs, lower, upper), 0.025, axis=0)
        columns[f"{name}_upper"] = np.quantile(rate(pairs, upper, lower), 0.975, axis=0)
    return pl.DataFrame(columns).cast({"pairs": pl.Int64, "judged": pl.Int64})


def _draw_shares(same: Draws, different: Draws, seed: int) -> tuple[Draws, Draws]:
    """Return draws (draws, bands) of the lower and the upper confidence distribution of the shares."""
    rng = np.random.default_rng(seed)
    lower = rng.beta(np.maximum(same, TINY), different + 1, (DRAWS, len(BANDS)))
    return lower, rng.beta(same + 1, np.maximum(different, TINY), (DRAWS, len(BANDS)))


def _count_judged(answers: Answers) -> tuple[Draws, Draws]:
    """Return (bands,) the judged pairs of one person, and all judged pairs."""
    same, judged = np.zeros(len(BANDS)), np.zeros(len(BANDS))
    for pair in answers.decided():
        judged[pair.band] += 1
        same[pair.band] += pair.answer == "same"
    return same, judged


def _sum_above(values: Draws) -> Draws:
    """Return for each band the sum of it and all higher ones."""
    return np.flip(np.cumsum(np.flip(values, -1), -1), -1)


def _precision(pairs: Draws, shares: Draws, _others: Draws) -> Draws:
    """Return (..., bands) the share of true pairs from each band on."""
    above = _sum_above(pairs)
    return np.divide(_sum_above(pairs * shares), above, out=np.ones_like(shares), where=above > 0)


def _recall(pairs: Draws, shares: Draws, others: Draws) -> Draws:
    """Return (..., bands) the share of true pairs in each band or higher; `others` are shares below."""
    kept, missed = _sum_above(pairs * shares), np.cumsum(pairs * others, -1) - pairs * others
    return np.divide(kept, kept + missed, out=np.ones_like(kept), where=kept + missed > 0)
