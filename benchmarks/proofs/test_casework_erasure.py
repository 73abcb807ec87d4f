"""Erasures destroy exactly the records of a person, over 30 long random walks.

See tests/casework/persons/services/test_erasure.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.casework.conftest import make_case, operator
from tests.casework.persons.services.test_erasure import check_walk

__all__ = ["make_case", "operator"]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(30))
def test_an_erasure_destroys_exactly_the_records_of_the_person(
    make_agency: Any, make_actor: Any, make_case: Any, seed: int
) -> None:
    check_walk(make_agency, make_actor, make_case, seed, steps=150)
