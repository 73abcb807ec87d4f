"""The fixtures of casework, for stories that cross rooms, and the things of three agencies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kerege.casework.cases.services import shares
from tests.casework.conftest import make_case, operator
from tests.safety.canaries import words
from tests.safety.world import OPERATOR, Things, furnish

__all__ = ["make_case", "operator"]


@pytest.fixture
def world(make_agency: Callable[..., Any]) -> dict[str, Things | None]:
    """Things of the own agency, a sharing one, a closed one, and none; canaries name all persons."""
    third = make_agency("third", "hotline")
    agencies = (make_agency(), make_agency("sharing", "ngo"), make_agency("closed", "ngo"))
    own, shared, other = (furnish(agency, third, words()) for agency in agencies)
    shares.share(OPERATOR, shared.case, own.agency, "legal")
    return {"own": own, "shared": shared, "other": other, "none": None}
