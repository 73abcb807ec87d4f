"""Fixtures of the tests of the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from kerege.evidence.synthesis import synthesize
from kerege.evidence.synthesis.generation.synthesiser import made
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the fit in this process for speed; test_synthesiser.py runs it in a separate process."""
    module = import_module(synthesize.__module__)

    def here(
        noisy: Noisy,
        charge: float,
        seed: int,
        progress: Callable[[float], None] = lambda share: None,
        before: Any = None,
    ) -> Any:
        return made(noisy, charge, seed, progress, before)

    monkeypatch.setattr(module, "fitted", here)
