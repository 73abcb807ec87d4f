"""Rights to accounts, roles and agencies.

The tables of expected answers, written by hand, cover every role, agency and second person.
"""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest

from kerege.core import audit
from kerege.core.accounts.models import (
    Agency,
    AgencyChange,
    FactConfirmation,
    FactCorrection,
    FactorReset,
    RoleAssignment,
    RoleRequest,
    User,
)
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, allows, scope
from tests import rights
from tests.rights import NO_ROW, OPERATOR, ROLES, Rights, Rows, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]

ADMINISTRATOR, SYSTEM, EVERYBODY = {"administrator"}, {OPERATOR}, set(ROLES)
TABLE: Rights = {
    # the other agency is below the own one
    "agencies.edit": {"own agency": ADMINISTRATOR | SYSTEM, "other agency": ADMINISTRATOR | SYSTEM},
    # the own agency is below none, so that its own administrator moves it
    "agencies.move": {"own agency": ADMINISTRATOR | SYSTEM, "other agency": ADMINISTRATOR | SYSTEM},
    "agencies.close": {"own agency": ADMINISTRATOR | SYSTEM, "other agency": ADMINISTRATOR | SYSTEM},
    "agencies.manage": {"own agency": ADMINISTRATOR},
    "agencies.offer": {"own agency": {"supervisor"} | ADMINISTRATOR | SYSTEM, "other agency": SYSTEM},
    "systems.manage": {"own agency": ADMINISTRATOR},
    "users.manage": {
        "colleague": ADMINISTRATOR | SYSTEM,
        "asked for by the agency": ADMINISTRATOR | SYSTEM,
        "asked for, with a role elsewhere": SYSTEM,
        "asked for by others": SYSTEM,
        "elsewhere": SYSTEM,
        "without a role": SYSTEM,
    },
    **{
        action: {NO_ROW: EVERYBODY}
        for action in (
            "accounts.start",
            "accounts.choose_agency",
            "accounts.step_up",
            "accounts.password",
            "accounts.address",
            "accounts.sessions",
        )
    },
    **{
        action: {NO_ROW: SYSTEM}
        for action in (
            "access.close_review",
            "agencies.mark_national",
            "keys.rotate",
            "keys.retire",
            "keys.reseal",
            "keys.seal",
            "keys.reindex",
            "system.backup",
            "system.set_up",
        )
    },
    "audit.verify": {NO_ROW: {"auditor"} | SYSTEM},
    "audit.read": {"event": {"auditor"}},
    "audit.export": {NO_ROW: {"auditor"}},
}


def store_users(rows: Rows) -> None:
    """Store a user for each relation to the agency; the user of the table holds no role in the register."""
    other = make(Agency, parent=rows.own)
    rows.rows |= {"own agency": rows.own, "other agency": other}
    make(RoleAssignment, user=rows.add("colleague", User), agency=rows.own, role="caseworker")
    make(RoleAssignment, user=rows.add("elsewhere", User), agency=other, role="caseworker")
    rows.add("without a role", User)
    for name, agency in {
        "asked for by the agency": rows.own,
        "asked for, with a role elsewhere": rows.own,
        "asked for by others": other,
    }.items():
        make(RoleRequest, user=rows.add(name, User), agency=agency, role="coordinator")
    make(RoleAssignment, user=rows.rows["asked for, with a role elsewhere"], agency=other, role="caseworker")
    audit.record(Actor.system("tests"), "test.act")
    rows.rows["event"] = AuditEvent.objects.latest("seq")


def test_an_administrator_manages_the_users_of_the_agency_alone() -> None:
    rows = rights.start_rows()
    store_users(rows)
    assert rights.list_differences(TABLE, rows) == []


# -- the second person -------------------------------------------------------------------------------------------------
# place of the administrator -> places of the rows that they decide on
AGENCIES = ("national", "alone", "above", "own", "below", "far below")
BELOW = {
    "national": set(AGENCIES),
    "alone": {"alone"},
    "above": {"above", "own", "below", "far below"},
    "own": {"own", "below", "far below"},
    "below": {"below", "far below"},
    "far below": {"far below"},
}
ORDINARY = {"first_responder", "caseworker", "supervisor", "secretary"}


