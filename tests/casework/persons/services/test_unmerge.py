"""Changes after a merge: a refusal in one case, a handover, and agencies with a share of one record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.handovers import Handover
from kerege.casework.assistance.services import consents, handover_undo, handovers
from kerege.casework.cases.models.case import Case, Share
from kerege.casework.cases.queries import candidates
from kerege.casework.cases.queries.cases import search
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.cases.services.shares import share
from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision
from kerege.casework.persons.services import match_run, unmerge
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord, IndexEntry
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import newest, reindex
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, Denied
from tests.casework.persons.conftest import MACHINE, SERIK
from tests.casework.persons.services.merge_acts import DAY, merge
from tests.casework.persons.services.test_unmerge_restored_values import state

pytestmark = [pytest.mark.django_db, pytest.mark.db]
LATER = DAY + timedelta(days=5)


@pytest.fixture
def worker(make_actor: Any) -> Actor:
    return make_actor("caseworker")  # type: ignore[no-any-return]


def say(actor: Actor, case: Any, given: bool, recipient: Any = None, on: Any = DAY, **more: Any) -> Consent:
    """Record an entry in the consent ledger of a case."""
    row = Consent(case=case, **({"purpose": "sharing_with_agency"} | more), recipient=recipient, given=given, on=on)
    return consents.record_consent(actor, row)


def runs(consent: Consent) -> bool:
    consent.refresh_from_db()
    return consent.withdrawn_on is None


# -- a no that is said later -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", ["refusal", "withdrawal"])
def test_a_later_refusal_holds_in_every_case_of_the_merged_person(
    worker: Actor, operator: Actor, twice: Callable[..., Any], make_agency: Any, way: str
) -> None:
    one, two = twice()
    third = make_agency("third", "ngo")
    mine, theirs = (say(worker, case, True, third) for case in (one, two))
    media = say(worker, two, True, purpose="media")
    share(operator, two, third, "consent", theirs.pk, categories=["identity"])
    merge(worker, one, two, goes_on=two)
    assert runs(mine)
    assert runs(theirs)
    if way == "refusal":
        say(worker, one, False, third, LATER)
    else:
        assert consents.withdraw_consent(worker, mine, LATER) == 1
    assert not runs(theirs)
    assert theirs.withdrawn_on == LATER
    assert not Share.objects.filter(case=two, to_at=None).exists()
    assert runs(media)
    # a still later consent prevails
    again = say(worker, two, True, third, LATER + timedelta(days=1))
    say(worker, one, False, third, LATER)
    assert runs(again)


def test_a_refusal_for_one_agency_does_not_reach_another(
    worker: Actor, twice: Callable[..., Any], make_agency: Any
) -> None:
    one, two = twice()
    third, fourth = make_agency("third", "ngo"), make_agency("fourth", "ngo")
    merge(worker, one, two)
    everybody, another = say(worker, two, True), say(worker, one, True, fourth)
    say(worker, one, False, third, LATER)
    assert not runs(everybody)
    assert runs(another)


def test_a_refusal_reaches_neither_another_person_nor_another_agency(
    worker: Actor, operator: Actor, twice: Callable[..., Any], make_case: Any, make_agency: Any
) -> None:
    one, two = twice()
    apart, elsewhere = make_case(person=SERIK), make_case(make_agency("ngo", "ngo"), person=SERIK)
    yes = [say(operator, case, True) for case in (apart, elsewhere)]
    merge(worker, one, two)
    say(worker, one, False, None, LATER)
    assert all(map(runs, yes))


def test_undoing_does_not_bring_back_what_was_refused_meanwhile(
    worker: Actor, twice: Callable[..., Any], make_agency: Any
) -> None:
    one, two = twice()
    third = make_agency("third", "ngo")
    closed = say(worker, two, True, third)  # by the merge
    later = say(worker, two, True, make_agency("fourth", "ngo"))  # by a no after the merge
    untouched = say(worker, two, True, third, purpose="media")
    say(worker, one, False, third, LATER)
    say(worker, one, False, third, LATER, purpose="media")
    done = merge(worker, one, two, goes_on=two)
    assert not runs(closed)
    assert runs(later)
    assert not runs(untouched)
    say(worker, one, False, None, LATER + timedelta(days=1))
    assert not runs(later)
    undone = unmerge.undo_merge(worker, done, "қате")
    assert not runs(closed)
    assert not runs(later)
    assert runs(untouched)
    assert (undone.cases, undone.consents) == ((), (two.reference,))


def test_an_undo_names_every_case_with_a_consent_that_the_other_record_withdrew(
    worker: Actor, twice: Callable[..., Any], make_agency: Any, make_case: Any
) -> None:
    one, two = twice()
    third, other = make_agency("third", "ngo"), make_case(person=SERIK)
    done = merge(worker, one, two, goes_on=two)
    yes = [say(worker, case, True, third) for case in (one, two)]
    unrelated = [say(worker, case, True, third, purpose="media") for case in (one, two)]
    own = say(worker, one, True, third, purpose="research")
    elsewhere = say(worker, other, True, third)
    say(worker, two, False, third, LATER)  # stays in two; withdraws the consent in one
    consents.withdraw_consent(worker, own, LATER)  # there is no such consent in two
    assert [runs(row) for row in (*yes, *unrelated, own, elsewhere)] == [False, True, True, True, False, True]
    undone = unmerge.undo_merge(worker, done, "қате")
    assert undone.consents == (one.reference,)
    assert [runs(row) for row in (*yes, *unrelated, own, elsewhere)] == [False, True, True, True, False, True]


def test_a_chain_is_one_person_for_consents_and_cases(
    worker: Actor, twice: Callable[..., Any], make_case: Any, make_agency: Any
) -> None:
    one, two = twice()
    three, third = make_case(person=SERIK), make_agency("third", "ngo")
    say(worker, two, False, third, LATER)
    yes = say(worker, three, True, third)
    merge(worker, one, two, goes_on=two)
    before = state()
    # the open case hangs on the record that was merged before
    with pytest.raises(BadInput, match="open case"):
        merge(worker, one, three, goes_on=None)
    last = merge(worker, one, three, goes_on=three)
    assert not runs(yes)
    assert Case.objects.get(pk=two.pk).closure_reason == "duplicate"
    unmerge.undo_merge(worker, last, "қате")
    assert runs(yes)
    assert state() == before


def test_a_changed_identity_recodes_every_case_of_the_merged_person(
    worker: Actor, twice: Callable[..., Any], make_case: Any
) -> None:
    one, two = twice()
    other = make_case(person=SERIK)
    merge(worker, one, two, goes_on=two)
    versions = {case.pk: Case.objects.get(pk=case.pk).version for case in (one, two, other)}

    def change(case: Any, values: Identity) -> None:
        row = Case.objects.get(pk=case.pk)
        change_identity(worker, row, newest(row.record) | values)

    for case, gender in ((one, "masculine"), (two, "feminine")):
        change(case, {"gender": gender, "citizenships": ["KG"]})
        rows = Case.objects.filter(pk__in=[one.pk, two.pk])
        assert {(row.gender, tuple(row.citizenships)) for row in rows} == {(gender, ("KG",))}
    assert Case.objects.get(pk=other.pk).version == versions[other.pk]
    # a telephone changes no coded attribute: the form of the other case stays valid
    version = Case.objects.get(pk=two.pk).version
    change(one, {"phones": ["+7 1"]})
    assert Case.objects.get(pk=two.pk).version == version


# -- handing over ------------------------------------------------------------------------------------------------------
@pytest.fixture
def handed(
    worker: Actor, make_actor: Any, make_agency: Any, twice: Callable[..., Any]
) -> Callable[..., tuple[Any, Any, Merge, Handover, Actor]]:
    """Return a function that merges two records and hands the continued case over."""

    def make() -> tuple[Any, Any, Merge, Handover, Actor]:
        one, two = twice()
        done, other = merge(worker, one, two, goes_on=two), make_agency("ngo", "ngo")
        say(worker, two, True, other, timezone.localdate(), purpose="handover")
        sender = make_actor("supervisor", agency=one.agency)
        receiver = make_actor("supervisor", agency=other)
        handover = handovers.offer(sender, [Case.objects.get(pk=two.pk)], other).handovers.get()
        return one, two, done, handovers.accept(receiver, handover), receiver

    return make


def owners() -> set[Any]:
    rows: list[Any] = [Case, IdentityRecord, MatchCandidate, PairDecision, Merge]
    return {agency for model in rows for agency in model.objects.values_list("agency", flat=True)}


def test_a_merged_person_is_handed_over_whole(worker: Actor, handed: Callable[..., Any]) -> None:
    one, two, done, handover, receiver = handed()
    assert owners() == {handover.to_agency_id}
    for case in (one, two):
        assert authorization.allows(receiver, "cases.view", case)
        assert not authorization.allows(worker, "cases.view", Case.objects.get(pk=case.pk))
    done.refresh_from_db()
    with pytest.raises(Denied):
        unmerge.undo_merge(worker, done, "қате")
    assert unmerge.undo_merge(receiver, done, "екі адам").cases == ()
    assert set(IdentityRecord.objects.values_list("superseded_by", flat=True)) == {None}


def test_taking_a_handover_back_brings_the_whole_person_back(worker: Actor, handed: Callable[..., Any]) -> None:
    one, _two, done, handover, receiver = handed()
    handover_undo.undo(receiver, handover)
    assert owners() == {one.agency_id}
    done.refresh_from_db()
    unmerge.undo_merge(worker, done, "қате")


def test_a_file_that_was_merged_with_one_of_the_receivers_is_taken_apart_first(
    handed: Callable[..., Any], make_case: Any
) -> None:
    one, two, _done, handover, receiver = handed()
    hers = make_case(handover.to_agency, person=SERIK)
    for case in (one, two):
        case.refresh_from_db()
    further = merge(receiver, hers, one, goes_on=hers)
    with pytest.raises(BadInput, match="merged into a further one"):
        handover_undo.undo(receiver, handover)
    unmerge.undo_merge(receiver, further, "қате")
    handover_undo.undo(receiver, handover)
    assert IdentityRecord.objects.get(pk=hers.record_id).agency_id == handover.to_agency_id
    assert IdentityRecord.objects.get(pk=two.record_id).agency_id == handover.from_agency_id
    # what lies between the two agencies now is nobody's own
    assert set(PairDecision.objects.filter(ended_at=None, kind="cannot").values_list("agency", flat=True)) == {None}


# -- shared with another agency ----------------------------------------------------------------------------------------
def test_an_agency_finds_what_is_shared_with_it_after_a_merge(
    operator: Actor, worker: Actor, make_actor: Any, twice: Callable[..., Any], make_agency: Any
) -> None:
    paper = {"documents": [{"kind": "passport", "number": "N7654321"}]}
    one, two = twice(
        two={"names": [{"kind": "main", "family": "Оспанова", "given": "Айгүл"}], "birth_date": "1996-05-14"} | paper
    )
    third = make_agency("third", "ngo")
    share(operator, two, third, "legal", categories=["identity"])
    hers = make_actor("caseworker", agency=third)
    merge_services.ask_second(worker, one.record, two.record)
    merge(worker, one, two, choices={"names": "left", "documents": "left"})
    for _ in range(2):
        with audit.act(hers, "test.find"):
            assert vault.find(hers, "Ospanova") == [two.record_id]
            assert vault.find(hers, "N7654321") == [two.record_id]
            assert [case.pk for case in search(hers, "Оспанова")] == [two.pk]
            # nor by values of the other record
            assert vault.find(hers, "Канарейкина") == []
            identity = {"names": [{"kind": "main", "family": "Оспанова", "given": "Айгүл"}], "birth_date": "1996-05-14"}
            assert [card.record.pk for card in candidates.candidates(hers, identity | paper)] == [two.record_id]  # type: ignore[arg-type]
        with audit.act(worker, "test.find"):
            assert vault.find(worker, "Оспанова") == []
            assert vault.find(worker, "Канарейкина") == [one.record_id]
        with audit.act(operator, "test.find"):
            assert vault.find(operator, "Оспанова") == []
        reindex()
    match_run.rematch(MACHINE)
    assert MatchCandidate.objects.count() == 1
    assert IndexEntry.objects.filter(record=two.record_id).exists()
