"""Fixtures: two records of one person, and their reviewers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kerege.casework.persons.models import MatchCandidate
from kerege.casework.persons.services import match_run
from kerege.casework.vault.models.identities import Membership
from kerege.core.authorization import Actor
from tests.casework.conftest import CANARY, identity

MACHINE = Actor.system("matching")
# the same woman in two spellings, with a day of birth that says a lot
SERIK = identity(CANARY, "Айгүл", birth_date="1996-05-14")
SERIK_LATIN = identity("Kanareykina", "Aigul", birth_date="1996-05-14")


@pytest.fixture
def twice(make_agency: Callable[..., Any], make_case: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    """Register a person twice, at one agency or at two."""

    def make(elsewhere: bool = False, one: Any = SERIK, two: Any = SERIK_LATIN) -> tuple[Any, Any]:
        first = make_case(person=one)
        return first, make_case(make_agency("ngo", "ngo") if elsewhere else None, person=two)

    return make


@pytest.fixture
def pair(twice: Callable[..., Any]) -> Callable[..., MatchCandidate]:
    """Register a person twice and propose the pair."""

    def make(elsewhere: bool = False, **identity_values: Any) -> MatchCandidate:
        twice(elsewhere, **identity_values)
        match_run.match_due(MACHINE)
        return MatchCandidate.objects.get()

    return make


@pytest.fixture
def coordinator(make_agency: Callable[..., Any], make_actor: Callable[..., Any]) -> Callable[[], Actor]:
    """Return a new coordinator of the ministry."""
    return lambda: make_actor("coordinator", agency=make_agency("ministry", "social_protection"))


def person(case: Any) -> Any:
    """Return the id of the person to whom the record of a case belongs now."""
    return Membership.objects.get(record=case.record_id, to_at=None).person_id


@pytest.fixture
def on_postgresql() -> None:
    """Skip without PostgreSQL: only it has row-level security."""
    from django.db import connection

    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no row-level security")


@pytest.fixture(autouse=True)
def _nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch off the random repeated review of links, unless a test asks for it."""
    from kerege.casework.persons.services import review_sample

    monkeypatch.setattr(review_sample, "SAMPLE", 2**129)
