"""Fixtures of casework: an identity, an operator and a case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from kerege.casework.cases.services import registration
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.vault.identity import Identity
from kerege.core.authorization import Actor

# a name that occurs nowhere else: where it appears, it came from the vault
CANARY = "Канарейкина"


def identity(family: str = CANARY, given: str = "Айгүл", **more: Any) -> Identity:
    """Return an identity; `more` replaces or adds parts."""
    parts: dict[str, Any] = {
        "names": [{"kind": "main", "given": given, "family": family, "middle": ""}],
        "birth_date": "1996-05",
        "gender": "feminine",
        "citizenships": ["KZ"],
    }
    return Identity(**(parts | more))  # type: ignore[typeddict-item]


@pytest.fixture
def operator(db: None) -> Actor:
    """Return the actor of the command line."""
    return Actor.system("tests")


@pytest.fixture
def make_case(operator: Actor, make_agency: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that registers a person and their case at an agency."""

    def make(agency: Any = None, person: Identity | None = None, on: date = date(2025, 3, 1), **more: Any) -> Any:
        draft = Registration(agency or make_agency(), person if person is not None else identity(), on, **more)
        return registration.register(operator, draft)

    return make
