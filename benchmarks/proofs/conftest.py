"""The proofs run with the home folder and the closed network of the tests."""

from __future__ import annotations

from tests.conftest import pytest_configure, pytest_unconfigure

__all__ = ["pytest_configure", "pytest_unconfigure"]
