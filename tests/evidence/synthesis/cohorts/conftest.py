"""Fixtures of the tests of cohorts."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.synthesis import pipeline
from kerege.evidence.synthesis.cohorts import cohort_releases
from tests.evidence.synthesis.cohorts.release_series import ReleaseSeries, here


@pytest.fixture
def series(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReleaseSeries:
    """Return a series on the real engine; for speed, noise is seeded and records are made in this process."""
    noise = repeatable(5)
    for module in (cohort_releases, pipeline):
        monkeypatch.setattr(module, "discrete_gaussian", noise)
    monkeypatch.setattr(cohort_releases, "fit_together", here)
    return ReleaseSeries(tmp_path)
