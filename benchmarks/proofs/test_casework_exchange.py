"""The interface answers 200 inputs of each operation; 300 sets of records come out as they went in.

See tests/casework/exchange/api/test_api.py and tests/casework/exchange/htcds/test_export.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from kerege.core.accounts import attempts
from tests.casework.exchange.api.test_api import check_answers
from tests.casework.exchange.htcds.test_export import RECORDS, check_round_trip

pytest_plugins = ["tests.casework.conftest", "tests.casework.exchange.api.conftest"]
pytestmark = pytest.mark.django_db


def test_the_interface_answers_as_it_is_described(described: Any, caller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(attempts.LIMITS, "token", attempts.Limit(free=10**6, first=1, longest=1))
    check_answers(described, caller().head["authorization"], 200)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RECORDS)
def test_any_record_comes_out_as_it_went_in(tmp_path: Path, records: tuple[dict[str, str], ...]) -> None:
    check_round_trip(tmp_path, records)
