"""Privacy audit of the noisy counts with 500 runs: see test_audit.py of the measurement."""

from __future__ import annotations

import pytest

from kerege.evidence.dp.gaussian_noise import repeatable
from tests.evidence.synthesis.measurement.test_measure_audit import audited, cache_constants, quieter

RUNS = 500


@pytest.fixture(autouse=True)
def _fixed_scales(monkeypatch: pytest.MonkeyPatch) -> None:
    cache_constants(monkeypatch)


def test_the_intruder_learns_no_more_than_the_guarantee() -> None:
    assert audited(1.0, repeatable, RUNS) <= 1.0


def test_the_audit_finds_noise_that_is_too_small() -> None:
    assert audited(1.0, quieter, RUNS) > 1.0
