"""The attacks run with the home folder and the closed network of the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.attacks.register import Register
from tests.conftest import pytest_configure, pytest_unconfigure

__all__ = ["pytest_configure", "pytest_unconfigure"]


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Load the Django fixtures before pytest imports the attacks on the interface."""
    pluginmanager.import_plugin("tests.django_fixtures")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the home of a register on SQLite with one agency and no person."""
    register = Register(tmp_path_factory.mktemp("built") / "home")
    register.build()
    return register.home
