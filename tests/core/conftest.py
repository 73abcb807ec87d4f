"""Fixtures of the tests of roles, reviews and recovery."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.core.accounts.models import Agency


@pytest.fixture
def ministry(make_agency: Any) -> Agency:
    """Return a national agency."""
    agency = make_agency("ministry", kind="social_protection")
    Agency.objects.filter(pk=agency.pk).update(national=True)
    agency.refresh_from_db()
    return agency
