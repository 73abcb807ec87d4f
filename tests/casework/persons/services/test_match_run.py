"""Matching run: it proposes pairs, links none in silence, and undoes no human decision."""

from __future__ import annotations

from collections.abc import Callable
from math import log2
from typing import Any

import pytest
from django.db import transaction

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.persons.models import MatchCandidate, MatchDue, Merge, PairDecision
from kerege.casework.persons.services import conflict_flags, match_run, review, unmerge
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.persons.services.conflict_flags import can_auto_link
from kerege.casework.vault.crypto import envelope
from kerege.casework.vault.models.identities import IndexEntry, Membership
from kerege.casework.vault.queries import candidate_search as vault
from kerege.casework.vault.queries.candidate_search import open_many, weighed
from kerege.casework.vault.services.identities import newest
from kerege.core import audit
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, session_scope
from kerege.core.security.keyring import keyring
from kerege.linkage import register_matching
from tests.casework.conftest import CANARY, identity
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN, person

pytestmark = [pytest.mark.django_db, pytest.mark.db]
State = MatchCandidate.State
PAPER = {"kind": "passport", "number": "N1234567", "country": "KZ"}
SEEN = PAPER | {"verified": True}


def serik(**more: Any) -> Any:
    return SERIK | more


def again() -> None:
    match_run.rematch(MACHINE)


def test_two_spellings_are_proposed_and_not_linked(pair: Callable[..., Any]) -> None:
    row = pair()
    assert (row.state, row.left_id < row.right_id) == (State.OPEN, True)
    assert Membership.objects.values("person").distinct().count() == 2


def test_a_proposal_holds_numbers_and_no_values(pair: Callable[..., Any]) -> None:
    row = pair()
    assert all(isinstance(level, int) for level in row.levels.values())
    assert all(isinstance(bits, float) for bits in row.parts.values())


def test_a_stored_record_waits_and_the_run_takes_it_up_once(twice: Callable[..., Any]) -> None:
    twice()
    assert MatchDue.objects.count() == 2
    assert match_run.match_due(MACHINE).records == 2
    assert match_run.match_due(MACHINE).records == 0
    assert AuditEvent.objects.filter(action="persons.match").count() == 1


def test_the_event_of_a_run_names_nobody(pair: Callable[..., Any]) -> None:
    pair()
    assert set(AuditEvent.objects.get(action="persons.match").details) <= {
        "records",
        "proposed",
        "withdrawn",
        "linked",
        "parted",
        "model",
    }


def test_a_common_name_alone_proposes_nobody(make_case: Callable[..., Any]) -> None:
    for _ in range(2):
        make_case(person=identity("Ахметова", "Айгүл", birth_date="", gender="", citizenships=[]))
    match_run.match_due(MACHINE)
    assert not MatchCandidate.objects.exists()


def test_rare_names_weigh_more_than_common_ones(
    operator: Actor, make_case: Callable[..., Any], monkeypatch: Any
) -> None:
    """By how common they are in the register, and wherever the machine weighs a pair it says the same."""
    monkeypatch.setattr(vault, "size", lambda: 100_000)
    rare = identity("Щебетун", "Олеся", birth_date="1996-05-14")
    common = identity("Кравцова", "Марфа", birth_date="1996-05-14")
    with audit.act(operator, "test.desk"):
        before = (
            make_case(person=rare) and vault.scored(rare)[0].match
        )  # the registration page, before the second registration
    make_case(person=rare)
    for year in range(1970, 1980):
        make_case(person=identity("Кравцов", "Тихон", birth_date=f"{year}-01-02"))
    for _ in range(2):
        make_case(person=common)
    match_run.match_due(MACHINE)
    rows = {row.parts["family"]: row for row in MatchCandidate.objects.all()}
    # two bear the one and twelve the other, and six tenths of a record are added
    assert max(rows) - min(rows) == pytest.approx(log2(12.6 / 2.6))
    row = rows[max(rows)]
    opened = vault.open_many([row.left_id, row.right_id])
    left, right = opened[row.left_id], opened[row.right_id]
    assert row.weight == before.weight
    for one, two in ((left, right), (right, left)):
        assert vault.weighed(one.attributes, [two.attributes])[0].parts == row.parts
    MatchCandidate.objects.all().delete()
    with transaction.atomic():
        assert match_run.get_or_create_candidate(right, left).parts == row.parts


def test_a_common_name_is_not_counted(make_case: Callable[..., Any], monkeypatch: Any) -> None:
    for _ in range(3):
        make_case(person=SERIK)
    names = register_matching.names_to_count(
        register_matching.PersonAttributes((("Айгүл", "", SERIK["names"][0]["family"]),))
    )
    with session_scope.bypass_row_security("test"):
        assert set(vault.count_name_records(names).values()) == {3}
        monkeypatch.setattr(vault, "MOST_COUNTED", 3)
        assert vault.count_name_records(names) == {}


def test_a_proposal_falls_only_far_below_where_it_rose(pair: Callable[..., Any], monkeypatch: Any) -> None:
    row = pair()
    above = row.probability + 1e-12
    monkeypatch.setattr(match_run, "JOIN", above)
    again()
    row.refresh_from_db()
    assert row.state == State.OPEN  # it would not be proposed now, and it stays
    monkeypatch.setattr(match_run, "FRACTURE", above)
    again()
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN


