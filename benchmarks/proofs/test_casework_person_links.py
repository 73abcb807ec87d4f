"""Persons are the records that standing links connect, for 40 seeds.

See tests/casework/persons/services/test_person_links.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.casework.persons.services.test_person_links import check_persons

pytest_plugins = ["tests.casework.conftest"]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(40))
def test_persons_are_the_records_that_standing_links_connect(
    operator: Any, make_case: Any, make_agency: Any, seed: int
) -> None:
    check_persons(operator, make_case, make_agency, seed)
