"""Answer of staff pages to roles: the check of tests/safety/test_access_matrix.py, every request."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kerege.core.accounts.models import Role
from tests.safety.conftest import own, world
from tests.safety.test_access_matrix import (
    ABOVE,
    EVERYWHERE,
    check_openings,
    enter_agency,
    join_agencies,
    list_all_openings,
)
from tests.safety.world import Things

__all__ = ["own", "world"]


@pytest.mark.django_db
def test_a_role_opens_what_the_rules_declare_and_no_answer_gives_a_name_away(
    world: dict[str, Things | None], make_user: Any, sign_in: Any, monkeypatch: Any
) -> None:
    openings = [(role, page, whose) for role in Role.values for page, whose in list_all_openings(role, world)]
    check_openings(openings, world, lambda role: sign_in(make_user(role), Client()), monkeypatch)


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("whose", ["child", "parent"])
def test_a_role_above_or_below_opens_only_their_own_agency(
    role: str, whose: str, world: dict[str, Things | None], make_user: Any, sign_in: Any, monkeypatch: Any
) -> None:
    seen = join_agencies(world, whose)
    openings = [(role, *opening) for opening in list_all_openings(role, seen)]
    everywhere = EVERYWHERE | ABOVE if whose == "parent" else EVERYWHERE
    check_openings(openings, seen, lambda role: enter_agency(seen, role, make_user, sign_in), monkeypatch, everywhere)
