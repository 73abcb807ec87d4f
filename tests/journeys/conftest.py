"""A crisis centre with a morning's work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web import browser as driver


@pytest.fixture(scope="session")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server where a morning's work waits."""
    with driver.served(tmp_path_factory.mktemp("centre"), "tests.journeys.centre") as address:
        yield address
