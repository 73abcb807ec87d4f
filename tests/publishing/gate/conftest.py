"""The actor who composes releases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kerege.core.authorization import Actor


@pytest.fixture
def analyst(house: Path, make_actor: Any) -> Actor:
    """Return the actor who composes."""
    return make_actor("analyst")  # type: ignore[no-any-return]
