"""Files of every indicator.

The check of tests/publishing/site/files/test_figure_bundle.py, all indicators.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from kerege.publishing.site.indicators import list_indicators
from tests.conftest import empty_home
from tests.publishing import made
from tests.publishing.conftest import house
from tests.publishing.site.files.test_figure_bundle import compare

__all__ = ["empty_home", "house"]


@pytest.mark.django_db
def test_every_format_of_every_indicator_says_the_same_as_its_page(house: Path) -> None:
    made.make(house, estimate=made.estimated())
    compared = {indicator.id: compare(indicator.id) for indicator in list_indicators() if is_shown(indicator.id)}
    assert len(compared) >= 15
    assert sum(compared.values()) >= 200


def is_shown(indicator_id: str) -> bool:
    """Return whether the made release has values of an indicator."""
    answer = Client(HTTP_HOST="localhost").get(f"/en/f/{indicator_id}.csv", secure=True)
    assert answer.status_code in {200, 404}
    return answer.status_code == 200
