"""A single pair has the weight of a batch, on 20,000 pairs.

See tests/linkage/test_register_matching.py.
"""

from __future__ import annotations

from tests.linkage.test_register_matching import check_single_pairs


def test_a_single_pair_has_the_weight_of_a_batch() -> None:
    check_single_pairs(4_000, 20_000)
