"""A signed-in caseworker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def caseworker(make_user: Callable[..., Any]) -> Any:
    return make_user("caseworker")


@pytest.fixture
def browser(sign_in: Callable[..., Any], caseworker: Any) -> Any:
    """Return a client signed in as the caseworker."""
    return sign_in(caseworker)
