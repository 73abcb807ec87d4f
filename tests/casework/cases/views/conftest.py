"""A registered case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def case(make_case: Callable[..., Any]) -> Any:
    return make_case()
