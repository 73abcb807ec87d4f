"""A request for erasure follows the record of its case through merges, links and their undo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import product
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.records import ErasureRequest
from kerege.casework.cases.services import erasure
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.persons.services import unmerge
from kerege.casework.persons.services.person_links import LinkDetails, link_records
from kerege.casework.vault.models.identities import DataKey, IdentityRecord
from kerege.core.accounts.actors import actor_for
from kerege.core.authorization import Actor
from tests.casework.persons.erasure_walk import OPERATIONS, walk

pytestmark = [pytest.mark.db, pytest.mark.django_db]
DAY = date(2025, 6, 1)


@pytest.fixture
def supervisor(make_actor: Any) -> Actor:
    return make_actor("supervisor")  # type: ignore[no-any-return]


@pytest.fixture
def decider(coordinator: Callable[[], Actor]) -> Actor:
    return coordinator()


@pytest.fixture
def two_cases(twice: Callable[..., Any]) -> tuple[Case, Case]:
    """Return two closed cases of one person, each with a record of its own."""
    cases = twice()
    Case.objects.update(status="closed", closed_on=DAY, closure_reason="completed")
    for case in cases:
        case.refresh_from_db()
    return cases  # type: ignore[no-any-return]


def merge(actor: Actor, first: Case, second: Case) -> Any:
    kept, other = (IdentityRecord.objects.get(pk=case.record_id) for case in (first, second))
    return merge_services.merge_records(actor, merge_services.MergeDraft(kept, other, goes_on=None))


def link(actor: Actor, first: Case, second: Case) -> Any:
    """Link two records as reviewers and the nightly run do."""
    kept, other = (IdentityRecord.objects.get(pk=case.record_id) for case in (first, second))
    return link_records(actor, kept, other, LinkDetails())


def is_readable(case: Case) -> bool:
    return DataKey.objects.get(record__cases=case).wrapped is not None


@pytest.mark.parametrize(("how", "about"), list(product([merge, link], [0, 1])))
def test_a_request_erases_the_person_to_whom_the_record_belongs_now(
    how: Any, about: int, two_cases: tuple[Case, Case], supervisor: Actor, operator: Actor, decider: Actor
) -> None:
    request = erasure.request_erasure(supervisor, two_cases[about], "person_asked", DAY)
    how(operator if how is link else supervisor, *two_cases)
    erased = erasure.approve_erasure(decider, request)
    assert erased.outcome == "erased"
    assert erased.records == 2
    assert not any(map(is_readable, two_cases))


def test_after_an_undone_merge_only_the_record_of_the_request_is_erased(
    two_cases: tuple[Case, Case], supervisor: Actor, decider: Actor
) -> None:
    first, second = two_cases
    merged = merge(supervisor, first, second)
    request = erasure.request_erasure(supervisor, second, "person_asked", DAY)
    unmerge.undo_merge(supervisor, merged, "mistake")
    assert erasure.approve_erasure(decider, request).records == 1
    assert (is_readable(first), is_readable(second)) == (True, False)


def test_a_receipt_never_states_an_erasure_that_destroyed_nothing(
    two_cases: tuple[Case, Case], supervisor: Actor, operator: Actor, decider: Actor
) -> None:
    first, second = two_cases
    link(operator, first, second)
    requests = [erasure.request_erasure(supervisor, first, "person_asked", DAY)]
    erasure.approve_erasure(decider, requests[0])
    late = ErasureRequest.objects.get(pk=requests[0].pk)
    late.pk, late.receipt, late.case, late.outcome, late.decided_at, late.decided_by = (
        None,
        "LATE",
        second,
        "",
        None,
        "",
    )
    late._state.adding = True
    late.pk = ErasureRequest._meta.pk.get_default()
    late.save()
    with pytest.raises(BadInput, match="nothing was erased"):
        erasure.approve_erasure(decider, late)
    late.refresh_from_db()
    assert late.outcome == ""


def test_other_requests_about_the_same_person_are_withdrawn_by_the_erasure(
    two_cases: tuple[Case, Case], supervisor: Actor, operator: Actor, decider: Actor, make_user: Any
) -> None:
    first, second = two_cases
    early = erasure.request_erasure(supervisor, first, "person_asked", DAY)
    later = erasure.request_erasure(supervisor, second, "person_asked", DAY)
    link(operator, first, second)
    erasure.approve_erasure(decider, early)
    later.refresh_from_db()
    assert later.outcome == "withdrawn"


def test_a_request_does_not_disclose_that_another_agency_asked(
    twice: Callable[..., Any], make_user: Any, supervisor: Actor, operator: Actor
) -> None:
    here, elsewhere = twice(elsewhere=True)
    Case.objects.update(status="closed", closed_on=DAY, closure_reason="completed")
    here.refresh_from_db()
    elsewhere.refresh_from_db()
    link(operator, here, elsewhere)
    other = actor_for(make_user("supervisor", agency=elsewhere.agency), elsewhere.agency)
    assert erasure.request_erasure(other, elsewhere, "person_asked", DAY).outcome == ""
    assert erasure.request_erasure(supervisor, here, "person_asked", DAY).outcome == ""


def test_a_request_about_a_record_that_was_split_off_does_not_block_the_other_one(
    two_cases: tuple[Case, Case], supervisor: Actor, operator: Actor
) -> None:
    """The walk below found it: the request still named the person whom the two records had in common."""
    one, two = two_cases
    joined = link(operator, one, two)
    erasure.request_erasure(supervisor, two, "person_asked", DAY)
    unmerge.undo_merge(operator, joined, "x")
    assert erasure.request_erasure(supervisor, one, "person_asked", DAY).outcome == ""


def check_walk(make_agency: Any, make_actor: Any, make_case: Any, seed: int, steps: int) -> None:
    """Walk at random over links, merges, undos, handovers and erasures, beside a model of people."""
    count = walk(make_agency, make_actor, make_case, seed, steps)
    assert set(count) == set(OPERATIONS), count


def test_an_erasure_destroys_exactly_the_records_of_the_person(
    make_agency: Callable[..., Any], make_actor: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    """The proof in benchmarks/proofs walks further."""
    check_walk(make_agency, make_actor, make_case, seed=16, steps=60)
