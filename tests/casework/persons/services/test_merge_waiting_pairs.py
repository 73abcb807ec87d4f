"""Pairs that wait while records are merged or parted, and erasure after merges."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision
from kerege.casework.persons.queries import review_queue
from kerege.casework.persons.services import match_run, review, unmerge
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import Membership, SealedText
from kerege.casework.vault.services import erasure
from kerege.casework.vault.services.identities import newest, open_text
from kerege.core.authorization import Actor, Denied
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN, person
from tests.casework.persons.services.merge_acts import merge

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def test_what_waits_for_the_machine_and_is_merged_meanwhile_is_no_pair_of_its_own(
    worker: Actor, twice: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    one, two = twice()
    make_case(person=SERIK)
    done = merge(worker, one, two)
    match_run.match_due(MACHINE)
    pairs = MatchCandidate.objects.exclude(pk=done.candidate_id)
    assert pairs.count() == 1
    assert two.record_id not in {pk for pair in pairs for pk in (pair.left_id, pair.right_id)}


def test_nobody_is_asked_about_a_record_that_was_merged_until_that_is_undone(
    worker: Actor, twice: Callable[..., Any], make_case: Callable[..., Any], make_actor: Any
) -> None:
    one, two = twice()
    make_case(person=SERIK)
    match_run.match_due(MACHINE)
    reviewer = make_actor("supervisor")
    before = set(review_queue.work_items(reviewer).values_list("left", "right"))
    assert any(two.record_id in pair for pair in before)
    done = merge(worker, one, two)
    assert not any(two.record_id in pair for pair in review_queue.work_items(reviewer).values_list("left", "right"))
    unmerge.undo_merge(worker, done, "екі адам")
    assert any(two.record_id in pair for pair in review_queue.work_items(reviewer).values_list("left", "right"))


def test_undoing_a_link_moves_the_records_linked_to_it(
    operator: Actor, make_case: Callable[..., Any], make_agency: Any
) -> None:
    one, two, three = (make_case(make_agency(code, "ngo"), person=SERIK) for code in ("a", "b", "c"))
    match_run.match_due(MACHINE)

    def link(left: Any, right: Any) -> Merge:
        from kerege.casework.persons.services.person_links import ordered_pair

        first, second = ordered_pair(left.record_id, right.record_id)
        row = MatchCandidate.objects.get(left=first, right=second)
        review.answer(operator, row, "same")
        return Merge.objects.get(candidate=row)

    home = person(two), person(three)
    first = link(one, two)
    link(two, three)
    assert person(one) == person(two) == person(three)
    unmerge.undo_merge(operator, first, "қате")
    assert person(two) == person(three) != person(one)
    assert person(two) in {*home, person(two)}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_only_a_third_record_holds_together_is_asked_again_when_that_one_leaves(
    operator: Actor, make_case: Callable[..., Any], make_agency: Any, order: tuple[int, ...]
) -> None:
    """In every order of the three links of three records, only the links in force hold."""
    one, two, third = (make_case(make_agency(code, "ngo"), person=SERIK) for code in ("a", "b", "c"))
    match_run.match_due(MACHINE)
    pairs = [(one, two), (two, third), (one, third)]
    ties: dict[int, Merge] = {}
    for number in order:
        left, right = sorted(case.record_id for case in pairs[number])
        row = review.answer(operator, MatchCandidate.objects.get(left=left, right=right), "same")
        ties[number] = Merge.objects.get(candidate=row)
    assert unmerge.undo_merge(operator, ties[0], "белгісіз", keep_apart=False).still_one
    assert person(one) == person(two) == person(third)
    assert not unmerge.undo_merge(operator, ties[1], "белгісіз", keep_apart=False).still_one
    assert person(one) == person(third) != person(two)
    row = MatchCandidate.objects.get(pk=ties[0].candidate_id)
    assert row.state == MatchCandidate.State.OPEN
    assert not PairDecision.objects.filter(left=row.left_id, right=row.right_id, ended_at=None).exists()


def test_another_agency_and_another_role_undo_nothing(
    worker: Actor, twice: Callable[..., Any], make_actor: Any, make_agency: Any, coordinator: Any
) -> None:
    done = merge(worker, *twice())
    stranger = make_actor("supervisor", agency=make_agency("third", "ngo"))
    for actor in (stranger, coordinator(), make_actor("identifying_officer")):
        with pytest.raises(Denied):
            unmerge.undo_merge(actor, done, "қате")
        assert not review_queue.undoable_links(actor).exists()
    assert list(review_queue.undoable_links(worker)) == [done]


def test_a_coordinator_undoes_a_link_between_agencies(pair: Callable[..., Any], coordinator: Any) -> None:
    row, actor = pair(elsewhere=True), coordinator()
    before = sorted(Membership.objects.filter(to_at=None).values_list("record", "person"))
    review.answer(actor, row, "same")
    unmerge.undo_merge(actor, review_queue.undoable_links(actor).get(), "қате")
    assert sorted(Membership.objects.filter(to_at=None).values_list("record", "person")) == before
    assert PairDecision.objects.get(ended_at=None).kind == "cannot"


# -- the journal and erasure -------------------------------------------------------------------------------------------
def test_the_journal_is_encrypted_and_holds_no_value(worker: Actor, twice: Callable[..., Any]) -> None:
    done = merge(worker, *twice())
    journal = open_text(done.journal)
    assert done.journal is not None
    assert bytes(done.journal.ciphertext).find(b"kept_version") < 0
    assert "Канарейкина" not in repr(journal)
    assert done.journal.data_key_id == done.kept.data_key_id


def test_erasing_a_person_removes_their_pairs_and_journals(
    operator: Actor, worker: Actor, twice: Callable[..., Any]
) -> None:
    from kerege.casework.vault.models.identities import Person

    one, two = twice()
    merge(worker, one, two, reason="бір адам")
    texts = SealedText.objects.count()
    assert texts
    erasure.erase(operator, Person.objects.get(pk=person(one)))
    assert not MatchCandidate.objects.exists()
    assert not Merge.objects.exists()
    assert not PairDecision.objects.exists()
    assert not SealedText.objects.exclude(ciphertext=b"").exists()


def test_after_an_undone_merge_an_erasure_clears_the_other_record(
    operator: Actor, worker: Actor, twice: Callable[..., Any]
) -> None:
    from kerege.casework.vault.models.identities import Person

    one, two = twice()
    unmerge.undo_merge(worker, merge(worker, one, two), "қате")
    erasure.erase(operator, Person.objects.get(pk=person(two)))
    left = {v.number: bytes(v.ciphertext) for v in one.record.versions.all()}
    assert left[2] == b""  # this version held the values of both persons
    assert left[1]
    assert newest(one.record) == SERIK
    assert not SealedText.objects.filter(data_key=one.record.data_key).exists()


def test_an_erasure_clears_records_of_later_merges(
    operator: Actor, worker: Actor, twice: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    """The values came into the second record by one merge, and with it into the first by another."""
    from kerege.casework.persons.services.unmerge import version_values
    from kerege.casework.vault.models.identities import Person

    one, two = twice()
    her = make_case(person=SERIK | {"phones": ["+77013333333"]})
    inner = merge(worker, two, her, goes_on=two)
    outer = merge(worker, one, two)
    assert "+77013333333" in newest(one.record)["phones"]
    unmerge.undo_merge(worker, outer, "қате")
    unmerge.undo_merge(worker, inner, "қате")
    erasure.erase(operator, Person.objects.get(pk=person(her)))
    for case in (one, two):
        left = [row.number for row in case.record.versions.exclude(ciphertext=b"")]
        assert not any("phones" in version_values(case.record, number) for number in left)
        assert newest(case.record) in (SERIK, SERIK_LATIN)


def test_an_identity_holds_what_was_verified(worker: Actor, twice: Callable[..., Any]) -> None:
    paper = {"kind": "passport", "number": "N7654321", "country": "KZ"}
    one, two = twice(one=SERIK | {"documents": [paper]}, two=SERIK_LATIN | {"documents": [paper | {"verified": True}]})
    merge(worker, one, two)
    after: Identity = newest(one.record)
    assert after["documents"] == [paper | {"verified": True}]
