"""Intervals of ranks of regions, by drawing weights, missing values and withheld counts.

In each draw

1. a value that is known as an interval is drawn evenly from it; a missing value is drawn from the values of the other
   regions;
2. a factor becomes z = (x - median) / (1.4826 MAD), cut at -3 and 3, with the sign of its direction; if the MAD is 0,
   the mean absolute deviation takes its place, and a factor that does not vary counts as 0;
3. the score of a region is the sum over groups of weight times mean z of the group; the weights are drawn evenly from
   all weights that add up to 1 (Dirichlet distribution);
4. the regions are ranked, the highest score first; regions with equal scores share all ranks that they take up.

The interval of a region holds its ranks from the 5th to the 95th percentile. A region of which fewer than half of the
factors are known is not ranked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
DRAWS, SEED = 2000, 20
LOWEST, HIGHEST = 5, 95  # percentiles
DIGITS = 9  # scores that differ less are equal
CUT, TO_SIGMA, MEAN_TO_SIGMA = 3.0, 1.4826, 1.2533


@dataclass(frozen=True)
class FactorValues:
    """Factor: its group, its direction (1: more is riskier, -1: less), and (lower, upper) by region."""

    code: str
    group: str
    sign: int
    values: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class RegionRank:
    """Interval of ranks of a region, its median rank, and the factors that raise its score most."""

    region: str
    first: int
    last: int
    median: float
    drivers: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def rank_regions(
    regions: Sequence[str], factors: Sequence[FactorValues], draws: int = DRAWS, seed: int = SEED
) -> list[RegionRank]:
    """Return the regions that can be ranked by median rank. Equal input gives equal output."""
    ranked = [region for region in regions if is_ranked(region, factors)]
    if len(ranked) < 2:
        return []
    scores, mean_z = draw_scores(ranked, factors, draws, seed)
    lowest, highest = (rankdata(-scores.round(DIGITS), method=side, axis=1) for side in ("min", "max"))
    first = np.percentile(lowest, LOWEST, axis=0, method="inverted_cdf")
    last = np.percentile(highest, HIGHEST, axis=0, method="inverted_cdf")
    median = np.median((lowest + highest) / 2, axis=0)
    rows = [
        RegionRank(
            region=region,
            first=int(first[place]),
            last=int(last[place]),
            median=float(median[place]),
            drivers=_drivers(factors, mean_z[:, place]),
            missing=tuple(factor.code for factor in factors if region not in factor.values),
        )
        for place, region in enumerate(ranked)
    ]
    return sorted(rows, key=lambda row: (row.median, row.first, row.region))


def is_ranked(region: str, factors: Sequence[FactorValues]) -> bool:
    """Return whether at least half of the factors of a region are known."""
    return bool(factors) and 2 * sum(region in factor.values for factor in factors) >= len(factors)


def draw_scores(
    regions: Sequence[str], factors: Sequence[FactorValues], draws: int, seed: int
) -> tuple[Floats, Floats]:
    """Return the scores (draws x regions), and the mean z of each factor and region."""
    random = np.random.default_rng(seed)
    groups = sorted({factor.group for factor in factors})
    weights = random.dirichlet(np.ones(len(groups)), size=draws)
    z = np.stack([factor.sign * _z(_draw(factor, regions, draws, random)) for factor in factors])
    score = np.zeros((draws, len(regions)))
    for place, group in enumerate(groups):
        members = [at for at, factor in enumerate(factors) if factor.group == group]
        score += weights[:, [place]] * z[members].mean(axis=0)
    return score, z.mean(axis=1)


def _draw(factor: FactorValues, regions: Sequence[str], draws: int, random: np.random.Generator) -> Floats:
    """Return a value of each draw and region: a missing one is that of another region in the same draw."""
    known = [place for place, region in enumerate(regions) if region in factor.values]
    limits = np.array([factor.values[regions[place]] for place in known], dtype=float).reshape(-1, 2)
    drawn = np.full((draws, len(regions)), np.nan)
    drawn[:, known] = random.uniform(limits[:, 0], limits[:, 1], size=(draws, len(known)))
    for place in set(range(len(regions))) - set(known):
        donors = random.choice(known, size=draws) if known else np.zeros(draws, dtype=int)
        drawn[:, place] = drawn[np.arange(draws), donors] if known else 0.0
    return drawn


def _z(values: Floats) -> Floats:
    """Return robust z scores of each draw, cut at -3 and 3."""
    deviation = values - np.median(values, axis=1, keepdims=True)
    mad = TO_SIGMA * np.median(np.abs(deviation), axis=1, keepdims=True)
    mean = MEAN_TO_SIGMA * np.mean(np.abs(deviation), axis=1, keepdims=True)
    scale = np.where(mad > 0, mad, mean)
    return np.clip(np.divide(deviation, scale, out=np.zeros_like(deviation), where=scale > 0), -CUT, CUT)


def _drivers(factors: Sequence[FactorValues], z: Floats, most: int = 2) -> tuple[str, ...]:
    order = np.argsort(-z, kind="stable")[:most]
    return tuple(factors[int(place)].code for place in order if z[int(place)] > 0)


def quadrants(ranks: Sequence[RegionRank], detected: Mapping[str, tuple[float, float]]) -> dict[str, list[RegionRank]]:
    """Return the regions by risk and detection; those without a clear side are under `unclear`.

    A region has a high risk if its whole interval of ranks lies in the upper half, and much detection if it lies above
    the median of the regions whatever their withheld counts are.
    """
    half = len(ranks) / 2
    result: dict[str, list[RegionRank]] = {}
    for row in ranks:
        risk = "high" if row.last <= half else "low" if row.first > half else ""
        detection = _side_of(row.region, detected)
        result.setdefault(f"{risk}_{detection}" if risk and detection else "unclear", []).append(row)
    return result


def _side_of(region: str, detected: Mapping[str, tuple[float, float]]) -> str:
    """Return whether a region is above (high) or below (low) the median in every case, else ''.

    A value grows at least as fast as the median that it is part of. So the region at one end of its interval and all
    others at the opposite end are the least favourable case.
    """
    if region not in detected:
        return ""
    lower, upper = detected[region]
    others = [limits for name, limits in detected.items() if name != region]
    if lower > np.median([lower, *(most for _least, most in others)]):
        return "high"
    return "low" if upper < np.median([upper, *(least for least, _most in others)]) else ""
