"""Fixtures of the rights of a person: a caseworker and a case of a foreigner."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.casework.conftest import identity

DAY = date(2026, 3, 2)  # a Monday


@pytest.fixture
def actor(make_actor: Any, make_agency: Any) -> Any:
    """Return a caseworker of the centre."""
    return make_actor("caseworker", agency=make_agency())


@pytest.fixture
def foreigner(make_case: Any) -> Any:
    """Return the case of a citizen of Uzbekistan, registered on the first day."""
    return make_case(person=identity(citizenships=["UZ"]), on=DAY)
