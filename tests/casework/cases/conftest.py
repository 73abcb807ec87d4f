"""A signed-in caseworker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _in_english(in_english: None) -> None:
    """Run every test of this folder in English."""


@pytest.fixture
def caseworker(make_user: Callable[..., Any]) -> Any:
    return make_user("caseworker")


@pytest.fixture
def browser(sign_in: Callable[..., Any], caseworker: Any) -> Any:
    """Return a client signed in as the caseworker."""
    return sign_in(caseworker)
