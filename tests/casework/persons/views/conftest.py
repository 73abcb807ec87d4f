"""A reviewer in the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def boss(make_user: Callable[..., Any], sign_in: Callable[..., Any]) -> Any:
    """Return the browser of a supervisor."""
    return sign_in(make_user("supervisor", username="boss"))
