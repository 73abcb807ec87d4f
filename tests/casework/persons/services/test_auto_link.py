"""Automatic links: the pairs that Kerege links, and those that it leaves to reviewers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.services import conflict_flags, match_run, review, unmerge
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.persons.services.conflict_flags import can_auto_link
from kerege.casework.vault.models.identities import Membership
from kerege.casework.vault.queries.candidate_search import open_many, weighed
from kerege.casework.vault.services.identities import newest
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from tests.casework.conftest import CANARY
from tests.casework.persons.conftest import MACHINE, SERIK_LATIN, person
from tests.casework.persons.services.match_people import HER, PAPER, SEEN, State, again, serik, woman

pytestmark = [pytest.mark.django_db, pytest.mark.db]


# -- the one thing that the machine may do by itself -------------------------------------------------------------------
def test_equal_verified_numbers_and_agreeing_names_are_linked_and_audited(twice: Callable[..., Any]) -> None:
    first, second = twice(True, one=serik(documents=[SEEN]), two=SERIK_LATIN | {"documents": [SEEN]})
    assert match_run.match_due(MACHINE).linked == 1
    assert person(first) == person(second)
    merge = Merge.objects.get()
    assert (merge.source, merge.undone_at) == ("auto", None)
    moved = Membership.objects.get(source="auto")
    assert moved.model_version
    assert AuditEvent.objects.filter(action="persons.auto_link").count() == 1


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (PAPER, SEEN),
        (SEEN, PAPER),
        (PAPER, PAPER),
        (SEEN, SEEN | {"number": "N7654321"}),
        (SEEN, SEEN | {"country": "UZ"}),
        (SEEN | {"number": "111111"}, SEEN | {"number": "111111"}),
    ],
)
def test_without_a_verified_number_on_both_sides_the_machine_only_proposes(
    twice: Callable[..., Any], one: Any, two: Any
) -> None:
    first, second = twice(True, one=serik(documents=[one]), two=SERIK_LATIN | {"documents": [two]})
    assert match_run.match_due(MACHINE).linked == 0
    assert person(first) != person(second)


@pytest.mark.parametrize(
    "other",
    [
        woman(family="Karimova", given="Aigul", middle="Serikovna"),
        woman(family="Ахметова"),
        woman(middle=""),
        woman(birth_date="1990"),
        woman(birth_date="1990-01-01"),
    ],
    ids=["spelled otherwise", "married", "no father told", "year alone", "no day"],
)
def test_one_paper_the_given_name_and_two_more_are_one_person(other: Any) -> None:
    assert can_auto_link(woman(), other)
    assert can_auto_link(other, woman())


@pytest.mark.parametrize(
    "other",
    [
        woman(family="Смирнова", given="Ольга"),
        woman(given="Элигүл"),
        woman(given="Айнұр"),
        woman(birth_date="1971-05-12"),
        woman(birth_date="1990-11-30"),
        woman(birth_date="1990-11"),
        woman(middle="Петровна"),
        woman(gender="masculine"),
        woman(family="Иванова", middle=""),
        woman(family="Иванова", birth_date=""),
        woman(middle="", birth_date="1990"),
        woman(birth_date="") | {"names": [HER | {"given": "Айнұр"}, HER | {"kind": "alias"}]},
    ],
    ids=[
        "nobody's name", "twin", "sister", "other year", "other day", "other month", "other father", "other sex",
        "born alike", "father alike", "family alike", "sister with her passport",
    ],
)  # fmt: skip
def test_what_contradicts_or_agrees_too_little_is_left_to_people(other: Any) -> None:
    assert not can_auto_link(woman(), other)
    assert not can_auto_link(other, woman())


@pytest.mark.parametrize(
    "paper",
    [
        {"kind": "birth_certificate"},
        {"kind": ""},
        {"country": ""},
        {"country": "UZ"},
        {"number": ""},
        {"number": "111111"},
        {"kind": "police_report"},
    ],
)
def test_a_paper_is_its_kind_its_country_and_its_number(paper: dict[str, str]) -> None:
    """Two papers that are blank in the same place are not one paper either."""
    mine, other = woman(), woman() | {"documents": [SEEN | paper]}
    assert not can_auto_link(mine, other)
    if paper != {"kind": "birth_certificate"} and paper != {"country": "UZ"}:
        assert not can_auto_link(other, other)


def test_equal_numbers_of_two_kinds_of_document_are_not_linked(twice: Callable[..., Any]) -> None:
    """Two women of one common name: only the number is the same, and a caseworker held both papers."""
    paper = {"kind": "passport", "number": "123456", "verified": True}
    one = woman(middle="") | {"documents": [paper]}
    two = woman("1990-11-30", family="Иванова", middle="") | {"documents": [paper | {"kind": "birth_certificate"}]}
    first, second = twice(True, one=one, two=two)
    assert match_run.match_due(MACHINE).linked == 0
    assert person(first) != person(second)
    assert not Merge.objects.exists()


def test_the_machine_does_not_link_what_a_human_kept_apart(operator: Actor, pair: Callable[..., Any]) -> None:
    row = pair()
    review.answer(operator, row, "different")
    for case in Case.objects.all():
        change_identity(operator, case, newest(case.record) | {"documents": [SEEN]})  # type: ignore[arg-type]
    match_run.match_due(MACHINE)
    again()
    assert not Merge.objects.exists()


@pytest.mark.parametrize("answer", ["unsure", "undone"])
def test_the_machine_links_no_pair_that_people_answered(
    operator: Actor, twice: Callable[..., Any], coordinator: Any, answer: str
) -> None:
    papers = [SEEN] if answer == "undone" else []
    cases = twice(True, one=serik(documents=papers), two=SERIK_LATIN | {"documents": papers})
    match_run.match_due(MACHINE)
    if answer == "undone":
        unmerge.undo_merge(coordinator(), Merge.objects.get(), "белгісіз", keep_apart=False)
    else:
        review.answer(coordinator(), MatchCandidate.objects.get(), answer)
        for case in cases:
            change_identity(operator, case, {**newest(case.record), "documents": [SEEN]})
    again()
    first, second = cases
    assert person(first) != person(second)
    assert MatchCandidate.objects.get().state == State.OPEN


@pytest.mark.parametrize(
    ("corrected", "state"),
    [
        ({"documents": [SEEN | {"number": "N7654321"}]}, State.OPEN),
        ({"names": [{"given": "Айнұр", "family": CANARY}]}, State.WITHDRAWN),
    ],
    ids=["another number", "unlikely by now: a twin"],
)
def test_an_automatic_link_with_a_conflict_flag_goes_to_reviewers(
    operator: Actor, twice: Callable[..., Any], corrected: Any, state: str
) -> None:
    first, second = twice(True, one=serik(documents=[SEEN]), two=serik(documents=[SEEN]))
    match_run.match_due(MACHINE)
    assert person(first) == person(second)
    change_identity(operator, first, serik(documents=[SEEN]) | corrected)
    assert match_run.match_due(MACHINE).parted == 1
    assert person(first) != person(second)
    row = MatchCandidate.objects.get()
    assert (row.state, row.is_risky) == (state, True)
    again()
    assert person(first) != person(second)


def test_a_pair_that_a_second_is_asked_about_still_waits_where_the_two_are_one_person_already(
    twice: Callable[..., Any], make_actor: Any
) -> None:
    first, second = twice(one=serik(documents=[SEEN]), two=SERIK_LATIN | {"documents": [SEEN]})
    Case.objects.filter(pk=second.pk).update(status="ended", ended_on="2025-04-01")
    match_run.match_due(MACHINE)
    MatchCandidate.objects.update(risks=["unlikely"])
    merge_services.ask_second(make_actor("caseworker"), first.record, second.record)
    again()
    assert MatchCandidate.objects.get().state == State.OPEN


def test_a_married_sister_with_the_same_paper_is_asked_of_two(twice: Callable[..., Any]) -> None:
    twice(one=woman(), two=woman(given="Айнұр", family="Ахметова"))
    match_run.match_due(MACHINE)
    assert "given" in MatchCandidate.objects.get().risks


@pytest.mark.parametrize(
    ("other", "asked_of_two"),
    [
        (woman(given=""), True),
        (woman(given="А."), True),
        (woman(given="Айгуля", birth_date="1992-08-30"), True),
        (woman(given="Айгуля"), False),
        (woman(given="Айгуля", birth_date="1990"), False),
        (woman(birth_date="1992-08-30"), False),
        (woman(given="") | {"documents": []}, False),
    ],
    ids=["no given name", "an initial", "sounds alike", "a slip", "a slip and a year", "another year", "no paper"],
)
def test_one_paper_without_a_given_name_to_go_with_it_is_asked_of_two(
    twice: Callable[..., Any], other: Any, asked_of_two: bool
) -> None:
    twice(True, one=woman(), two=other)
    match_run.match_due(MACHINE)
    rows = MatchCandidate.objects.all()
    assert {"lent" in row.risks for row in rows} <= {asked_of_two}
    assert rows or not asked_of_two


SISTER = {"family": "Сулейменова", "middle": "Кайратовна"}
FAMILY_PHONE = {"phones": ["+7 701 555 01 99"]}


def sister(given: str, birth_date: str, **more: Any) -> Any:
    named = {"names": [SISTER | {"given": given}], "gender": "feminine"} | FAMILY_PHONE
    return named | ({"birth_date": birth_date} if birth_date else {}) | more


@pytest.mark.parametrize(
    ("one", "two", "says"),
    [
        (sister("Айгерим", "2000-07-07"), sister("А.", "1999-04-12"), {"shared", "birth_date"}),
        (sister("Айгерим", "2000-07-07"), sister("", "1999-04-12"), {"shared", "birth_date"}),
        (sister("Динара", "2000-07-07"), sister("Дина", "1999-04-12"), {"birth_date"}),
        (sister("Мадина", "2000-07-07"), sister("Медина", "1999-04-12"), {"birth_date"}),
        (sister("Жанна", "2000-07-07"), sister("Жана", "1999-04-12"), {"birth_date"}),
        (sister("Айгерим", "2000-07-07"), sister("Айгерим", "2000-07-08"), {"birth_date"}),
        (sister("Айгерим", "2000"), sister("А.", "1999"), {"shared"}),
        (sister("Айгерим", "2000"), sister("", ""), {"shared"}),
        (sister("Айгерим", "2000-07", phones=[], email="a@x.kz"), sister("А.", "", phones=[], email="a@x.kz"),
         {"shared"}),
        (sister("Айгерим", "2000-07-04"), sister("Айгерим", "2000-04-07"), set()),
        (sister("Айгерим", "2000-07-07"), sister("Айгерим", "1999"), set()),
        (sister("Айгерим", "2000-07-07"), sister("Айгерим", "1999-01-01"), set()),
        (sister("Айгерим", "2000-07-07"), sister("А.", "2000-07-07"), set()),
        (sister("Айгерим", "2000-07-07"), sister("А.", "2000-07", phones=[]), set()),
    ],
    ids=["initial", "no name", "short", "a letter", "double letter", "next day", "years", "no birth", "e-mail",
         "turned", "year alone", "no day", "one birthday", "no telephone"],
)  # fmt: skip
def test_a_full_date_that_contradicts_and_a_family_telephone_without_a_given_name_speak_against(
    make_case: Any, one: Any, two: Any, says: set[str]
) -> None:
    ids = [make_case(person=values).record_id for values in (one, two)]
    opened = open_many(ids)
    left, right = (opened[pk] for pk in ids)
    [match] = weighed(left.attributes, [right.attributes])
    assert set(conflict_flags.pair_risks(left, right, match)) - {"unlikely"} == says


def test_sisters_whose_dates_contradict_are_asked_of_two_and_not_merged_by_one(
    twice: Callable[..., Any], make_actor: Any
) -> None:
    one, two = twice(one=sister("Айгерим", "2000-07-07"), two=sister("А.", "1999-04-12"))
    match_run.match_due(MACHINE)
    row, worker = MatchCandidate.objects.get(), make_actor("caseworker")
    with pytest.raises(BadInput, match="second colleague"):
        merge_services.merge_records(
            worker, merge_services.MergeDraft(one.record, two.record, {"birth_date": "left"}, one)
        )
    assert review.answer(worker, row, "same").state == State.OPEN
    assert person(one) != person(two)
    assert review.answer(make_actor("supervisor"), row, "same").state == State.SAME


def test_a_third_record_brings_no_other_birthday_into_a_person(
    make_agency: Any, make_case: Callable[..., Any], make_actor: Any
) -> None:
    # the one in the middle knows the month alone, and goes with either
    middle = make_case(person=woman("2000-07") | {"documents": []})
    first, third = (
        make_case(make_agency(f"ngo{n}", "ngo"), person=woman(day) | {"documents": []})
        for n, day in enumerate(("2000-07-07", "2000-07-21"))
    )
    match_run.match_due(MACHINE)
    coordinator = make_actor("coordinator")
    pair = MatchCandidate.objects.get(
        left__in=[middle.record_id, first.record_id], right__in=[middle.record_id, first.record_id]
    )
    review.answer(coordinator, pair, "same")
    assert "birth_date" in conflict_flags.cluster_risks(middle.record_id, third.record_id)
