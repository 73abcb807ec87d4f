"""Sample of pairs to judge: equally many from each band of match probability, in random order."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerege.linkage.matching.batch_scorer import probability
from kerege.linkage.matching.link_files import Linked

# lower limits of the bands; pairs below the first are not judged
BANDS = (0.05, 0.2, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)
LEAST = BANDS[0]


@dataclass(frozen=True)
class SampledPair:
    """Pair of records to judge: their rows, their ids, the match probability and the number of its band."""

    rows: tuple[int, int]
    left: str
    right: str
    probability: float
    band: int


def find_bands(probabilities: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return (pairs,) the number of each pair's band, -1 below the first."""
    bands: NDArray[np.intp] = np.searchsorted(np.array(BANDS), probabilities, side="right") - 1
    return bands


def count_bands(linked: Linked) -> list[int]:
    """Return the number of pairs in each band."""
    bands = find_bands(probability(linked.weights))
    return [int((bands == band).sum()) for band in range(len(BANDS))]


def draw_sample(linked: Linked, size: int = 100, seed: int = 0) -> list[SampledPair]:
    """Return pairs to judge, equally many from each band as far as it has so many.

    Parameters
    ----------
    linked : Linked
        Links from probability `LEAST` on.
    size : int, default 100
        Number of pairs. A larger sample holds the smaller one.
    seed : int, default 0
        Random seed. The ids of a pair decide whether it is drawn, and not the order of the rows.

    Returns
    -------
    list of SampledPair
        In an order unrelated to the probability, so that the order suggests no answer.
    """
    chances = probability(linked.weights)
    bands = find_bands(chances)
    drawn: list[tuple[int, bytes, SampledPair]] = []
    for band in range(len(BANDS)):
        pairs = [_describe(linked, place, float(chances[place]), band) for place in np.flatnonzero(bands == band)]
        keyed = sorted(((_key(pair, seed), pair) for pair in pairs), key=lambda item: item[0])
        drawn += [(turn, key, pair) for turn, (key, pair) in enumerate(keyed[:size])]
    # the first of every band, then the second of every band: so the smaller sample is part of the larger one
    chosen = sorted(drawn, key=lambda item: item[:2])[:size]
    return [pair for _, _, pair in sorted(chosen, key=lambda item: item[1])]


def _describe(linked: Linked, place: np.intp, chance: float, band: int) -> SampledPair:
    rows = int(linked.left[place]), int(linked.right[place])
    left, right = (linked.ids[row] for row in rows)
    return SampledPair(rows, left, right, chance, band)


def _key(pair: SampledPair, seed: int) -> bytes:
    names = "\0".join(sorted((pair.left, pair.right)))
    return hashlib.blake2b(names.encode(), digest_size=8, salt=seed.to_bytes(8, "big")).digest()
