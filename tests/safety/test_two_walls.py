"""Random worlds: the rules, a plain reading and the database agree.

Compared are the lists of the rules and the acts that they allow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerege.casework.cases.models.case import Case, Share, Task
from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.cases.services import registration
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.vault.models.identities import IdentityRecord, IdentityVersion
from kerege.casework.vault.services.identities import save_text
from kerege.core import authorization
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor
from kerege.core.authorization import rules as registry
from kerege.core.row_security import policies
from tests.casework.conftest import identity

pytestmark = [pytest.mark.django_db, pytest.mark.db]
AGENCIES = ("a", "b", "c")
ROLES = (
    "caseworker",
    "supervisor",
    "identifying_officer",
    "coordinator",
    "auditor",
    "analyst",
    "administrator",
    "justice_officer",
    "first_responder",
)
STATES = ("running", "ended", "to_come")
CATEGORIES = ("identity", "contact", "needs")


@dataclass(frozen=True)
class Worker:
    """A user: their roles in an agency."""

    agency: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Lent:
    """A share with an agency, or an emergency of a worker (by number)."""

    to: Any
    state: str
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True)
class MadeCase:
    """A case: the first agency that the case is shared with, the owner, the caseworker and the shares.

    A handover may lie between the first agency and the owner.
    """

    teller: str
    owner: str
    carrier: int | None
    shares: tuple[Lent, ...]
    emergencies: tuple[Lent, ...]


workers = st.builds(Worker, st.sampled_from(AGENCIES), st.frozensets(st.sampled_from(ROLES), min_size=1, max_size=3))
shares = st.builds(
    Lent, st.sampled_from(AGENCIES), st.sampled_from(STATES), st.frozensets(st.sampled_from(CATEGORIES), min_size=1)
)
emergencies = st.builds(Lent, st.integers(0, 2), st.sampled_from(STATES))
made_cases = st.builds(
    MadeCase,
    st.sampled_from(AGENCIES),
    st.sampled_from(AGENCIES),
    st.none() | st.integers(0, 2),
    st.lists(shares, max_size=2).map(tuple),
    st.lists(emergencies, max_size=2).map(tuple),
)


# -- the plain reading: what the design says, without a database
CASEWORK = {"caseworker", "supervisor", "identifying_officer"}
Reader = Callable[[Worker, int, MadeCase], bool]


def owns(who: Worker, me: int, case: MadeCase) -> bool:
    return case.owner == who.agency


def lent(who: Worker, me: int, case: MadeCase) -> bool:
    return owns(who, me, case) or any(s.to == who.agency and s.state == "running" for s in case.shares)


def opened(who: Worker, me: int, case: MadeCase) -> bool:
    return any(e.to == me and e.state == "running" for e in case.emergencies) and case.owner != who.agency


def seen(who: Worker, me: int, case: MadeCase) -> bool:
    return lent(who, me, case) or opened(who, me, case)


def was_told(who: Worker, me: int, case: MadeCase) -> bool:
    return case.teller == who.agency


def named(who: Worker, me: int, case: MadeCase) -> bool:
    told_name = any(s.to == who.agency and s.state == "running" and "identity" in s.categories for s in case.shares)
    return owns(who, me, case) or was_told(who, me, case) or told_name


def anything(who: Worker, me: int, case: MadeCase) -> bool:
    return True


def carries(who: Worker, me: int, case: MadeCase) -> bool:
    return case.carrier == me and was_told(who, me, case)


def read(who: Worker, me: int, case: MadeCase) -> bool:
    return was_told(who, me, case) or lent(who, me, case)


# action -> pairs (roles, reading)
ON_CASES: dict[str, list[tuple[set[str], Reader]]] = {
    "cases.view": [(CASEWORK, seen)],
    "cases.change": [({"caseworker", "supervisor"}, owns)],
    "cases.share": [({"caseworker", "supervisor"}, owns)],
    "cases.decide": [({"identifying_officer"}, lent)],
    "exchange.export": [({"supervisor"}, owns)],
    "exchange.export_identities": [],
    "desk.count_cases": [({"coordinator", "analyst"}, anything)],
    "history.print": [({"supervisor"}, owns)],
    "holds.place": [({"supervisor"}, owns)],
    "erasure.request": [({"caseworker", "supervisor"}, owns)],
    "handovers.offer": [({"supervisor"}, owns)],
}
ON_RECORDS: dict[str, list[tuple[set[str], Reader]]] = {
    "vault.read": [(CASEWORK, read), (CASEWORK, opened)],
    "vault.find": [(CASEWORK, named)],
    "vault.reveal": [
        ({"caseworker"}, read),
        ({"supervisor"}, carries),
        ({"identifying_officer"}, was_told),
        (CASEWORK, opened),
    ],
    "vault.reveal_for_reason": [({"supervisor", "identifying_officer"}, read)],
    "vault.change": [(CASEWORK, was_told)],
    "vault.link": [({"coordinator"}, anything)],
    "persons.merge": [({"caseworker", "supervisor"}, was_told)],
}


def expected(world: World, me: int, readings: list[tuple[set[str], Reader]]) -> set[int]:
    """Numbers of the cases that the plain reading lets a worker do something to."""
    who = world.workers[me]
    return {
        number
        for number, case in enumerate(world.cases)
        if any(who.roles & roles and reading(who, me, case) for roles, reading in readings)
    }


# -- the same world in the database
@dataclass
class World:
    """Drawn workers and cases, and their rows by number."""

    workers: list[Worker]
    cases: list[MadeCase]
    users: list[User]
    rows: list[Case]
    agencies: dict[str, Agency]

    def actor(self, me: int) -> Actor:
        return actor_for(self.users[me], self.agencies[self.workers[me].agency])


def build(make_agency: Any, people: list[Worker], cases: list[MadeCase]) -> World:
    agencies = {code: make_agency(code) for code in AGENCIES}
    users = [User.objects.create_user(f"w{number}", full_name="W") for number in range(len(people))]
    for user, worker in zip(users, people, strict=True):
        for role in worker.roles:
            user.assignments.create(agency=agencies[worker.agency], role=role)
    world = World(people, cases, users, [], agencies)
    world.rows = [store(world, case) for case in cases]
    return world


def store(world: World, case: MadeCase) -> Case:
    operator, now = Actor.system("tests"), timezone.now()
    row = registration.register(operator, Registration(world.agencies[case.teller], identity(), date(2025, 3, 1)))
    row.agency = world.agencies[case.owner]
    row.caseworker = world.users[case.carrier] if case.carrier is not None else None
    row.save()
    Task.objects.create(agency=row.agency, case=row, kind="follow_up", due_on=date(2025, 3, 1), created_at=now)
    times = {"running": (-1, 1), "ended": (-2, -1), "to_come": (1, 2)}
    for share in case.shares:
        if share.to != case.owner:
            begins, ends = (now + timedelta(hours=hours) for hours in times[share.state])
            Share.objects.create(
                case=row,
                agency=world.agencies[share.to],
                basis="legal",
                from_at=begins,
                to_at=ends,
                categories=sorted(share.categories),
                named="identity" in share.categories,
            )
    for emergency in case.emergencies:
        agency = world.agencies[world.workers[emergency.to].agency]
        if agency.code != case.owner and emergency.state != "to_come":
            begins, ends = (now + timedelta(hours=hours) for hours in times[emergency.state])
            Emergency.objects.create(
                case=row,
                reference=row.reference,
                owner=row.agency,
                user=world.users[emergency.to],
                agency=agency,
                kind="medical",
                reason=save_text(row.record.data_key, "x"),
                opened_at=begins,
                until=ends,
            )
    return row


worlds = given(
    people=st.lists(workers, min_size=3, max_size=3),
    cases=st.lists(made_cases, min_size=1, max_size=4),
    me=st.integers(0, 2),
)
slowly = settings(max_examples=25, suppress_health_check=list(HealthCheck))


@slowly
@worlds
def test_rules_a_plain_reading_and_the_database_agree(
    make_agency: Any, people: list[Worker], cases: list[MadeCase], me: int
) -> None:
    with transaction.atomic():
        world = build(make_agency, people, cases)
        actor = world.actor(me)
        for action, readings in ON_CASES.items():
            expected_cases = {world.rows[number].pk for number in expected(world, me, readings)}
            assert listed(actor, Case, action) == expected_cases, (action, world.workers[me])
            assert {row.pk for row in world.rows if authorization.allows(actor, action, row)} == expected_cases, action
        for action, readings in ON_RECORDS.items():
            expected_records = {world.rows[number].record_id for number in expected(world, me, readings)}
            assert listed(actor, IdentityRecord, action) == expected_records, (action, world.workers[me])
            assert {
                row.record_id for row in world.rows if authorization.allows(actor, action, row.record)
            } == expected_records, action
        if connection.vendor == "postgresql":
            the_database_agrees(world, me)
        transaction.set_rollback(True)


def listed(actor: Actor, model: Any, action: str) -> set[Any]:
    """Return what the list holds; nothing twice."""
    rows = list(authorization.scope(actor, model, action=action).values_list("pk", flat=True))
    assert len(rows) == len(set(rows)), action
    return set(rows)


def the_database_agrees(world: World, me: int) -> None:
    """Row-level security allows caseworkers as much as the rules do.

    It is open for a whole table only where a rule says so.
    """
    actor, who = world.actor(me), world.workers[me]
    with policies.acting(actor):
        cases = set(Case.objects.values_list("pk", flat=True))
        identities = set(IdentityVersion.objects.values_list("record", flat=True))
        by_rule = listed(actor, Case, "cases.view")
    whole = bool(who.roles & {"coordinator", "analyst"})
    reached = {row.pk for row, case in zip(world.rows, world.cases, strict=True) if whole or seen(who, me, case)}
    assert cases == reached
    told_to = {
        row.record_id
        for row, case in zip(world.rows, world.cases, strict=True)
        if read(who, me, case) or opened(who, me, case)
    }
    assert identities == told_to
    if who.roles & CASEWORK:
        assert by_rule == {row.pk for row, case in zip(world.rows, world.cases, strict=True) if seen(who, me, case)}


@settings(slowly, max_examples=6)
@worlds
def test_the_list_of_every_rule_is_what_it_allows_one_by_one(
    make_agency: Any, people: list[Worker], cases: list[MadeCase], me: int
) -> None:
    with transaction.atomic():
        world = build(make_agency, people, cases)
        actor = world.actor(me)
        for rule in registry.rules.all():
            action = rule.action
            if rule.model is not None:
                rows = rule.model._default_manager.all()
                allowed = {row.pk for row in rows if authorization.allows(actor, action, row)}
                assert listed(actor, rule.model, action) == allowed, action
                assert not allowed or authorization.allows(actor, action), action
        transaction.set_rollback(True)
