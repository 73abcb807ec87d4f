"""Singling out: a description that fits one synthetic record, and just one person.

As GDPR's working party understands it (WP216), with the attack of anonymeter (Giomi et al. 2023): some columns of a
random synthetic record, kept when only that record has these values, *not reported* being a value too. It succeeds when
exactly one person fits. Many rare descriptions fit one person by chance alone: that is what the control takes off.
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
WANTED = 2_000  # descriptions
BATCH, BATCHES = 5_000, 60  # tries: rich records give 2,000 in the first batch, poor ones never
LEAST = 0.05  # surprisal in nats, so that values that all have are chosen too
DOUBT = 0.015  # error of the control rate where it is extrapolated fivefold, in trials on tables like the field's
MANY = 50  # a description that fits so many people is counted no further


def singled_out(
    original: Coded, synthetic: Coded, control: Coded, chance: Chance, *, columns: int = COLUMNS, wanted: int = WANTED
) -> Risk | None:
    """The risk by descriptions of so many columns; None when no synthetic record can be told from all others by them.

    The control rate is of as many people as there are in `original`, see `expected`.
    """
    found = unique_values(synthetic) if columns == 1 else descriptions(synthetic, columns, wanted, chance)
    if not len(found[0]):
        return None
    size, ratio = len(found[0]), original.shape[1] / control.shape[1]
    attack = float((fits(original, *found, 2) == 1).mean())
    among_others = rate(expected(fits(control, *found, MANY), ratio), size / max(1.0, ratio))  # few controls tell less
    return risk(rate(attack, size), _doubted(among_others) if ratio > 1 else among_others)


def _doubted(control: Rate) -> Rate:
    """The rate with an interval that allows for what extrapolation assumes."""
    low = control.share - math.hypot(control.share - control.low, DOUBT)
    high = control.share + math.hypot(control.high - control.share, DOUBT)
    return replace(control, low=max(0.0, low), high=min(1.0, high))


def unique_values(rows: Coded) -> tuple[Whole, Coded]:
    """Columns (descriptions, 1) and values, alike, of every value that one record alone has."""
    columns, values = [], []
    for column, codes in enumerate(rows):
        kinds, counts = np.unique(codes, return_counts=True)
        alone = kinds[counts == 1]
        columns += [column] * len(alone)
        values.append(alone)
    return np.array(columns, dtype=np.int64)[:, None], np.concatenate(values)[:, None]


def descriptions(rows: Coded, columns: int, wanted: int, chance: Chance) -> tuple[Whole, Coded]:
    """Descriptions that one record alone fits, at most one of each record: columns and values, (descriptions, columns).

    A rare value is chosen more often than a common one, by its surprisal. Of each record but one, since descriptions of
    the same record succeed or fail together.
    """
    width, size = rows.shape
    columns = min(columns, width)
    surprisal = [-np.log(np.bincount(codes) / size + 1e-12) + LEAST for codes in rows]
    described = np.zeros(size, dtype=bool)
    found = []
    for _ in range(BATCHES if size else 0):
        records = np.unique(chance.integers(size, size=BATCH))
        records = records[~described[records]]
        weights = np.stack([of[codes[records]] for of, codes in zip(surprisal, rows, strict=True)], axis=1)
        order = (chance.exponential(size=weights.shape) / weights).argpartition(columns - 1, axis=1)
        chosen = np.sort(order[:, :columns], axis=1)
        values = rows[chosen, records[:, None]]
        alone = fits(rows, chosen, values, 2) == 1
        described[records[alone]] = True
        found.append((chosen[alone], values[alone]))
        if described.sum() >= wanted:
            break
    if not found:
        return np.empty((0, columns), dtype=np.int64), np.empty((0, columns), dtype=rows.dtype)
    return np.concatenate([each for each, _ in found])[:wanted], np.concatenate([each for _, each in found])[:wanted]


@compiled
def fits(rows: Coded, columns: Whole, values: Coded, most: int) -> Whole:
    """How many rows fit each description, counted up to `most`."""
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
    """Share of the descriptions that would fit exactly one among `ratio` times as many people, from how many fit.

    Fewer people: what a random part of them gives on average, exactly. More people: the frequencies of descriptions
    follow a gamma distribution, so counts a negative binomial one, chosen to agree in the shares of 0 and of 1. (The
    larger counts are left aside: a few descriptions that fit hundreds would carry the fit away.)
    """
    if ratio <= 1:
        return float((counts * ratio * (1 - ratio) ** np.maximum(counts - 1, 0)).mean())
    none, one = float((counts == 0).mean()), float((counts == 1).mean())
    if one == 0:
        return 0.0
    if none == 0:  # none is rare enough to tell how rare
        return one
    spread = _spread(-math.log(none) * none / one)
    mean = one / none * (1 + spread)
    if spread < 1e-9:
        return mean * ratio * math.exp(-mean * ratio)
    return mean * ratio * math.exp(-(mean / spread + 1) * math.log1p(spread * ratio))


def _spread(wanted: float) -> float:
    """The variance of the gamma distribution over its mean at which -log P(0) P(0) / P(1) is as wanted."""
    low, high = 0.0, 1.0
    while (1 + high) * math.log1p(high) / high < wanted and high < 1e12:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        if (1 + middle) * math.log1p(middle) / middle < wanted:
            low = middle
        else:
            high = middle
    return low
