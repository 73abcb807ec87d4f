"""Links of records on the page of a case, and the board of quality."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.services import consents
from kerege.casework.cases.models.case import Case
from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.services import match_run, review
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.authorization import Actor
from tests.casework.conftest import CANARY, identity
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN, person
from tests.casework.persons.views.page_driver import (
    QUEUE,
    look,
    merging,
    read,
    send,
    two_cases,
)

pytestmark = pytest.mark.django_db

OTHER = identity("Оспанова", "Жанар", birth_date="1988-11-02")


def shown(browser: Any, case: Case) -> str:
    """Return what a case shows of its person, without the tokens that differ each time."""
    return re.sub(
        r'value="[^"]{60,}"', "", read(browser, f"/en/work/cases/{case.pk}/?tab=person").partition("<main")[2]
    )


def test_another_case_of_the_same_person_is_named_by_its_reference(
    boss: Any, make_case: Callable[..., Any], make_agency: Callable[..., Any]
) -> None:
    one, two, elsewhere = make_case(person=SERIK), make_case(person=SERIK_LATIN), make_case(make_agency("ngo", "ngo"))
    path = f"/en/work/cases/{one.pk}/same/"
    assert send(boss, path, number=two.reference)["Location"] == merging(one, two)
    for number in (elsewhere.reference, one.reference, "KZ-1999-00001"):
        assert "No other person of your agency" in send(boss, path, number=number).content.decode()


# -- what a case shows of the same person ------------------------------------------------------------------------------
def test_a_case_shows_no_record_that_its_reader_may_not_know(
    boss: Any, make_actor: Callable[..., Any], coordinator: Any, pair: Callable[..., Any]
) -> None:
    row = pair(True)
    one, two = two_cases()
    before = shown(boss, one)
    review.answer(coordinator(), row, "same", "x")
    assert person(one) == person(two)
    assert shown(boss, one) == before


def test_an_agency_is_named_on_the_case_with_consent(
    boss: Any, operator: Actor, coordinator: Any, pair: Callable[..., Any]
) -> None:
    row = pair(True)
    one, two = two_cases()
    review.answer(coordinator(), row, "same", "x")
    assert "knows this person too" not in shown(boss, one)
    yes = Consent(
        case=two, purpose="sharing_with_agency", recipient=one.agency, given=True, on=date(2025, 3, 3), categories=[]
    )
    consents.record_consent(operator, yes)
    main = shown(boss, one)
    assert "ngo en knows this person too" in main
    assert two.reference not in main  # it is not shared


def test_own_records_of_one_person_stand_on_the_case_with_day_and_source(boss: Any, pair: Callable[..., Any]) -> None:
    row = pair()
    one, two = two_cases()
    send(boss, look(row), answer="same", reason="x")
    page = read(boss, f"/en/work/cases/{one.pk}/?tab=person")
    assert two.reference in page
    assert "Linked to one person" in page
    assert merging(one, two)[:20] in page


def test_a_recheck_hides_the_link_and_a_dispute_shows_it(boss: Any, pair: Callable[..., Any]) -> None:
    row = pair()
    [one, two] = [IdentityRecord.objects.get(pk=pk) for pk in (row.left_id, row.right_id)]
    merge_services.merge_records(
        Actor.system("tests"), merge_services.MergeDraft(one, two, goes_on=Case.objects.get(record=one))
    )
    MatchCandidate.objects.update(sampled=True)
    tied = "The records stay linked until another reviewer"
    assert tied not in read(boss, look(row))
    review.answer(Actor.system("second"), row, "different", "екі адам")
    assert tied in read(boss, look(row))


@pytest.mark.db
def test_the_coordinator_finds_the_pair_of_a_link_by_their_own_answer(
    make_user: Callable[..., Any], sign_in: Callable[..., Any], coordinator: Any, make_agency: Any, make_case: Any
) -> None:
    for code, identity_values in (("a", SERIK), ("b", SERIK_LATIN), ("c", OTHER), ("d", OTHER)):
        make_case(make_agency(code, "ngo"), person=identity_values)
    match_run.match_due(MACHINE)
    mine, others = MatchCandidate.objects.all()
    browser = sign_in(make_user("coordinator"))
    send(browser, look(mine), answer="same", reason="the scar")
    review.answer(coordinator(), others, "same", "x")
    path = f"{look(mine)}answered/"
    for page in ("/en/work/merges/", f"/en/work/merges/{Merge.objects.get(candidate=mine).pk}/undo/"):
        assert path in read(browser, page)
    assert "the scar" in read(browser, path)
    for page in ("/en/work/merges/", f"/en/work/merges/{Merge.objects.get(candidate=others).pk}/undo/"):
        assert f"{look(others)}" not in read(browser, page)
    undo = f"/en/work/merges/{Merge.objects.get(candidate=mine).pk}/undo/"
    assert send(browser, undo, reason="two women", keep_apart="on")["Location"] == "/en/work/merges/"
    assert Merge.objects.get(undone_at=None).candidate == others


# -- the board ---------------------------------------------------------------------------------------------------------
def test_the_board_shows_figures_and_no_person(
    make_user: Callable[..., Any], sign_in: Callable[..., Any], pair: Callable[..., Any]
) -> None:
    pair(True)
    main = read(sign_in(make_user("auditor")), f"{QUEUE}quality/").partition("<main")[2]
    assert "Too few pairs for a conclusion." in main
    assert CANARY not in main
    assert "KZ-" not in main