def test_what_was_withdrawn_comes_back_only_above_the_upper_bound(pair: Callable[..., Any], monkeypatch: Any) -> None:
    row = pair()
    MatchCandidate.objects.update(state=State.WITHDRAWN)
    monkeypatch.setattr(match_run, "JOIN", row.probability + 1e-12)
    again()
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN
    monkeypatch.undo()
    again()
    row.refresh_from_db()
    assert row.state == State.OPEN


def test_a_changed_identity_is_matched_again(operator: Actor, twice: Callable[..., Any]) -> None:
    first, _second = twice(two=identity("Смирнова", "Ольга", birth_date="1971-01-01"))
    match_run.match_due(MACHINE)
    assert not MatchCandidate.objects.exists()
    change_identity(operator, first, identity("Smirnova", "Olga", birth_date="1971-01-01"))
    match_run.match_due(MACHINE)
    assert MatchCandidate.objects.get().state == State.OPEN


def test_a_proposal_that_a_correction_refutes_is_withdrawn(operator: Actor, twice: Callable[..., Any]) -> None:
    first, _second = twice()
    match_run.match_due(MACHINE)
    change_identity(operator, first, identity("Смирнова", "Ольга", birth_date="1971-01-01"))
    match_run.match_due(MACHINE)
    assert MatchCandidate.objects.get().state == State.WITHDRAWN


@pytest.mark.parametrize("kind", PairDecision.Kind.values)
def test_what_a_human_decided_outlives_every_run(operator: Actor, pair: Callable[..., Any], kind: str) -> None:
    row = pair()
    review.answer(operator, row, "same" if kind == "must" else "different")
    before = list(Membership.objects.order_by("pk").values_list("record", "person", "to_at"))
    again()
    row.refresh_from_db()
    assert row.state == (State.SAME if kind == "must" else State.DIFFERENT)
    assert PairDecision.objects.get().kind == kind
    assert list(Membership.objects.order_by("pk").values_list("record", "person", "to_at")) == before


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


# the other fields: Каримова Айгүл Серікқызы, born on 12 May 1990
HER = {"family": "Каримова", "given": "Айгүл", "middle": "Серікқызы"}


def woman(birth_date: str = "1990-05-12", gender: str = "feminine", **name: str) -> Any:
    return {"names": [HER | name], "birth_date": birth_date, "gender": gender, "documents": [SEEN]}


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


def test_two_open_cases_of_one_agency_are_left_to_people(twice: Callable[..., Any]) -> None:
    first, second = twice(one=serik(documents=[SEEN]), two=SERIK_LATIN | {"documents": [SEEN]})
    match_run.match_due(MACHINE)
    assert person(first) != person(second)
    assert MatchCandidate.objects.get().risks == ["open_cases"]


def test_an_automatic_link_is_parted_only_below_the_lower_bound(operator: Actor, twice: Callable[..., Any]) -> None:
    first, second = twice(True, one=serik(documents=[SEEN]), two=SERIK_LATIN | {"documents": [SEEN]})
    match_run.match_due(MACHINE)
    before = person(second), person(first)
    change_identity(operator, first, serik(documents=[]))
    match_run.match_due(MACHINE)
    assert person(first) == person(second)  # less certain, still together
    change_identity(operator, first, identity("Смирнова", "Ольга", birth_date="1971-01-01"))
    assert match_run.match_due(MACHINE).parted == 1
    assert person(first) != person(second)
    assert before[0] in {person(first), person(second)}
    assert Membership.objects.filter(to_at=None).count() == 2


def test_blocking_keys_are_hashed_into_the_index_of_names(make_case: Callable[..., Any]) -> None:
    from kerege.casework.vault.identity import blocking_keys

    case = make_case()
    keys = blocking_keys(newest(case.record))
    _, key = keyring().current("index")
    assert keys
    held = {bytes(token) for token in IndexEntry.objects.filter(record=case.record).values_list("token", flat=True)}
    assert {envelope.token(key, text) for text in keys} <= held


# -- groups of the quality board ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("one", "two", "group"),
    [
        (woman(), woman(), ("female", "kk", "cyrillic")),
        (woman(), woman(family="Karimova", given="Aigul", middle=""), ("female", "kk", "mixed")),
        (woman(family="Қодирова", given="Гулнора", middle="Бахтиёр қизи"),) * 2 + (("female", "uz", "cyrillic"),),
        (woman(), woman(family="Иванова", given="Ольга", middle="Петровна"), ("female", "mixed", "cyrillic")),
        ({}, {}, ("", "", "")),
    ],
    ids=["kazakh", "two scripts", "uzbek", "two languages", "nothing told"],
)
def test_the_group_of_a_pair_is_the_language_of_its_names_and_the_script(one: Any, two: Any, group: Any) -> None:
    sex, language, script = match_run.groups_of(one, two)
    assert (sex and "female", language, script) == group


def test_a_proposal_is_stored_with_its_groups(pair: Callable[..., Any]) -> None:
    row = pair(one=woman() | {"documents": []}, two=woman() | {"documents": []})
    assert (row.sex, row.language, row.script) == ("female", "kk", "cyrillic")
