"""Singling out: descriptions that fit exactly one synthetic record and exactly one person.

The definition is that of the GDPR working party (WP216), the attack that of anonymeter (Giomi and others 2023). A
description is the values of a random synthetic record in some columns, kept if no other record has them; *not reported*
is a value too. The attack succeeds if exactly one person fits. Many rare descriptions fit one person by chance; the
control corrects for this.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import compiled
from kerege.evidence.synthesis.evaluation.attacks.attack_rate import Rate, Risk, rate, risk
from kerege.evidence.synthesis.evaluation.attacks.encoded_rows import Chance, Coded

Whole = NDArray[np.int64]
COLUMNS = 4
WANTED = 2_000  # number of descriptions
BATCH, BATCHES = 5_000, 60  # proposals; diverse records give 2,000 in the first batch, uniform ones never
LEAST_SURPRISAL = 0.05  # smallest surprisal in nats, so that universal values are chosen too
EXTRAPOLATION_ERROR = 0.015  # error of a control rate that is extrapolated fivefold, measured on tables of such data
MOST_MATCHES = 50  # matches of a description are counted up to this number


def measure_singling_out(
    original: Coded, synthetic: Coded, control: Coded, chance: Chance, *, columns: int = COLUMNS, number: int = WANTED
) -> Risk | None:
    """Return the risk that a description of one synthetic record fits exactly one person.

    Parameters
    ----------
    original, synthetic, control : (columns, rows) uint
        Codes of people in the data, of synthetic records, and of other people (`encoded_rows.coded`); 0 is not
        reported.
    chance : Generator
        Random numbers.
    columns : int
        Number of columns of a description.
    number : int
        Most descriptions.

    Returns
    -------
    Risk, optional
        Risk with its interval; None if no description fits exactly one synthetic record. The control rate is scaled to
        the number of people in `original`, see `expected`.

    Notes
    -----
    Singling out: Article 29 Working Party 2014, Opinion 05/2014 on anonymisation techniques (WP216). Attack: Giomi,
    Boenisch, Wehmeyer and Tasnadi 2023, "A Unified Framework for Quantifying Privacy Risk in Synthetic Data".

    Examples
    --------
    >>> chance = np.random.default_rng(1)
    >>> original, control = chance.integers(1, 7, (2, 6, 300)).astype(np.uint8)
    >>> measure_singling_out(original, original, control, chance).attack.share  # the records are copies
    1.0
    """
    described = unique_values(synthetic) if columns == 1 else descriptions(synthetic, columns, number, chance)
    if not len(described[0]):
        return None
    size, ratio = len(described[0]), original.shape[1] / control.shape[1]
    attack = float((fits(original, *described, 2) == 1).mean())
    # fewer controls carry less information, so the number of attempts is reduced
    among_others = rate(expected(fits(control, *described, MOST_MATCHES), ratio), size / max(1.0, ratio))
    return risk(rate(attack, size), _widen_interval(among_others) if ratio > 1 else among_others)


def _widen_interval(control: Rate) -> Rate:
    """Return the rate with an interval widened by the error of the extrapolation."""
    low = control.share - math.hypot(control.share - control.low, EXTRAPOLATION_ERROR)
    high = control.share + math.hypot(control.high - control.share, EXTRAPOLATION_ERROR)
    return replace(control, low=max(0.0, low), high=min(1.0, high))


def unique_values(rows: Coded) -> tuple[Whole, Coded]:
    """Return the columns and values of every value that exactly one record has.

    Parameters
    ----------
    rows : (columns, records) uint
        Codes of the records.

    Returns
    -------
    columns, values : (descriptions, 1)
        Number of the column, and the code.

    Examples
    --------
    >>> columns, values = unique_values(np.array([[1, 1, 2], [5, 6, 6]]))
    >>> columns.tolist(), values.tolist()
    ([[0], [1]], [[2], [5]])
    """
    columns, values = [], []
    for column, codes in enumerate(rows):
        distinct, counts = np.unique(codes, return_counts=True)
        unique = distinct[counts == 1]
        columns += [column] * len(unique)
        values.append(unique)
    return np.array(columns, dtype=np.int64)[:, None], np.concatenate(values)[:, None]


def descriptions(rows: Coded, columns: int, number: int, chance: Chance) -> tuple[Whole, Coded]:
    """Return descriptions that fit one record, with rare values more frequent than common ones.

    Parameters
    ----------
    rows : (columns, records) uint
        Codes of the records.
    columns : int
        Number of columns of a description.
    number : int
        Most descriptions. Each record has at most one, because descriptions of the same record succeed or fail
        together.
    chance : Generator
        Random numbers.

    Returns
    -------
    columns, values : (descriptions, columns)
        Numbers of the columns, ascending along a row, and codes.

    Notes
    -----
    Columns are chosen without replacement, with weights by surprisal -log p of the value: exponential variables divided
    by the weights (Efraimidis and Spirakis 2006, "Weighted random sampling with a reservoir").

    Examples
    --------
    >>> rows = np.stack([np.arange(1, 9), np.ones(8, int)]).astype(np.uint8)  # the first column identifies a record
    >>> columns, values = descriptions(rows, 1, 8, np.random.default_rng(1))
    >>> bool(len(columns) > 0), set(columns.ravel().tolist())
    (True, {0})
    """
    width, size = rows.shape
    columns = min(columns, width)
    surprisal = [-np.log(np.bincount(codes) / size + 1e-12) + LEAST_SURPRISAL for codes in rows]
    is_described = np.zeros(size, dtype=bool)
    batches = []
    for _ in range(BATCHES if size else 0):
        records = np.unique(chance.integers(size, size=BATCH))
        records = records[~is_described[records]]
        weights = np.stack(
            [surprisal_of_value[codes[records]] for surprisal_of_value, codes in zip(surprisal, rows, strict=True)],
            axis=1,
        )
        order = (chance.exponential(size=weights.shape) / weights).argpartition(columns - 1, axis=1)
        chosen = np.sort(order[:, :columns], axis=1)
        values = rows[chosen, records[:, None]]
        is_unique = fits(rows, chosen, values, 2) == 1
        is_described[records[is_unique]] = True
        batches.append((chosen[is_unique], values[is_unique]))
        if is_described.sum() >= number:
            break
    if not batches:
        return np.empty((0, columns), dtype=np.int64), np.empty((0, columns), dtype=rows.dtype)
    return np.concatenate([part for part, _ in batches])[:number], np.concatenate([part for _, part in batches])[
        :number
    ]


@compiled
def fits(rows: Coded, columns: Whole, values: Coded, most: int) -> Whole:
    """Return how many rows fit each description, counted up to `most`."""
    counts = np.zeros(len(columns), np.int64)
    for number in range(len(columns)):
        for row in range(rows.shape[1]):
            same = True
            for place in range(columns.shape[1]):
                if rows[columns[number, place], row] != values[number, place]:
                    same = False
                    break
            if same:
                counts[number] += 1
                if counts[number] == most:
                    break
    return counts


def expected(counts: Whole, ratio: float) -> float:
    """Return the expected share of descriptions that fit exactly one of `ratio` times as many people.

    Parameters
    ----------
    counts : (descriptions,) int64
        Number of people that fit each description.
    ratio : float
        Size of the other group over the size of the counted one, above 0.

    Returns
    -------
    float
        Share from 0 to 1.

    Notes
    -----
    For a ratio r of at most 1 it is the exact mean of n r (1 - r)^(n - 1), for a random subset. For a larger ratio the
    frequencies of descriptions are assumed to follow a gamma distribution, so the counts are negative binomial
    (Greenwood and Yule 1920). The model is fitted to the shares of the counts 0 and 1 only: a few descriptions that fit
    hundreds of people would dominate a fit to all counts.

    Examples
    --------
    >>> expected(np.array([1, 2]), 0.5)
    0.5
    """
    if ratio <= 1:
        return float((counts * ratio * (1 - ratio) ** np.maximum(counts - 1, 0)).mean())
    share_of_zero, share_of_one = float((counts == 0).mean()), float((counts == 1).mean())
    if share_of_one == 0:
        return 0.0
    if share_of_zero == 0:  # every description fits a person: the model cannot be fitted
        return share_of_one
    spread = _solve_gamma_spread(-math.log(share_of_zero) * share_of_zero / share_of_one)
    mean = share_of_one / share_of_zero * (1 + spread)
    if spread < 1e-9:
        return mean * ratio * math.exp(-mean * ratio)
    return mean * ratio * math.exp(-(mean / spread + 1) * math.log1p(spread * ratio))


def _solve_gamma_spread(target: float) -> float:
    """Return the variance-to-mean ratio of the gamma distribution with the given -log P(0) * P(0) / P(1)."""
    low, high = 0.0, 1.0
    while (1 + high) * math.log1p(high) / high < target and high < 1e12:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        if (1 + middle) * math.log1p(middle) / middle < target:
            low = middle
        else:
            high = middle
    return low
