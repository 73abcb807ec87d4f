"""Sample of pairs to judge: equal bands, independent of row order, and part of a larger one."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np

from kerege.linkage.review.sample import BANDS, count_bands, draw_sample, find_bands


def make_links(size: int = 600, seed: int = 0) -> Any:
    """Return links with probabilities in every band."""
    rng = np.random.default_rng(seed)
    chances = rng.uniform(0.0, 1.0, size)
    rows = np.arange(size)
    weights = np.log2(chances / (1 - chances))
    return SimpleNamespace(ids=[f"r{row}" for row in range(2 * size)], left=rows, right=rows + size, weights=weights)


def test_every_band_has_equally_many_pairs_as_far_as_it_holds_them() -> None:
    linked = make_links()
    held, drawn = count_bands(linked), Counter(pair.band for pair in draw_sample(linked, 60))
    least = min(count for count in drawn.values())
    assert sum(drawn.values()) == 60
    assert all(drawn[band] == held[band] or drawn[band] >= least for band in range(len(BANDS)))
    assert max(drawn.values()) - min(drawn[band] for band in drawn if drawn[band] < held[band]) <= 1


def test_a_larger_sample_holds_the_smaller_one_and_row_order_does_not_matter() -> None:
    linked = make_links()
    small = {(pair.left, pair.right) for pair in draw_sample(linked, 40)}
    assert small <= {(pair.left, pair.right) for pair in draw_sample(linked, 90)}
    order = np.random.default_rng(5).permutation(len(linked.left))
    turned = SimpleNamespace(
        ids=linked.ids, left=linked.left[order], right=linked.right[order], weights=linked.weights[order]
    )
    assert small == {(pair.left, pair.right) for pair in draw_sample(turned, 40)}  # type: ignore[arg-type]  # links
    assert small != {(pair.left, pair.right) for pair in draw_sample(linked, 40, seed=1)}


def test_the_order_of_the_questions_does_not_follow_the_probability() -> None:
    bands = [pair.band for pair in draw_sample(make_links(), 60)]
    assert bands not in (sorted(bands), sorted(bands, reverse=True))


def test_a_limit_belongs_to_the_band_above_it() -> None:
    assert find_bands(np.array([0.049, 0.05, 0.9, 0.99999])).tolist() == [-1, 0, BANDS.index(0.9), len(BANDS) - 1]
