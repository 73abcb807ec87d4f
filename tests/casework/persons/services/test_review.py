"""Blind review: risky pairs need two answers, nobody reviews their own work, disputes are discussed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kerege.base.errors import BadInput, Refused
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision, PairReview
from kerege.casework.persons.queries import cross_agency, pair_card, quality, review_queue
from kerege.casework.persons.services import bulk, match_run, merge, review_sample
from kerege.casework.persons.services import review as review_services
from kerege.casework.persons.services.person_links import ordered_pair
from kerege.casework.persons.services.reviewer_assignment import next_reviewer
from kerege.casework.persons.thresholds import SMALLEST
from kerege.casework.vault.models.identities import IdentityRecord, Membership
from kerege.casework.vault.services.identities import newest
from kerege.core import audit
from kerege.core.accounts.models import User
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from tests.casework.conftest import CANARY, identity
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN, person

pytestmark = [pytest.mark.django_db, pytest.mark.db]
State = MatchCandidate.State
OTHER_PAPERS = {
    "one": SERIK | {"documents": [{"kind": "passport", "number": "N1234567"}]},
    "two": SERIK_LATIN | {"documents": [{"kind": "id_card", "number": "024681357"}]},
}


def fresh(row: MatchCandidate) -> MatchCandidate:
    row.refresh_from_db()
    return row


# -- who sees what -----------------------------------------------------------------------------------------------------
def test_a_pair_between_agencies_waits_for_the_coordinator_alone(
    pair: Callable[..., Any], coordinator: Any, make_actor: Any, make_agency: Any
) -> None:
    row = pair(elsewhere=True)
    workers = [
        make_actor(role, agency=agency)
        for agency in (make_agency(), make_agency("ngo"))
        for role in ("caseworker", "supervisor", "identifying_officer")
    ]
    assert list(review_queue.work_items(coordinator())) == [row]
    for worker in workers:
        assert not review_queue.work_items(worker).exists()
        with pytest.raises(Denied):
            review_services.answer(worker, row, "same")
    assert person_count() == 2


def test_a_pair_of_one_agency_waits_there_and_not_at_the_coordinator(
    pair: Callable[..., Any], coordinator: Any, make_actor: Any, make_agency: Any
) -> None:
    row = pair()
    assert list(review_queue.work_items(make_actor("supervisor"))) == [row]
    assert not review_queue.work_items(coordinator()).exists()
    assert not review_queue.work_items(make_actor("supervisor", agency=make_agency("third", "ngo"))).exists()


def person_count() -> int:
    return Membership.objects.filter(to_at=None).values("person").distinct().count()


def test_the_card_shows_names_and_no_number_agency_or_score(pair: Callable[..., Any], coordinator: Any) -> None:
    row, actor = pair(elsewhere=True, **OTHER_PAPERS), coordinator()
    with audit.act(actor, "test.card"):
        card = pair_card.get_pair_card(actor, row)
    text = repr(card.lines)
    assert CANARY in text
    assert "Kanareykina" in text
    for hidden in ("N1234567", "024681357", "centre", "ngo", "KZ-20", str(round(row.weight, 2))):
        assert hidden not in text
    assert next(line for line in card.lines if line.field == "documents").agrees is False


def test_reading_a_card_leaves_both_records_in_the_audit(pair: Callable[..., Any], coordinator: Any) -> None:
    row, actor = pair(elsewhere=True), coordinator()
    with audit.act(actor, "test.card"):
        pair_card.get_pair_card(actor, row)
    event = AuditEvent.objects.get(action="test.card")
    assert set(event.details["identities"]) == {str(row.left_id), str(row.right_id)}


def test_a_card_opens_for_nobody_who_is_not_asked(pair: Callable[..., Any], coordinator: Any) -> None:
    row, actor = pair(elsewhere=True), coordinator()
    review_services.answer(actor, row, "different")
    with audit.act(actor, "test.card"), pytest.raises(Denied):
        pair_card.get_pair_card(actor, fresh(row))


def test_weights_and_answers_are_told_only_after_ones_own_answer(pair: Callable[..., Any], coordinator: Any) -> None:
    row, first, second = pair(elsewhere=True, **OTHER_PAPERS), coordinator(), coordinator()
    review_services.answer(first, row, "same", "Сол адам")
    with pytest.raises(Denied):
        review_queue.explain_weights(second, fresh(row), "en")
    assert review_queue.visible_answers(second, row) == []
    assert len(review_queue.explain_weights(first, row, "en")) > 2
    review_services.answer(second, row, "same")
    assert len(review_queue.visible_answers(second, fresh(row))) == 2


def test_the_queue_does_not_tell_a_second_look_from_a_first(pair: Callable[..., Any], coordinator: Any) -> None:
    row, first, second = pair(elsewhere=True, **OTHER_PAPERS), coordinator(), coordinator()
    review_services.answer(first, row, "same")
    assert list(review_queue.work_items(second)) == [row]
    assert not review_queue.work_items(first).exists()


# -- answers and conclusions -------------------------------------------------------------------------------------------
def test_one_answer_links_a_pair_without_conflict_flags(pair: Callable[..., Any], coordinator: Any) -> None:
    row = pair(elsewhere=True)
    assert row.risks == []
    assert review_services.answer(coordinator(), row, "same").state == State.SAME
    assert person_count() == 1
    assert Membership.objects.filter(source="human").count() == 1
    assert Membership.objects.exclude(to_at=None).count() == 1  # ended, not overwritten
    assert PairDecision.objects.get().kind == "must"


@pytest.mark.parametrize(
    "identity_values", [OTHER_PAPERS, {"two": SERIK_LATIN | {"gender": "masculine"}}], ids=["papers", "sex"]
)
def test_a_risky_pair_needs_two_answers(pair: Callable[..., Any], coordinator: Any, identity_values: Any) -> None:
    row = pair(elsewhere=True, **identity_values)
    assert row.is_risky
    assert review_services.answer(coordinator(), row, "same").state == State.OPEN
    assert person_count() == 2
    assert review_services.answer(coordinator(), row, "same").state == State.SAME
    assert person_count() == 1


def test_a_third_reviewer_settles_a_dispute(pair: Callable[..., Any], coordinator: Any) -> None:
    row = pair(elsewhere=True, **OTHER_PAPERS)
    review_services.answer(coordinator(), row, "same")
    assert review_services.answer(coordinator(), row, "different").state == State.DISCUSS
    assert person_count() == 2
    assert review_services.answer(coordinator(), row, "unsure").state == State.DISCUSS
    assert review_services.answer(coordinator(), row, "same").state == State.SAME


@pytest.mark.parametrize(
    ("language", "birth"), [("kk", "туған күні бірдей"), ("ru", "та же дата рождения"), ("en", "same date of birth")]
)
def test_the_weights_are_told_in_the_words_of_the_model(
    pair: Callable[..., Any], coordinator: Any, language: str, birth: str
) -> None:
    row, actor = pair(elsewhere=True), coordinator()
    review_services.answer(actor, row, "unsure")
    weights = review_queue.explain_weights(actor, row, language)
    assert birth in [line.level for line in weights]
    weighed = [row.parts[name] for name, level in row.levels.items() if level >= 0 and row.parts[name]]
    assert sorted(line.weight for line in weights) == sorted(weighed)
    # what a level of another version was called is not known: only what it weighs
    row.model_version = "0"
    assert {line.level for line in review_queue.explain_weights(actor, row, language)} == {""}


def test_in_a_discussion_all_who_are_in_it_read_all_answers(
    pair: Callable[..., Any], coordinator: Any, make_actor: Any, make_agency: Any
) -> None:
    row = pair(elsewhere=True, **OTHER_PAPERS)
    one, two, third, late = (coordinator() for _ in range(4))
    review_services.answer(one, row, "same", "тыртық")
    assert review_queue.visible_answers(third, fresh(row)) == []
    review_services.answer(two, row, "different", "басқа әке")
    for reader in (one, two, third):
        with audit.act(reader, "test.answers"):
            given = review_queue.visible_answers(reader, fresh(row))
            assert [review_queue.reason_of(reader, review) for review in given] == ["тыртық", "басқа әке"]
    # but not the match weights, which could still influence them
    with pytest.raises(Denied):
        review_queue.explain_weights(third, fresh(row), "en")
    with pytest.raises(Denied):
        review_queue.visible_answers(make_actor("supervisor", agency=make_agency()), fresh(row))
    review_services.answer(third, row, "different")
    assert review_queue.visible_answers(late, fresh(row)) == []


def test_unsure_leaves_the_pair_for_somebody_else(pair: Callable[..., Any], coordinator: Any) -> None:
    row, first = pair(elsewhere=True), coordinator()
    assert review_services.answer(first, row, "unsure").state == State.OPEN
    assert not review_queue.work_items(first).exists()
    assert review_queue.work_items(coordinator()).exists()


def test_nobody_answers_twice(pair: Callable[..., Any], coordinator: Any) -> None:
    row, actor = pair(elsewhere=True), coordinator()
    review_services.answer(actor, row, "unsure")
    with pytest.raises(BadInput, match="answered"):
        review_services.answer(actor, row, "same")
    assert PairReview.objects.count() == 1


def test_a_concluded_pair_takes_no_further_answer(pair: Callable[..., Any], coordinator: Any) -> None:
    row = pair(elsewhere=True)
    review_services.answer(coordinator(), row, "different")
    with pytest.raises(BadInput, match="concluded"):
        review_services.answer(coordinator(), row, "same")
    assert person_count() == 2


def test_a_registrar_does_not_answer_while_a_colleague_can(
    make_actor: Any, make_agency: Any, make_case: Callable[..., Any]
) -> None:
    from kerege.casework.cases.services.inputs import Registration
    from kerege.casework.cases.services.registration import register
    from tests.safety.world import DAY

    registrar = make_actor("caseworker")
    make_case(person=SERIK)
    register(registrar, Registration(make_agency(), SERIK_LATIN, DAY))
    match_run.match_due(MACHINE)
    row = MatchCandidate.objects.get()
    assert list(review_queue.work_items(registrar)) == [row]  # nobody else is there
    colleague = make_actor("supervisor")
    assert not review_queue.work_items(registrar).exists()
    with pytest.raises(BadInput, match="yourself"):
        review_services.answer(registrar, row, "same")
    review_services.answer(colleague, row, "unsure")
    assert list(review_queue.work_items(registrar)) == [row]


def test_the_reason_is_encrypted_and_its_read_is_audited(pair: Callable[..., Any], coordinator: Any) -> None:
    row, actor = pair(elsewhere=True), coordinator()
    review_services.answer(actor, row, "same", "Бір адам")
    review = PairReview.objects.get()
    assert review.reason is not None
    assert "Бір адам".encode() not in bytes(review.reason.ciphertext)
    with audit.act(actor, "test.reason"):
        assert review_queue.reason_of(actor, review) == "Бір адам"


def test_a_third_record_kept_apart_prevents_the_link(
    operator: Actor, make_case: Callable[..., Any], make_agency: Any
) -> None:
    for agency in ("a", "b", "c"):
        make_case(make_agency(agency, "ngo"), person=SERIK)
    match_run.match_due(MACHINE)
    one, two, three = MatchCandidate.objects.order_by("left", "right")
    review_services.answer(operator, one, "same")
    review_services.answer(operator, two, "different")
    assert review_services.answer(operator, three, "same").state == State.OPEN  # a guard spoke: two people look
    assert fresh(three).risks == ["cannot"]
    assert (
        review_services.answer(Actor(label="cli:2", roles=frozenset({"operator"})), three, "same").state
        == State.DISCUSS
    )
    assert person_count() == 2


def test_two_records_that_a_third_links_are_not_kept_apart(
    make_case: Callable[..., Any], make_agency: Any, coordinator: Any
) -> None:
    one, two, third = (make_case(make_agency(code, "ngo"), person=SERIK) for code in ("a", "b", "c"))
    match_run.match_due(MACHINE)
    actor = coordinator()

    def say(left: Any, right: Any, answer: str) -> MatchCandidate:
        first, second = ordered_pair(left.record_id, right.record_id)
        return review_services.answer(actor, MatchCandidate.objects.get(left=first, right=second), answer)

    say(one, third, "same")
    say(two, third, "same")
    assert person(one) == person(two)
    assert say(one, two, "different").state == State.DISCUSS
    assert not PairDecision.objects.filter(kind="cannot").exists()


def test_a_pair_kept_apart_can_be_reopened_and_the_decision_is_kept(
    operator: Actor, pair: Callable[..., Any], coordinator: Any
) -> None:
    row = pair(elsewhere=True)
    review_services.answer(coordinator(), row, "different")
    review_services.reopen_pair(operator, row, "жаңа құжат")
    assert PairDecision.objects.exclude(ended_at=None).count() == 1
    assert review_services.answer(coordinator(), fresh(row), "same").state == State.SAME


# -- pairs that nobody there can settle --------------------------------------------------------------------------------
def test_where_two_of_an_agency_disagree_and_nobody_else_is_there_the_coordinator_settles(
    pair: Callable[..., Any], coordinator: Any, make_actor: Any
) -> None:
    row, hers = pair(**OTHER_PAPERS), coordinator()
    workers = make_actor("caseworker"), make_actor("supervisor")
    for actor, answer in zip(workers, ("same", "different"), strict=True):
        review_services.answer(actor, row, answer, answer)
        left = fresh(row).state == State.DISCUSS
        assert review_queue.work_items(hers).exists() == left
        assert next_reviewer(row) == ("coordinator" if left else "colleague")
    board = quality.build_quality_board(hers)
    assert (board.waiting, board.passed_on, board.for_nobody) == (1, 1, 0)
    assert len(review_queue.visible_answers(hers, fresh(row))) == 2
    assert review_services.answer(hers, row, "different").state == State.DIFFERENT
    # a reviewer may read the pair that they settled
    assert len(review_queue.visible_answers(hers, fresh(row))) == 3
    assert not review_queue.work_items(coordinator()).exists()


def test_a_risky_pair_of_a_single_worker_goes_on_to_the_coordinator_blind(
    pair: Callable[..., Any], coordinator: Any, make_actor: Any
) -> None:
    row, hers, worker = pair(**OTHER_PAPERS), coordinator(), make_actor("caseworker")
    with pytest.raises(Denied):
        review_services.answer(hers, row, "same")
    review_services.answer(worker, row, "same", "тыртық")
    assert list(review_queue.work_items(hers)) == [row]
    assert review_queue.visible_answers(hers, fresh(row)) == []
    assert review_services.answer(hers, row, "same").state == State.SAME


def test_a_new_colleague_takes_the_pair_back(pair: Callable[..., Any], coordinator: Any, make_actor: Any) -> None:
    row, hers = pair(**OTHER_PAPERS), coordinator()
    review_services.answer(make_actor("caseworker"), row, "same")
    assert next_reviewer(row) == "coordinator"
    make_actor("identifying_officer")  # compares no records
    assert next_reviewer(row) == "coordinator"
    make_actor("supervisor")
    assert next_reviewer(row) == "colleague"
    assert not review_queue.work_items(hers).exists()
    User.objects.filter(assignments__role="supervisor").update(is_active=False)
    assert review_queue.work_items(hers).exists()


def test_a_pair_that_nobody_is_left_to_answer_is_counted(pair: Callable[..., Any], coordinator: Any) -> None:
    row, hers = pair(elsewhere=True, **OTHER_PAPERS), coordinator()
    assert quality.build_quality_board(hers).for_nobody == 0
    review_services.answer(hers, row, "same")
    assert next_reviewer(row) == "nobody"
    board = quality.build_quality_board(hers)
    assert (board.waiting, board.passed_on, board.for_nobody) == (1, 0, 1)
    coordinator()
    assert next_reviewer(row) == "coordinator"
    assert quality.build_quality_board(hers).for_nobody == 0


def test_the_author_of_a_link_is_not_a_reviewer_left(merged_by_one: Any, make_actor: Any, coordinator: Any) -> None:
    _, row = merged_by_one
    hers = coordinator()
    assert review_services.answer(make_actor("supervisor"), row, "different").state == State.DISCUSS
    assert next_reviewer(row) == "coordinator"
    assert list(review_queue.work_items(hers)) == [row]


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


@pytest.fixture
def merged_by_one(twice: Callable[..., Any], make_actor: Any, monkeypatch: Any) -> tuple[Actor, MatchCandidate]:
    monkeypatch.setattr(review_sample, "SAMPLE", 1)
    one, two = twice()
    worker = make_actor("caseworker")
    records = [IdentityRecord.objects.get(pk=case.record_id) for case in (one, two)]
    done = merge.merge_records(worker, merge.MergeDraft(*records, goes_on=one))
    assert done.candidate is not None
    return worker, done.candidate


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


def test_a_share_is_told_of_enough_second_looks_alone() -> None:
    few, enough = (quality.RecheckRates("machine", "", looked, 1) for looked in (SMALLEST - 1, SMALLEST))
    assert (few.rate, few.interval) == (None, None)
    assert enough.rate == 1 / SMALLEST


# -- across agencies: who learns of it ---------------------------------------------------------------------------------
def test_agencies_learn_nothing_without_consent_or_law(
    pair: Callable[..., Any], coordinator: Any, make_actor: Any
) -> None:
    from kerege.casework.cases.models.case import Case, Event

    row = pair(elsewhere=True)
    before = Event.objects.count()
    review_services.answer(coordinator(), row, "same")
    for case in Case.objects.all():
        worker = make_actor("caseworker", agency=case.agency)
        assert cross_agency.agencies_that_know(worker, case) == []
    assert Event.objects.count() == before


def test_with_consent_the_other_agency_learns_who_knows_the_person(
    operator: Actor, twice: Callable[..., Any], coordinator: Any, make_actor: Any
) -> None:
    from kerege.casework.assistance.models.consents import Consent
    from kerege.casework.assistance.services.consents import record_consent

    first, second = twice(True)
    consent = Consent(
        case=first, purpose="sharing_with_agency", recipient=second.agency, given=True, on=first.registered_on
    )
    record_consent(operator, consent)
    match_run.match_due(MACHINE)
    review_services.answer(coordinator(), MatchCandidate.objects.get(), "same")
    hers = make_actor("caseworker", agency=second.agency)
    assert cross_agency.agencies_that_know(hers, second) == [first.agency]
    # the consent lets the second agency know of the first, not the reverse
    assert cross_agency.agencies_that_know(make_actor("caseworker", agency=first.agency), first) == []
    assert cross_agency.agencies_that_know(hers, first) == []


def test_a_link_counts_one_person(pair: Callable[..., Any], coordinator: Any) -> None:
    from django.utils import timezone

    from kerege.casework.exchange.snapshots.victim_rows import victim_rows

    row = pair(elsewhere=True)
    assert len(victim_rows(timezone.localdate())) == 2
    review_services.answer(coordinator(), row, "same")
    assert len(victim_rows(timezone.localdate())) == 1


def test_sisters_are_risky_whatever_else_agrees(twice: Callable[..., Any]) -> None:
    phone = {"phones": ["+77010000001"]}
    twice(True, one=SERIK | phone, two=identity(CANARY, "Айнұр", birth_date="1996-05-14") | phone)
    match_run.match_due(MACHINE)
    for row in MatchCandidate.objects.all():  # the engine may not even propose them
        assert {"twin", "sibling"} & set(row.risks)


def test_the_operator_links_nothing_by_running_the_job(twice: Callable[..., Any]) -> None:
    first, second = twice(True)
    match_run.match_due(MACHINE)
    match_run.rematch(MACHINE)
    assert person(first) != person(second)
    assert not Merge.objects.exists()


# -- many at once ------------------------------------------------------------------------------------------------------
def test_many_pairs_are_kept_apart_at_once_and_no_run_asks_again(pair: Callable[..., Any], coordinator: Any) -> None:
    row, reviewers = pair(elsewhere=True, **OTHER_PAPERS), [coordinator(), coordinator()]
    assert row.is_risky
    bulk.keep_apart(reviewers, [row])
    assert fresh(row).state == State.DIFFERENT
    assert sorted(PairReview.objects.values_list("by", "answer")) == sorted(
        (one.label, "different") for one in reviewers
    )
    assert PairDecision.objects.get().kind == PairDecision.Kind.CANNOT
    assert AuditEvent.objects.filter(action="persons.answer").count() == 1
    match_run.rematch(MACHINE)
    assert fresh(row).state == State.DIFFERENT


def test_many_pairs_at_once_follow_the_rules_of_one(
    pair: Callable[..., Any], coordinator: Any, make_actor: Any
) -> None:
    row, reviewers = pair(elsewhere=True), [coordinator(), coordinator()]
    with pytest.raises(Denied):
        bulk.keep_apart([reviewers[0], make_actor("caseworker")], [row])
    review_services.answer(reviewers[0], row, "unsure")
    with pytest.raises(Refused, match="that nobody answered"):
        bulk.keep_apart(reviewers, [row])
    assert not PairDecision.objects.exists()