@pytest.fixture
def agencies() -> dict[str, Agency]:
    """Return a national agency, one that is below none, and four that are below one another."""
    made: dict[str, Agency] = {"national": make(Agency, national=True), "alone": make(Agency)}
    for name, parent in (("above", None), ("own", "above"), ("below", "own"), ("far below", "below")):
        made[name] = make(Agency, parent=made[parent] if parent else None)
    return made


def administrator(agency: Agency) -> tuple[User, Actor]:
    """Return a new administrator of an agency, as a user and as an actor."""
    user = make(User)
    return user, Actor(f"user:{user.username}", user.pk, agency.pk, frozenset({"administrator"}))


def opened(actor: Actor, action: str, rows: dict[Any, Any]) -> set[Any]:
    """Return the names of the rows on which an actor may do an action."""
    names = {row.pk: name for name, row in rows.items()}
    pks = scope(actor, type(next(iter(rows.values()))), action=action).values_list("pk", flat=True)
    return {names[pk] for pk in pks if pk in names}


def test_an_administrator_confirms_ordinary_roles_of_the_agency_and_of_those_below_it(agencies: Any) -> None:
    """A national administrator confirms all roles; see docs/howto/roles.md."""
    requests = {
        (place, role): make(RoleRequest, user=make(User), agency=agency, role=role, asked_by="user:first")
        for (place, agency), role in product(agencies.items(), ROLES)
    }
    for place, agency in agencies.items():
        roles = set(ROLES) if place == "national" else ORDINARY
        _user, actor = administrator(agency)
        assert opened(actor, "roles.confirm", requests) == set(product(BELOW[place], roles)), place


def test_the_new_agency_above_confirms_a_move_and_the_agency_or_one_above_a_closing(agencies: Any) -> None:
    changes = {
        (kind, place): make(
            AgencyChange, agency=agency if kind == "close" else make(Agency), kind=kind, target=agency, act="order 1"
        )
        for kind, (place, agency) in product(["move", "close"], agencies.items())
    }
    for place, agency in agencies.items():
        user, actor = administrator(agency)
        assert opened(actor, "agencies.confirm_change", changes) == set(product(["move", "close"], BELOW[place])), place
        AgencyChange.objects.update(asked_by=actor.label)
        assert not opened(actor, "agencies.confirm_change", changes), user
        AgencyChange.objects.update(asked_by="user:first")


def test_nobody_confirms_a_role_that_they_asked_for_or_that_is_for_themselves(agencies: Any) -> None:
    for place in ("national", "own"):
        user, actor = administrator(agencies[place])
        common = {"agency": agencies["own"], "role": "caseworker"}
        requests = {
            "own request": make(RoleRequest, user=make(User), asked_by=actor.label, **common),
            "about the user": make(RoleRequest, user=user, asked_by="user:first", **common),
            "of another": make(RoleRequest, user=make(User), asked_by="user:first", **common),
        }
        assert opened(actor, "roles.confirm", requests) == {"of another"}, place
        resets = {
            name: make(FactorReset, user=request.user, asked_by=request.asked_by) for name, request in requests.items()
        }
        for request in requests.values():
            make(RoleAssignment, user=request.user, agency=agencies["own"], role="caseworker")
        assert opened(actor, "users.recover", resets) == {"of another"}, place


def test_a_lost_factor_is_confirmed_in_the_agency_above_it_or_in_a_national_one(agencies: Any) -> None:
    resets = {}
    for place, agency in agencies.items():
        holder = make(User)
        make(RoleAssignment, user=holder, agency=agency, role="caseworker")
        resets[place] = make(FactorReset, user=holder, asked_by="user:first")
    for place, agency in agencies.items():
        _user, actor = administrator(agency)
        assert opened(actor, "users.recover", resets) == BELOW[place], place


