"""The fixtures of casework, for stories that cross rooms."""

from __future__ import annotations

import pytest

from kerege.core.accounts import attempts
from tests.casework.conftest import make_case, operator

__all__ = ["make_case", "operator"]


@pytest.fixture(autouse=True)
def _refusals_without_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for what is refused as often as a test likes; `tests/core/test_attempts.py` is about the limit."""
    monkeypatch.setitem(attempts.LIMITS, "refusal", attempts.Limit(free=10**6, first=1, longest=1))
