"""Blind review: risky pairs need two answers, and nobody reviews their own work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kerege.base.errors import BadInput, Refused
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.cases.services.registration import register_many
from kerege.casework.persons.models import MatchCandidate, PairDecision, PairReview
from kerege.casework.persons.queries import pair_card, quality, review_queue
from kerege.casework.persons.services import bulk, match_run, unmerge
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.persons.services import review as review_services
from kerege.casework.persons.services.person_links import ordered_pair
from kerege.casework.persons.services.reviewer_assignment import next_reviewer
from kerege.casework.vault.models.identities import IdentityRecord, Membership
from kerege.core import audit
from kerege.core.accounts.models import User
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from tests.casework.conftest import CANARY
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN, person
from tests.casework.persons.services.merge_acts import DAY
from tests.casework.persons.services.review_acts import OTHER_PAPERS, State, fresh, person_count

pytestmark = [pytest.mark.django_db, pytest.mark.db]


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
    # the name of a level of another version is not known, only its weight
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


@pytest.fixture
def own(make_actor: Any, make_agency: Any) -> tuple[Actor, MatchCandidate]:
    """Let one worker register a person twice, and propose the pair."""
    registrar = make_actor("caseworker")
    register_many(registrar, [Registration(make_agency(), person, DAY) for person in (SERIK, SERIK_LATIN)])
    match_run.match_due(MACHINE)
    return registrar, MatchCandidate.objects.get()


def test_nobody_decides_alone_on_two_records_of_their_own(own: Any, coordinator: Any, make_actor: Any) -> None:
    registrar, row = own
    assert not review_queue.work_items(registrar).exists()  # although nobody else is there
    for answer in ("same", "different"):
        with pytest.raises(BadInput, match="yourself"):
            review_services.answer(registrar, row, answer)
    with pytest.raises(Refused, match="registered"):
        bulk.keep_apart([registrar, registrar], [row])
    records = [IdentityRecord.objects.get(pk=pk) for pk in (row.left_id, row.right_id)]
    with pytest.raises(BadInput, match="registered both"):
        merge_services.merge_records(registrar, merge_services.MergeDraft(*records))
    assert next_reviewer(row) == "nobody"
    hers = coordinator()
    assert next_reviewer(row) == "coordinator"
    assert list(review_queue.work_items(hers)) == [row]
    colleague = make_actor("supervisor")
    assert next_reviewer(row) == "colleague"
    assert merge_services.ask_second(registrar, *records).state == State.OPEN
    assert not PairReview.objects.exists()
    review_services.answer(colleague, row, "same")
    case = Case.objects.get(record=records[0])
    link = merge_services.merge_records(registrar, merge_services.MergeDraft(*records, goes_on=case))
    undone = unmerge.undo_merge(registrar, link, "қате")
    assert undone.waits
    assert not PairDecision.objects.filter(kind="cannot").exists()


def test_a_reviewer_with_a_new_name_is_the_same_reviewer(pair: Callable[..., Any], coordinator: Any) -> None:
    row, first = pair(elsewhere=True, **OTHER_PAPERS), coordinator()
    review_services.answer(first, row, "same")
    User.objects.filter(pk=first.user_id).update(username="renamed")
    renamed = replace(first, label="user:renamed")
    assert not review_queue.work_items(renamed).exists()
    assert next_reviewer(row) == "nobody"
    with pytest.raises(BadInput, match="already"):
        review_services.answer(renamed, row, "same")
    # another user who gets the old name is another reviewer
    second = replace(coordinator(), label=first.label)
    assert review_services.answer(second, row, "same").state == State.SAME


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
