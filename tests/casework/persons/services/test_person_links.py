"""Persons are the records that standing links connect, whatever the order of links and undos."""

from __future__ import annotations

from collections.abc import Callable, Collection
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from kerege.casework.persons.models import Merge
from kerege.casework.persons.services import unmerge
from kerege.casework.persons.services.person_links import LinkDetails, link_records, lock_persons, person_of
from kerege.core.authorization import Actor
from tests.casework.persons.conftest import SERIK

pytestmark = pytest.mark.django_db


def connected(records: Collection[UUID]) -> set[frozenset[UUID]]:
    """Return the groups that links connect, by joining sets until nothing changes."""
    groups = {frozenset({pk}) for pk in records}
    for one, two in Merge.objects.filter(undone_at=None).values_list("kept_id", "other_id"):
        joined = {group for group in groups if one in group or two in group}
        groups = (groups - joined) | {frozenset().union(*joined)}
    return groups


def persons(records: Collection[UUID]) -> set[frozenset[UUID]]:
    by = {pk: person_of(pk) for pk in records}
    return {frozenset(pk for pk in records if by[pk] == person) for person in by.values()}


def check_persons(operator: Actor, make_case: Callable[..., Any], make_agency: Any, seed: int) -> None:
    """Link and part five records at random; check after each step that persons are what the links connect."""
    chance = Random(seed)
    records = [make_case(make_agency(f"a{n}", "ngo"), person=SERIK).record_id for n in range(5)]
    for _ in range(14):
        standing = list(Merge.objects.filter(undone_at=None).order_by("made_at"))
        if standing and chance.random() < 0.45:
            unmerge.undo_merge(operator, chance.choice(standing), "қате", keep_apart=False)
        else:
            one, two = chance.sample(records, 2)
            with transaction.atomic():
                locked = lock_persons(one, two)
                link_records(operator, locked[one], locked[two], LinkDetails())
        assert persons(records) == connected(records)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.db), 2, 3])
def test_persons_are_the_records_that_standing_links_connect(
    operator: Actor, make_case: Callable[..., Any], make_agency: Any, seed: int
) -> None:
    check_persons(operator, make_case, make_agency, seed)
