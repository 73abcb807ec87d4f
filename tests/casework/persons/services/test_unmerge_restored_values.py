"""Undo of a merge: both records are restored exactly, and later changes are named and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.cases.models.case import Case, Share
from kerege.casework.cases.services.lifecycle import move
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.persons.models import MatchCandidate, PairDecision
from kerege.casework.persons.services import match_run, unmerge
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord, IdentityVersion, IndexEntry, Membership
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import newest, open_text
from kerege.core import audit
from kerege.core.authorization import Actor
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN, person
from tests.casework.persons.services.merge_acts import merge

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def state() -> dict[str, Any]:
    """Everything that undoing has to bring back."""
    records = IdentityRecord.objects.order_by("pk")
    names = ("status", "closure_reason", "ended_on", "closed_on", "gender", "sex", "age_band", "citizenships")
    return {
        "values": [newest(record) for record in records],
        "standing": [record.superseded_by_id for record in records],
        "index": sorted(map(bytes, IndexEntry.objects.values_list("token", flat=True))),
        "persons": sorted(Membership.objects.filter(to_at=None).values_list("record", "person")),
        "cases": list(Case.objects.order_by("pk").values_list("pk", "record", *names)),
        "consents": list(Consent.objects.order_by("pk").values_list("pk", "withdrawn_on", "withdrawn_by")),
        "shares": list(Share.objects.order_by("pk").values_list("pk", "categories", "from_at", "to_at")),
        "referrals": list(Referral.objects.order_by("pk").values_list("pk", "status", "consent")),
    }


# -- undoing -----------------------------------------------------------------------------------------------------------
def test_undoing_restores_both_exactly(worker: Actor, agreed: Callable[..., Any]) -> None:
    one, two, _third, _yes = agreed(2)
    before = state()
    done = merge(worker, one, two, goes_on=two, choices={"names": "right"})
    assert state() != before
    undone = unmerge.undo_merge(worker, done, "екі адам")
    assert (undone.fields, undone.cases, undone.still_one) == ((), (), False)
    assert state() == before
    assert Membership.objects.exclude(to_at=None).count() == 2  # what was is on record
    assert IdentityVersion.objects.filter(record=one.record_id).count() == 3


def test_what_was_changed_since_is_named_and_kept(worker: Actor, twice: Callable[..., Any]) -> None:
    one, two = twice()
    done = merge(worker, one, two)
    case = Case.objects.select_related("record").get(pk=one.pk)
    change_identity(worker, case, newest(case.record) | {"phones": ["+7701"]})  # type: ignore[arg-type]
    undone = unmerge.undo_merge(worker, done, "қате")
    assert undone.fields == ("phones",)
    assert newest(one.record) == SERIK
    from kerege.casework.persons.services.unmerge import version_values

    assert version_values(one.record, 3)["phones"] == ["+7701"]


def test_services_since_the_merge_stay_with_their_case(worker: Actor, twice: Callable[..., Any]) -> None:
    from kerege.casework.cases.services.assignment import add_note

    one, two = twice()
    done = merge(worker, one, two, goes_on=two)
    add_note(worker, Case.objects.get(pk=two.pk), "кейін")
    unmerge.undo_merge(worker, done, "қате")
    assert [open_text(note.text) for note in two.notes.all()] == ["кейін"]
    assert not one.notes.exists()


RULE = "ҚОҢЫРАУ ШАЛМАҢЫЗ: телефон күйеуінде"


def changed_since(worker: Actor, case: Any, **values: Any) -> None:
    """Change one of the records after the merge."""
    now = newest(IdentityRecord.objects.get(pk=case.record_id))
    change_identity(worker, Case.objects.select_related("record").get(pk=case.pk), cast(Identity, now | values))


@pytest.mark.parametrize(
    ("way", "kept", "other"),
    [(None, RULE, "B"), ("kept", RULE, "B"), ("other", "A", RULE), ("both", RULE, RULE), ("neither", "A", "B")],
)
def test_a_safe_contact_written_after_the_merge_goes_where_it_is_said_and_else_stays(
    worker: Actor, twice: Callable[..., Any], way: str | None, kept: str, other: str
) -> None:
    one, two = twice(one=SERIK | {"safe_contact": "A"}, two=SERIK_LATIN | {"safe_contact": "B"})
    done = merge(worker, one, two)
    assert newest(one.record)["safe_contact"] == "A\nB"  # no rule is dropped without an explicit choice
    changed_since(worker, one, safe_contact=RULE)
    undone = unmerge.undo_merge(worker, done, "қате", later={"safe_contact": way} if way else {})
    assert (newest(one.record)["safe_contact"], newest(two.record)["safe_contact"]) == (kept, other)
    assert undone.fields == (("safe_contact",) if way == "neither" else ())


def test_a_rule_written_after_two_merges_holds_after_each_is_undone(
    worker: Actor, twice: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    one, two = twice(one=SERIK | {"safe_contact": "A"})
    third = make_case(person=SERIK)
    first, second = merge(worker, one, two), merge(worker, one, third)
    changed_since(worker, one, safe_contact=RULE, contact_rules={"times": "18-19"})
    for done in (second, first):
        unmerge.undo_merge(worker, done, "қате")
        after = newest(one.record)
        assert (after["safe_contact"], after["contact_rules"]) == (RULE, {"times": "18-19"})


def test_of_a_list_changed_after_the_merge_each_record_keeps_its_own_entries(
    worker: Actor, twice: Callable[..., Any]
) -> None:
    one, two = twice(one=SERIK | {"phones": ["1"]}, two=SERIK_LATIN | {"phones": ["2"]})
    done = merge(worker, one, two)
    changed_since(worker, one, phones=["9", "2"])  # in place of the first
    unmerge.undo_merge(worker, done, "қате", later={"phones": "kept"})
    assert (newest(one.record)["phones"], newest(two.record)["phones"]) == (["9"], ["2"])


def test_what_is_given_to_the_other_record_is_found_and_counted_there(worker: Actor, twice: Callable[..., Any]) -> None:
    one, two = twice(two=SERIK_LATIN | {"phones": ["2"]})
    done = merge(worker, one, two)
    paper = {"kind": "passport", "number": "N7654321", "country": "KZ"}
    changed_since(worker, one, documents=[paper], gender="masculine")
    unmerge.undo_merge(worker, done, "қате", later={"documents": "other", "gender": "other"})
    assert "documents" not in newest(one.record)
    assert newest(two.record)["documents"] == [paper]
    assert newest(two.record)["phones"] == ["2"]
    with audit.act(worker, "test.find"):
        assert vault.find(worker, "N7654321") == [two.record_id]
    assert dict(Case.objects.values_list("pk", "gender")) == {one.pk: one.gender, two.pk: "masculine"}


def test_a_merge_that_was_changed_since_somebody_looked_is_looked_at_again(
    worker: Actor, twice: Callable[..., Any]
) -> None:
    one, two = twice()
    done = merge(worker, one, two)
    seen = merge_services.versions_of(one.record_id, two.record_id)
    changed_since(worker, one, safe_contact=RULE)
    with pytest.raises(BadInput, match="meanwhile"):
        unmerge.undo_merge(worker, done, "қате", later={"safe_contact": "neither"}, seen=seen)
    with pytest.raises(BadInput, match="not an answer"):
        unmerge.undo_merge(worker, done, "қате", later={"safe_contact": "nobody"})
    assert newest(one.record)["safe_contact"] == RULE


def test_a_duplicate_that_somebody_moved_on_is_named_and_left(worker: Actor, twice: Callable[..., Any]) -> None:
    one, two = twice()
    done = merge(worker, one, two)
    move(worker, Case.objects.get(pk=two.pk), "closed", timezone.localdate())
    undone = unmerge.undo_merge(worker, done, "қате")
    assert undone.cases == (two.reference,)
    assert Case.objects.get(pk=two.pk).status == "closed"


@pytest.mark.parametrize("keep_apart", [True, False])
def test_undoing_keeps_them_apart_unless_the_user_says_otherwise(
    worker: Actor, twice: Callable[..., Any], keep_apart: bool
) -> None:
    one, two = twice()
    unmerge.undo_merge(worker, merge(worker, one, two), "қате", keep_apart=keep_apart)
    match_run.rematch(MACHINE)
    assert person(one) != person(two)
    row = MatchCandidate.objects.get()
    assert row.state == (MatchCandidate.State.DIFFERENT if keep_apart else MatchCandidate.State.OPEN)
    running = list(PairDecision.objects.filter(ended_at=None).values_list("kind", flat=True))
    assert running == (["cannot"] if keep_apart else [])


def test_nothing_is_undone_twice_or_without_a_reason(worker: Actor, twice: Callable[..., Any]) -> None:
    done = merge(worker, *twice())
    with pytest.raises(BadInput, match="reason"):
        unmerge.undo_merge(worker, done, " ")
    unmerge.undo_merge(worker, done, "қате")
    with pytest.raises(BadInput, match="undone already"):
        unmerge.undo_merge(worker, done, "қате")


def test_a_merge_is_not_undone_while_a_case_is_at_another_agency(
    worker: Actor, twice: Callable[..., Any], make_agency: Any
) -> None:
    one, two = twice()
    done = merge(worker, one, two, goes_on=two)
    Case.objects.filter(pk=two.pk).update(agency=make_agency("third", "ngo"))
    with pytest.raises(BadInput, match="another agency"):
        unmerge.undo_merge(worker, done, "қате")


def test_a_chain_is_undone_from_its_end(
    worker: Actor, twice: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    one, two = twice()
    third = make_case(person=SERIK)
    before = state()
    first = merge(worker, one, two)
    second = merge(worker, third, one, goes_on=third)
    with pytest.raises(BadInput, match="undo that merge first"):
        unmerge.undo_merge(worker, first, "қате")
    unmerge.undo_merge(worker, second, "қате")
    assert person(one) == person(two) != person(third)
    unmerge.undo_merge(worker, first, "қате")
    assert state() == before


def test_of_two_merges_into_one_record_the_later_is_undone_first(
    worker: Actor, twice: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    one, two = twice(two=SERIK_LATIN | {"phones": ["2"]})
    third = make_case(person=SERIK | {"phones": ["3"]})
    before = state()
    first, second = merge(worker, one, two), merge(worker, one, third)
    with pytest.raises(BadInput, match="undo that merge first"):
        unmerge.undo_merge(worker, first, "қате")
    assert newest(one.record)["phones"] == ["2", "3"]
    unmerge.undo_merge(worker, second, "қате")
    unmerge.undo_merge(worker, first, "қате")
    assert state() == before
