"""Tipping point: the share of repeated people, sent from list to list, at which the estimate doubles."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Lists
from kerege.evidence.mse.loglinear.stepwise_selection import select_stepwise, stepwise_many

DRAWS = 40
HALVINGS = 6  # the share is found to within 1/64


def doubling_share(lists: Lists, seed: int = 1) -> float | None:
    """Return the share of repeated people that, sent from list to list, doubles the estimate.

    A person who was sent, or who was linked wrongly, is an independent detection on one list only. So this share of the
    repeated people goes back to one of their lists each, and the stepwise estimate is made again.

    Parameters
    ----------
    lists : Lists
        Three to ten lists.
    seed : int, default 1
        Seed of the draws.

    Returns
    -------
    float or None
        Share from 0 to 1, to within 1/64: the median estimate of 40 draws is twice the estimate. None if the lists have
        no finite estimate, or no share doubles it.

    Examples
    --------
    >>> histories = [1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15]  # killings in Kosovo, Ball and others 2002
    >>> counts = [1131, 845, 936, 306, 177, 228, 106, 217, 31, 123, 181, 18, 42, 32, 27]
    >>> 0.25 < doubling_share(Lists(histories, counts)) < 0.4
    True
    """
    estimate = select_stepwise(lists).estimate
    if not math.isfinite(estimate):
        return None
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        share = (low + high) / 2
        estimates = stepwise_many(
            np.arange(1, 1 << lists.number), thin_overlaps(lists, share, DRAWS, seed)[:, 1:], empty_list="drop list"
        )
        # an infinite estimate is more than twice as high
        if np.median(np.nan_to_num(estimates, nan=math.inf, posinf=math.inf)) >= 2 * estimate:
            high = share
        else:
            low = share
    return None if high == 1.0 else (low + high) / 2


def thin_overlaps(lists: Lists, share: float, draws: int, seed: int) -> NDArray[np.int64]:
    """Return dense tables (draws, 2^t) in which a share of the repeated people are on one list only."""
    rng = np.random.default_rng(seed)
    tables = np.zeros((draws, 1 << lists.number), np.int64)
    for history, count in zip(lists.histories.tolist(), lists.counts.tolist(), strict=True):
        places = [place for place in range(lists.number) if history >> place & 1]
        if len(places) == 1:
            tables[:, history] += count
            continue
        sent = rng.binomial(count, share, draws)
        tables[:, history] += count - sent
        on_one = rng.multinomial(sent, np.full(len(places), 1 / len(places)))
        for number, place in enumerate(places):
            tables[:, 1 << place] += on_one[:, number]
    return tables
