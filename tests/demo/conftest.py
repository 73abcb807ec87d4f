"""Programmes that several tests of this folder read; none changes them."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from kerege.demo.programme.generate import build
from kerege.demo.programme.world import World

TODAY = date(2026, 7, 30)


@pytest.fixture(scope="session")
def world() -> World:
    """Return the programme on a fixed day."""
    return build(TODAY)


@pytest.fixture(scope="session")
def world_today() -> World:
    """Return the programme on the day of the tests."""
    return build(timezone.localdate())
