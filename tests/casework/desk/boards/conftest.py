"""People whose services the boards count."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kerege.casework.cases.models.case import Case


@pytest.fixture
def people_helped(make_case: Callable[[], Case]) -> list[Case]:
    """Return the cases of eleven persons."""
    return [make_case() for _ in range(11)]
