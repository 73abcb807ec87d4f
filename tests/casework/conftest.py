"""A case to work with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from kerege.casework.cases.services import registration
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.vault.identity import Identity
from kerege.core.authorization import Actor

# a name that stands nowhere else: if it turns up somewhere, it came from the vault
CANARY = "Канарейкина"


def identity(family: str = CANARY, given: str = "Айгүл", **more: Any) -> Identity:
    """What an agency was told."""
    told: dict[str, Any] = {
        "names": [{"kind": "main", "given": given, "family": family, "middle": ""}],
        "birth_date": "1996-05",
        "gender": "feminine",
        "citizenships": ["KZ"],
    }
    return Identity(**(told | more))  # type: ignore[typeddict-item]


@pytest.fixture
def operator(db: None) -> Actor:
    """Whoever sits at the command line."""
    return Actor.system("tests")


@pytest.fixture
def make_case(operator: Actor, make_agency: Callable[..., Any]) -> Callable[..., Any]:
    """Register a person and her case at an agency."""

    def make(agency: Any = None, told: Identity | None = None, on: date = date(2025, 3, 1), **more: Any) -> Any:
        draft = Registration(agency or make_agency(), told if told is not None else identity(), on, **more)
        return registration.register(operator, draft)

    return make
