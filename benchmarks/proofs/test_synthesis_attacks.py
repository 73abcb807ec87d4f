"""Independent draws have no risk, over 20 seeds.

The check is that of tests/evidence/synthesis/evaluation/attacks/test_attacks.py.
"""

from __future__ import annotations

from tests.evidence.synthesis.evaluation.attacks.test_attacks import SEEDS, misses


def test_independent_draws_of_the_same_process_have_no_risk() -> None:
    """More than 4 misses of 20 have a probability of 0.3%."""
    assert {name: times for name, times in misses(SEEDS).items() if times > 4} == {}
