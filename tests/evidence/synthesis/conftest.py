"""Fixtures of the tests of the pipeline."""

from __future__ import annotations

from importlib import import_module

import pytest

from kerege.evidence.synthesis import synthesize
from kerege.evidence.synthesis.generation.repeated_fit import fit_and_repeat


@pytest.fixture
def fit_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the fit in this process for speed; test_synthesiser.py runs it in a separate process."""
    module = import_module(synthesize.__module__)
    monkeypatch.setattr(module, "fit_in_process", fit_and_repeat)
