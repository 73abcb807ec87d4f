"""The fixtures of casework, for stories that cross rooms, and the things of three agencies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from kerege.casework.cases.services import shares
from tests.casework.conftest import make_case, operator
from tests.django_fixtures import get_agency
from tests.safety.canaries import words
from tests.safety.world import OPERATOR, Things, furnish

__all__ = ["make_case", "operator"]


@pytest.fixture(scope="module")
def own(django_db_setup: None, django_db_blocker: Any) -> Iterator[Things]:
    """Build things of the centre, whose persons canaries name.

    They are built once for a file; each test undoes its changes.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield furnish(get_agency(), get_agency("third", "hotline"), words())
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(own: Things) -> dict[str, Things | None]:
    """Add the things of a sharing agency, those of a closed one, and none."""
    third = get_agency("third", "hotline")
    shared, other = (furnish(get_agency(code, "ngo"), third, words()) for code in ("sharing", "closed"))
    shares.share(OPERATOR, shared.case, own.agency, "legal")
    return {"own": own, "shared": shared, "other": other, "none": None}
