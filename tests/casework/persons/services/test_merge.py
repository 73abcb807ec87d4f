"""Merge of two records of one agency: chosen values, the stricter consent, and who may merge."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.cases.models.case import Case, Share
from kerege.casework.cases.queries import access_history, candidates
from kerege.casework.cases.queries.cases import search
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.cases.services.shares import share
from kerege.casework.exchange.snapshots.victim_rows import victim_rows
from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.queries import side_by_side
from kerege.casework.persons.services import match_run, review
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import newest, reindex
from kerege.core import audit
from kerege.core.authorization import Actor, Denied
from tests.casework.conftest import identity
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN, person
from tests.casework.persons.services.merge_acts import DAY, merge

pytestmark = [pytest.mark.django_db, pytest.mark.db]


# -- what a merge does -------------------------------------------------------------------------------------------------
def test_the_surviving_record_has_the_chosen_values_in_a_new_version(worker: Actor, twice: Callable[..., Any]) -> None:
    one, two = twice(
        one=SERIK | {"phones": ["1"], "email": "a@x.kz"},
        two=SERIK_LATIN | {"phones": ["2"], "email": "b@x.kz", "birth_date": "1996-05"},
    )
    merge(worker, one, two, choices={"birth_date": "left", "email": "right", "phones": "both", "names": "left"})
    after = newest(one.record)
    assert (after["birth_date"], after["email"], after["phones"]) == ("1996-05-14", "b@x.kz", ["1", "2"])
    assert after["names"] == SERIK["names"]
    assert [v.number for v in one.record.versions.order_by("number")] == [1, 2]
    assert two.record.versions.count() == 1


def test_two_different_answers_have_to_be_chosen_from(worker: Actor, twice: Callable[..., Any]) -> None:
    one, two = twice(one=SERIK | {"email": "a@x.kz"}, two=SERIK_LATIN | {"email": "b@x.kz", "address": {"place": "x"}})
    with pytest.raises(BadInput) as fault:
        merge(worker, one, two)
    assert [f.column for f in fault.value.faults] == ["email"]
    assert not Merge.objects.exists()
    with pytest.raises(BadInput):
        merge(worker, one, two, choices={"email": "both"})


def test_a_merged_record_is_found_under_the_surviving_one_alone(worker: Actor, twice: Callable[..., Any]) -> None:
    one, two = twice(two=SERIK_LATIN | {"documents": [{"kind": "passport", "number": "N7654321"}]})
    merge(worker, one, two)
    with audit.act(worker, "test.find"):
        assert vault.find(worker, "Kanareykina") == [one.record_id]
        assert vault.find(worker, "N7654321") == [one.record_id]
        assert [card.record.pk for card in candidates.candidates(worker, SERIK)] == [one.record_id]
        assert {case.pk for case in search(worker, two.reference)} == {two.pk}
        # both cases are found, under the one record
        assert {case.pk for case in search(worker, "Kanareykina")} == {one.pk, two.pk}
    assert set(vault.with_document("N7654321")) == {one.record_id, two.record_id}
    reindex()
    with audit.act(worker, "test.find"):
        assert vault.find(worker, "Kanareykina") == [one.record_id]


def test_from_a_case_of_the_merged_record_the_surviving_one_is_read_and_changed(
    worker: Actor, twice: Callable[..., Any]
) -> None:
    one, two = twice()
    merge(worker, one, two, goes_on=two)
    case = Case.objects.select_related("record").get(pk=two.pk)
    with audit.act(worker, "test.read"):
        assert vault.read(worker, case.record) == newest(one.record)
    change_identity(worker, case, newest(one.record) | {"phones": ["7"]})  # type: ignore[arg-type]
    assert newest(one.record)["phones"] == ["7"]
    assert two.record.versions.count() == 1


def test_who_saw_the_merged_record_stands_in_the_history_of_either_case(
    worker: Actor, make_actor: Any, twice: Callable[..., Any]
) -> None:
    one, two = twice()
    before = make_actor("supervisor")
    with audit.page(before, "cases.view"):
        vault.read(before, two.record)
    merge(worker, one, two)
    after = make_actor("identifying_officer")
    with audit.page(after, "cases.view"):
        vault.read(after, IdentityRecord.objects.get(pk=two.record_id))
    for case in Case.objects.filter(pk__in=[one.pk, two.pk]):
        acts = {(line.role, line.act, line.times) for line in access_history.list_accesses(case)}
        # the surviving record is read together with the merged one, and they are one person
        assert {("supervisor", "opened", 1), ("identifying_officer", "opened", 1)} <= acts


def test_of_two_open_cases_the_chosen_one_goes_on(worker: Actor, twice: Callable[..., Any]) -> None:
    one, two = twice()
    with pytest.raises(BadInput, match="open case"):
        merge(worker, one, two, goes_on=None)
    merge(worker, one, two, goes_on=two)
    states = dict(Case.objects.values_list("pk", "status"))
    assert states == {one.pk: "ended", two.pk: "open"}
    assert Case.objects.get(pk=one.pk).closure_reason == "duplicate"
    assert Case.objects.get(pk=two.pk).record_id == two.record_id


def test_a_duplicate_is_no_person_of_its_own_in_a_snapshot(worker: Actor, twice: Callable[..., Any]) -> None:
    one, two = twice()
    assert len(victim_rows(timezone.localdate())) == 2
    merge(worker, one, two)
    [(counted, row)] = victim_rows(timezone.localdate())
    assert counted == person(one) == person(two)
    assert row["closure_reason"] != "duplicate"


def test_an_ended_duplicate_does_not_speak_for_the_person(worker: Actor, twice: Callable[..., Any]) -> None:
    one, two = twice()
    merge(worker, one, two, goes_on=two)
    [(_person, row)] = victim_rows(timezone.localdate())
    assert (row["case_status"], row["closure_reason"]) == ("open", "")


# -- who may, and what must not ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["identifying_officer", "coordinator", "analyst", "administrator", "auditor"])
def test_others_merge_nothing(role: str, twice: Callable[..., Any], make_actor: Any) -> None:
    one, two = twice()
    with pytest.raises(Denied):
        merge(make_actor(role), one, two)


def test_nobody_merges_records_of_another_agency(worker: Actor, twice: Callable[..., Any]) -> None:
    one, two = twice(elsewhere=True)
    with pytest.raises(Denied):
        merge(worker, one, two)
    share(Actor.system("tests"), two, one.agency, "legal", categories=["identity"])
    with pytest.raises(Denied):
        merge(worker, one, two)


def test_sisters_are_not_merged_on_one_answer(worker: Actor, twice: Callable[..., Any], make_actor: Any) -> None:
    one, two = twice(two=SERIK | {"names": identity(given="Айнұр")["names"]})
    with pytest.raises(BadInput, match="second colleague"):
        merge(worker, one, two)
    row = merge_services.ask_second(worker, one.record, two.record)
    assert row.state == MatchCandidate.State.OPEN
    with pytest.raises(BadInput, match="second colleague"):
        merge(worker, one, two)
    review.answer(make_actor("supervisor"), row, "same")
    assert merge(worker, one, two).undone_at is None


def test_what_reviewers_disagree_about_is_not_merged_by_one_worker(worker: Actor, twice: Callable[..., Any]) -> None:
    one, two = twice()
    match_run.match_due(MACHINE)
    MatchCandidate.objects.update(state=MatchCandidate.State.DISCUSS)
    with pytest.raises(BadInput):
        merge(worker, one, two)
    MatchCandidate.objects.update(state=MatchCandidate.State.OPEN)
    assert merge(worker, one, two).kind == Merge.Kind.MERGE


def test_what_somebody_kept_apart_is_not_merged(worker: Actor, twice: Callable[..., Any]) -> None:
    one, two = twice()
    match_run.match_due(MACHINE)
    review.answer(worker, MatchCandidate.objects.get(), "different")
    with pytest.raises(BadInput, match="two persons"):
        merge(worker, one, two)


def test_a_record_is_merged_once(worker: Actor, twice: Callable[..., Any], make_case: Callable[..., Any]) -> None:
    one, two = twice()
    third = make_case(person=SERIK)
    merge(worker, one, two)
    with pytest.raises(BadInput, match="merged already"):
        merge(worker, third, two)
    with pytest.raises(BadInput, match="the same record"):
        merge(worker, one, one)


@pytest.mark.parametrize("recipient", [True, False])
@pytest.mark.parametrize("kept", [0, 1])
def test_a_later_refusal_in_one_case_closes_what_rested_on_the_older_consent_in_the_other(
    worker: Actor, agreed: Callable[..., Any], recipient: bool, kept: int
) -> None:
    one, two, third, yes = agreed(2, recipient)
    pair = (one, two) if kept == 0 else (two, one)
    assert queries_stricter(worker, *pair) == 1
    merge(worker, *pair)
    yes.refresh_from_db()
    assert yes.withdrawn_on == DAY + timedelta(days=2)
    assert not Share.objects.filter(agency=third, to_at=None).exists()
    assert Referral.objects.get(consent=yes).status == "withdrawn"
    assert Referral.objects.get(consent=yes).steps.filter(kind="withdrawn").exists()  # both sides see it


def queries_stricter(actor: Actor, one: Any, two: Any) -> int:
    with audit.act(actor, "test.sides"):
        return side_by_side.compare_records(actor, one.record, two.record).stricter


@pytest.mark.parametrize(("days", "purpose"), [(-2, "sharing_with_agency"), (2, "media")], ids=["older", "other"])
def test_an_older_refusal_or_one_of_another_purpose_closes_nothing(
    worker: Actor, agreed: Callable[..., Any], days: int, purpose: str
) -> None:
    one, two, third, yes = agreed(days, purpose=purpose)
    merge(worker, one, two)
    yes.refresh_from_db()
    assert yes.withdrawn_on is None
    assert Share.objects.filter(agency=third, to_at=None).exists()
