"""Row-level security of pairs, answers, decisions and merges, without the rules in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kerege.casework.cases.models.case import Case
from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision, PairReview
from kerege.casework.persons.queries import pair_card, quality, review_queue
from kerege.casework.persons.services import match_run, review, unmerge
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.vault.models.identities import IdentityRecord, Membership
from kerege.core.authorization import Denied, session_scope
from kerege.core.row_security import policies
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN

pytestmark = [pytest.mark.django_db, pytest.mark.db]
MODELS = (MatchCandidate, PairReview, PairDecision, Merge)


@pytest.fixture
def pairs(make_agency: Any, make_case: Callable[..., Any], make_actor: Any) -> dict[str, Any]:
    """Return a concluded pair of the centre, and one between the centre and another agency."""
    for agency in (None, None, make_agency("ngo", "ngo")):
        make_case(agency, person=SERIK if agency is None else SERIK_LATIN)
    match_run.match_due(MACHINE)
    own = MatchCandidate.objects.exclude(agency=None).get()
    review.answer(make_actor("caseworker"), own, "same")
    return {"own": own, "between": list(MatchCandidate.objects.filter(agency=None))}


def counts(actor: Any) -> list[int]:
    """Return what plain queries without any rule show an actor."""
    with policies.acting(actor):
        return [model.objects.count() for model in MODELS]


def test_an_agency_reaches_its_own_pairs_and_none_between_agencies(
    pairs: Any, make_actor: Any, make_agency: Any, on_postgresql: None
) -> None:
    assert counts(make_actor("caseworker")) == [1, 1, 1, 1]
    assert counts(make_actor("caseworker", agency=make_agency("ngo"))) == [0, 0, 0, 0]
    with session_scope.closed():
        assert [model.objects.count() for model in MODELS] == [0, 0, 0, 0]


def test_the_coordinator_reads_the_tables_and_the_rules_limit_the_pairs(
    pairs: Any, coordinator: Any, on_postgresql: None
) -> None:
    actor = coordinator()
    assert counts(actor)[0] == 3
    with policies.acting(actor):
        assert set(review_queue.work_items(actor)) == set(pairs["between"])


def test_with_row_security_a_pair_is_read_answered_and_undone(pairs: Any, coordinator: Any) -> None:
    from kerege.core import audit

    actor, row = coordinator(), pairs["between"][0]
    with session_scope.closed():
        with audit.page(actor, "persons.review"):
            assert review_queue.work_items(actor).filter(pk=row.pk).exists()
            assert pair_card.get_pair_card(actor, row).lines
        row = review.answer(actor, row, "same", "себеп")
        assert row.state == "same"
        with audit.page(actor, "persons.review"):
            assert review_queue.explain_weights(actor, row, "kk")
            assert review_queue.reason_of(actor, review_queue.visible_answers(actor, row)[0]) == "себеп"
            merge = review_queue.undoable_links(actor).get()
        unmerge.undo_merge(actor, merge, "қате", keep_apart=False)


def test_with_row_security_a_passed_on_pair_is_answered(
    pair: Callable[..., Any], make_actor: Any, coordinator: Any
) -> None:
    from kerege.casework.persons.services.reviewer_assignment import next_reviewer
    from kerege.core import audit

    row, worker, hers = pair(two=SERIK_LATIN | {"gender": "masculine"}), make_actor("caseworker"), coordinator()
    with session_scope.closed():
        with audit.page(worker, "persons.review"):
            assert next_reviewer(row) == "colleague"
        review.answer(worker, row, "same", "себеп")
        with audit.page(worker, "persons.review"):
            assert next_reviewer(row) == "coordinator"
        with audit.page(hers, "persons.review"):
            assert list(review_queue.work_items(hers)) == [row]
            assert pair_card.get_pair_card(hers, row).lines
            assert quality.build_quality_board(hers).passed_on == 1
        assert review.answer(hers, row, "different", "басқа").state == "discuss"
        with audit.page(hers, "persons.review"):
            assert len(review_queue.visible_answers(hers, MatchCandidate.objects.get(pk=row.pk))) == 2
            assert next_reviewer(row) == "nobody"
            assert quality.build_quality_board(hers).for_nobody == 1


def test_with_row_security_a_coordinator_undoes_a_link_they_made(
    pair: Callable[..., Any], make_actor: Any, coordinator: Any, make_agency: Any
) -> None:
    """An agency with identifying officers alone has no reviewers.

    Its pairs and links go to the coordinator.
    """
    from kerege.core import audit

    row, officer, hers, colleague = pair(), make_actor("identifying_officer"), coordinator(), coordinator()
    with session_scope.closed():
        assert review.answer(hers, row, "same", "себеп").state == "same"
        for actor in (hers, colleague):
            with audit.page(actor, "persons.undo"):
                assert review_queue.undoable_links(actor).get().candidate_id == row.pk
        with audit.page(hers, "persons.undo"):
            tie = review_queue.undoable_links(hers).get()
        with pytest.raises(Denied):
            unmerge.undo_merge(officer, tie, "қате")
        unmerge.undo_merge(hers, tie, "қате")
    assert Membership.objects.filter(to_at=None).values("person").distinct().count() == 2


def test_the_coordinator_undoes_only_links_of_pairs_they_were_asked(
    twice: Callable[..., Any], make_actor: Any, coordinator: Any, make_case: Callable[..., Any]
) -> None:
    from tests.casework.conftest import identity

    twice(two=SERIK_LATIN | {"gender": "masculine"})
    for _ in range(2):
        make_case(person=identity("Оспанова", "Жанар", birth_date="1988-11-02"))
    match_run.match_due(MACHINE)
    risky, plain = sorted(MatchCandidate.objects.all(), key=lambda row: not row.risks)
    worker, hers, stranger = make_actor("caseworker"), coordinator(), coordinator()
    for row in (risky, plain):
        review.answer(worker, row, "same")
    review.answer(hers, risky, "same")  # nobody else is left at the agency
    assert [tie.candidate for tie in review_queue.undoable_links(hers)] == [risky]
    assert not review_queue.undoable_links(stranger).exists()
    assert review_queue.undoable_links(worker).count() == 2
    # merged into one record, it is the agency's alone
    records = IdentityRecord.objects.filter(pk__in=[risky.left_id, risky.right_id])
    done = merge_services.merge_records(
        worker,
        merge_services.MergeDraft(*records, choices={"gender": "left"}, goes_on=Case.objects.get(record=records[0])),
    )
    assert done not in review_queue.undoable_links(hers)
