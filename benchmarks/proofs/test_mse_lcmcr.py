"""Published medians of latent classes with five times as many sweeps.

The check is that of tests/evidence/mse/bayes/test_lcmcr.py.
"""

from __future__ import annotations

import pytest

from tests.evidence.mse.bayes.test_lcmcr import MEDIANS, check_median


@pytest.mark.parametrize(("name", "published"), MEDIANS)
def test_medians_are_as_published(name: str, published: float) -> None:
    check_median(name, published, 20_000)
