"""Fuzzing of the interface with a token of each scope: no input breaks it."""

from __future__ import annotations

import logging
import os
from typing import Any

import pytest

from benchmarks.attacks.register import report
from kerege.core.accounts import attempts
from kerege.core.integrations.scopes import SCOPES
from tests.casework.exchange.api.api_driver import Caller
from tests.casework.exchange.api.conftest import caller, described
from tests.casework.exchange.api.test_api import OPERATIONS, check_answers

__all__ = ["caller", "described"]
CALLS = int(os.environ.get("CALLS", "50000"))


@pytest.mark.django_db
def test_no_input_breaks_the_interface(described: Any, caller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # wrong tokens and lookups are refused each time: tests/core/accounts/test_attempts.py is about their limits
    for name in attempts.LIMITS:
        monkeypatch.setitem(attempts.LIMITS, name, attempts.Limit(free=10**9, first=1, longest=1))
    tokens: dict[str, Caller] = {scope: caller(scope, agency=f"agency{n}") for n, scope in enumerate(SCOPES)}
    tokens["all scopes"] = caller(agency="all")
    examples = -(-CALLS // (len(tokens) * (len(OPERATIONS) + 1)))
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)  # one line for each refused call
    count = sum(check_answers(described, system.head["authorization"], examples) for system in tokens.values())
    report(f"fuzzing: {count} calls with {len(tokens)} tokens, each answered as described, none with 5xx")
    assert count >= 0.9 * CALLS, "Hypothesis ran out of different inputs"
