"""Privacy audit of the noisy counts with 500 runs: see test_audit.py of the measurement."""

from __future__ import annotations

from functools import cache

import pytest

from kerege.evidence.dp.gaussian_noise import gaussian_scale, repeatable
from kerege.evidence.synthesis.measurement import measure
from tests.evidence.synthesis.measurement.test_audit import audited, quieter

RUNS = 500


@pytest.fixture(autouse=True)
def _fixed_scales(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "gaussian_scale", cache(gaussian_scale))


def test_the_intruder_learns_no_more_than_the_guarantee() -> None:
    assert audited(1.0, repeatable, RUNS) <= 1.0


def test_the_audit_finds_noise_that_is_too_small() -> None:
    assert audited(1.0, quieter, RUNS) > 1.0