def test_an_administrator_reviews_roles_of_the_agency_and_administrators_below_it_never_their_own(
    agencies: Any,
) -> None:
    assignments = {
        (place, role): make(RoleAssignment, user=make(User), agency=agency, role=role)
        for (place, agency), role in product(agencies.items(), ("caseworker", "administrator"))
    }
    for place, agency in agencies.items():
        user, actor = administrator(agency)
        assignments["own", place] = make(RoleAssignment, user=user, agency=agency, role="administrator")
        expected = {(place, "caseworker"), (place, "administrator")}
        below = {"national", "alone", "above"} if place == "national" else BELOW[place]
        expected |= {(lower, "administrator") for lower in below}
        expected |= {("own", lower) for lower in below if ("own", lower) in assignments and lower != place}
        assert opened(actor, "access.review", assignments) == expected, place


def test_without_an_agency_nobody_is_a_second_person(agencies: Any) -> None:
    make(RoleRequest, user=make(User), agency=agencies["own"], role="caseworker")
    make(FactorReset, user=make(User))
    make(RoleAssignment, user=make(User), agency=agencies["own"], role="caseworker")
    actor = Actor("user:nowhere", make(User).pk, None, frozenset({"administrator"}))
    for action, model in {
        "roles.confirm": RoleRequest,
        "users.recover": FactorReset,
        "access.review": RoleAssignment,
        "users.manage": User,
    }.items():
        assert not scope(actor, model, action=action).exists(), action


def test_administrators_and_coordinators_of_national_agencies_confirm_facts(agencies: Any) -> None:
    request = make(FactConfirmation, path="hotline", digest="0" * 64, value="x", asked_by="user:first")
    correction = make(FactCorrection, path="hotline", base="0" * 64, values="{}", source="x", from_on=date(2026, 3, 2))
    for place, role in product(("national", "own"), set(rights.EVERY_ROLE) - {OPERATOR}):
        actor = Actor("user:x", make(User).pk, agencies[place].pk, frozenset({role}))
        is_confirmer = place == "national" and role in {"administrator", "coordinator"}
        assert opened(actor, "facts.confirm", {"request": request}) == ({"request"} if is_confirmer else set())
        assert opened(actor, "facts.correct", {"fix": correction}) == ({"fix"} if is_confirmer else set())
        asking = scope(actor, Agency, action="facts.request")
        assert list(asking) == ([agencies[place]] if is_confirmer else []), (place, role)
        assert allows(actor, "law.view") == (role in set(ROLES) - {"minister"}), role


def test_the_operator_confirms_every_role_and_every_reset(agencies: Any) -> None:
    operator = Actor.system("tests")
    request = make(RoleRequest, user=make(User), agency=agencies["own"], role="auditor", asked_by="user:first")
    reset = make(FactorReset, user=make(User), asked_by="user:first")
    assert opened(operator, "roles.confirm", {"request": request}) == {"request"}
    assert opened(operator, "users.recover", {"reset": reset}) == {"reset"}
    for role in set(rights.EVERY_ROLE) - {"administrator", OPERATOR}:
        actor = Actor("user:x", make(User).pk, agencies["national"].pk, frozenset({role}))
        assert opened(actor, "roles.confirm", {"request": request}) == set(), role
        assert opened(actor, "users.recover", {"reset": reset}) == set(), role
        assert not scope(actor, RoleAssignment, action="access.review").exists(), role


def test_the_tables_hold_every_action_of_the_core() -> None:
    areas = ("law", "facts", "accounts", "agencies", "users", "roles", "access", "keys", "system", "systems", "audit")
    assert set(rights.list_actions(*areas)) == {
        *TABLE,
        "roles.confirm",
        "users.recover",
        "agencies.confirm_change",
        "access.review",
        "law.view",
        "facts.request",
        "facts.confirm",
        "facts.correct",
        "systems.confirm",  # tests/core/integrations/test_integrations.py
    }
