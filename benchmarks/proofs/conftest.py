"""The proofs run with the home folder and the closed network of the tests."""

from __future__ import annotations

import pytest

from tests.conftest import pytest_configure, pytest_unconfigure

__all__ = ["pytest_configure", "pytest_unconfigure"]


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Load the Django fixtures before pytest imports the proofs about pages."""
    pluginmanager.import_plugin("tests.django_fixtures")
