"""Clerical review of a sample of concluded links, and pairs that are asked again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.persons.models import MatchCandidate, PairDecision, PairReview
from kerege.casework.persons.queries import pair_card, quality, review_queue
from kerege.casework.persons.services import match_run, review_sample
from kerege.casework.persons.services import review as review_services
from kerege.casework.persons.services.reviewer_assignment import next_reviewer
from kerege.casework.vault.models.identities import Membership
from kerege.casework.vault.services.identities import newest
from kerege.core import audit
from kerege.core.authorization import Actor
from tests.casework.conftest import identity
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN
from tests.casework.persons.services.review_acts import OTHER_PAPERS, State, fresh, person_count

pytestmark = [pytest.mark.django_db, pytest.mark.db]


# -- the sample that comes back ----------------------------------------------------------------------------------------
@pytest.fixture
def sampled(pair: Callable[..., Any], coordinator: Any, monkeypatch: Any) -> MatchCandidate:
    monkeypatch.setattr(review_sample, "SAMPLE", 1)
    row = pair(elsewhere=True)
    review_services.answer(coordinator(), row, "same")
    return fresh(row)


def test_a_sample_of_concluded_links_comes_back_blind_to_another(sampled: Any, coordinator: Any) -> None:
    second = coordinator()
    assert list(review_queue.work_items(second)) == [sampled]
    assert review_services.answer(second, sampled, "same").state == State.SAME
    assert quality.build_quality_board(second).sampled == 1
    assert quality.build_quality_board(second).false_merges == 0
    assert not review_queue.work_items(coordinator()).exists()


def test_a_false_merge_that_the_sample_finds_is_counted_and_talked_about(sampled: Any, coordinator: Any) -> None:
    assert review_services.answer(coordinator(), sampled, "different").state == State.DISCUSS
    assert person_count() == 1  # nothing is taken apart on one word
    assert review_services.answer(coordinator(), sampled, "different").state == State.DIFFERENT
    assert person_count() == 2
    board = quality.build_quality_board(coordinator())
    assert (board.sampled, board.false_merges, board.false_rate) == (1, 1, 1.0)
    assert quality.count_rechecks(coordinator()) == (1, 1)
    assert looked_again(board) == {"reviewed": (1, 1), "merged": (0, 0), "machine": (0, 0)}


def looked_again(board: quality.QualityBoard) -> dict[str, tuple[int, int]]:
    return {row.kind: (row.looked, row.false) for row in board.by_tie}


@pytest.fixture
def tied_by_the_machine(twice: Callable[..., Any], monkeypatch: Any) -> MatchCandidate:
    monkeypatch.setattr(review_sample, "SAMPLE", 1)
    paper = {"kind": "passport", "number": "N1234567", "country": "KZ", "verified": True}
    twice(True, one=SERIK | {"documents": [paper]}, two=SERIK_LATIN | {"documents": [paper]})
    assert match_run.match_due(MACHINE).linked == 1
    return MatchCandidate.objects.get()


def test_an_automatic_link_is_rechecked_and_stays_automatic(tied_by_the_machine: Any, coordinator: Any) -> None:
    first, row = coordinator(), tied_by_the_machine
    assert list(review_queue.work_items(first)) == [row]
    assert review_services.answer(first, row, "same").state == State.LINKED
    assert looked_again(quality.build_quality_board(first))["machine"] == (1, 0)
    assert not review_queue.work_items(coordinator()).exists()


def test_a_second_look_that_says_the_same_outlives_every_run(
    tied_by_the_machine: Any, coordinator: Any, operator: Actor
) -> None:
    row = tied_by_the_machine
    review_services.answer(coordinator(), row, "unsure")
    assert not PairDecision.objects.exists()
    review_services.answer(coordinator(), row, "same")
    assert PairDecision.objects.get().kind == "must"
    # another sex makes the matching run undo an automatic link only
    case = Case.objects.get(record=row.left)
    change_identity(operator, case, {**newest(case.record), "gender": "masculine"})
    assert match_run.rematch(MACHINE).parted == 0
    assert person_count() == 1


def test_a_false_automatic_link_is_counted_and_undone(tied_by_the_machine: Any, coordinator: Any) -> None:
    row = tied_by_the_machine
    assert review_services.answer(coordinator(), row, "different").state == State.DISCUSS
    assert person_count() == 1
    assert review_services.answer(coordinator(), row, "different").state == State.DIFFERENT
    assert person_count() == 2
    assert looked_again(quality.build_quality_board(coordinator()))["machine"] == (1, 1)


def test_what_one_worker_merged_comes_back_to_another_as_it_was_before(merged_by_one: Any, make_actor: Any) -> None:
    worker, row = merged_by_one
    with pytest.raises(BadInput):
        review_services.answer(worker, row, "same")
    assert not review_queue.work_items(worker).exists()
    second = make_actor("supervisor")
    assert list(review_queue.work_items(second)) == [row]
    with audit.act(second, "test.card"):
        [names] = [line for line in pair_card.get_pair_card(second, row).lines if line.field == "names"]
    # the surviving record has both names by now: so would any card agree
    assert sorted(map(len, (names.left, names.right))) == [1, 1]
    assert set(names.left).isdisjoint(names.right)
    review_services.answer(second, row, "same")
    assert looked_again(quality.build_quality_board(Actor.system("tests")))["merged"] == (1, 0)


def test_a_doubtful_merge_is_counted_and_asked_of_a_third_and_not_of_whoever_merged(
    merged_by_one: Any, make_actor: Any
) -> None:
    worker, row = merged_by_one
    assert review_services.answer(make_actor("supervisor"), row, "different").state == State.DISCUSS
    assert list(review_queue.work_items(make_actor("supervisor"))) == [row]
    assert not review_queue.work_items(worker).exists()
    assert looked_again(quality.build_quality_board(Actor.system("tests")))["merged"] == (1, 1)


def test_a_second_look_that_nobody_at_the_agency_can_give_goes_on_to_the_coordinator(
    merged_by_one: Any, coordinator: Any
) -> None:
    _worker, row = merged_by_one
    assert next_reviewer(row) == "nobody"
    board = quality.build_quality_board(Actor.system("tests"))
    assert (board.drawn, board.drawn_for_nobody, board.sampled) == (1, 1, 0)
    hers = coordinator()
    assert list(review_queue.work_items(hers)) == [row]
    board = quality.build_quality_board(Actor.system("tests"))
    assert (board.drawn, board.drawn_for_nobody) == (1, 0)
    review_services.answer(hers, row, "same")
    board = quality.build_quality_board(Actor.system("tests"))
    assert (board.drawn, board.drawn_for_nobody, board.sampled) == (0, 0, 1)


def test_a_second_look_that_a_colleague_can_give_is_none_of_the_coordinators(
    merged_by_one: Any, make_actor: Any, coordinator: Any
) -> None:
    _worker, row = merged_by_one
    assert list(review_queue.work_items(make_actor("supervisor"))) == [row]
    assert not review_queue.work_items(coordinator()).exists()


# -- asked again -------------------------------------------------------------------------------------------------------
def test_a_mistaken_answer_of_the_only_coordinator_is_corrected_and_stays_on_record(
    pair: Callable[..., Any], coordinator: Any
) -> None:
    row, hers = pair(elsewhere=True), coordinator()
    review_services.answer(hers, row, "different", "қате басылды")
    assert review_services.reopen_pair(hers, row, "қате басылды").state == State.OPEN
    assert list(review_queue.work_items(hers)) == [row]
    assert review_services.answer(hers, row, "same").state == State.SAME
    assert person_count() == 1
    assert list(PairReview.objects.order_by("at").values_list("answer", flat=True)) == ["different", "same"]
    assert [review.answer for review in review_queue.visible_answers(hers, fresh(row))] == ["same"]
    assert quality.build_quality_board(hers).twice == 0


def test_another_reviewer_settles_a_reopened_pair_and_nobody_answers_twice(
    pair: Callable[..., Any], coordinator: Any
) -> None:
    row, hers, second = pair(elsewhere=True), coordinator(), coordinator()
    review_services.answer(hers, row, "different")
    assert review_services.reopen_pair(hers, row, "жаңа құжат").state == State.DISCUSS
    assert not review_queue.work_items(hers).exists()
    assert review_services.answer(second, row, "same").state == State.SAME


def test_one_of_two_who_said_the_same_does_not_overturn_it_alone(pair: Callable[..., Any], coordinator: Any) -> None:
    row, one, two = pair(elsewhere=True, **OTHER_PAPERS), coordinator(), coordinator()
    for actor in (one, two):
        review_services.answer(actor, row, "different")
    assert review_services.reopen_pair(one, row, "жаңа құжат").state == State.OPEN
    assert review_services.answer(one, row, "same").state == State.DISCUSS
    assert person_count() == 2


def test_what_people_ask_again_is_not_withdrawn_by_the_machine(
    pair: Callable[..., Any], coordinator: Any, operator: Actor
) -> None:
    row, hers = pair(elsewhere=True), coordinator()
    review_services.answer(hers, row, "different")
    review_services.reopen_pair(hers, row, "жаңа құжат")
    case = Case.objects.get(record=row.left)
    change_identity(operator, case, identity("Смирнова", "Ольга", birth_date="1971-01-01"))
    match_run.match_due(MACHINE)
    assert fresh(row).state == State.OPEN


def test_why_it_was_asked_again_goes_with_an_erasure_of_either(
    pair: Callable[..., Any], coordinator: Any, operator: Actor
) -> None:
    from kerege.casework.vault.models.identities import Person, SealedText
    from kerege.casework.vault.services import erasure

    row, hers = pair(elsewhere=True), coordinator()
    review_services.answer(hers, row, "different")
    review_services.reopen_pair(hers, row, "жаңа құжат")
    assert SealedText.objects.filter(data_key=row.left.data_key).exists()
    person_id = Membership.objects.get(record=row.right_id, to_at=None).person_id
    erasure.erase(operator, Person.objects.get(pk=person_id))
    assert not SealedText.objects.filter(data_key=row.left.data_key).exists()


def test_an_operator_is_warned_of_pairs_that_wait_for_a_second_coordinator(
    pair: Callable[..., Any], coordinator: Any
) -> None:
    from kerege.casework.persons.health_checks import coordinators

    assert coordinators().state == "ok"
    row = pair(elsewhere=True, **OTHER_PAPERS)
    coordinator()
    assert coordinators().state == "warn"
    assert "1 pairs" in coordinators().words
    MatchCandidate.objects.filter(pk=row.pk).update(risks=[])
    assert coordinators().state == "ok"
    MatchCandidate.objects.filter(pk=row.pk).update(risks=["sex"])
    coordinator()
    assert coordinators().state == "ok"
