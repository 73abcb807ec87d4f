"""Merge of two records of one agency: chosen values, the stricter consent, and the undo of both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import permutations
from typing import Any, cast

import pytest
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services.consents import record_consent
from kerege.casework.assistance.services.referrals import ReferralDraft, refer
from kerege.casework.cases.models.case import Case, Share
from kerege.casework.cases.queries import access_history, candidates
from kerege.casework.cases.queries.cases import search
from kerege.casework.cases.services.lifecycle import move
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.cases.services.shares import share
from kerege.casework.exchange.snapshots.victim_rows import victim_rows
from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision
from kerege.casework.persons.queries import review_queue, side_by_side
from kerege.casework.persons.services import match_run, review, unmerge
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord, IdentityVersion, IndexEntry, Membership, SealedText
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services import erasure
from kerege.casework.vault.services.identities import newest, open_text, reindex
from kerege.core import audit
from kerege.core.authorization import Actor, Denied
from tests.casework.conftest import identity
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN, person

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DAY = date(2025, 4, 1)


@pytest.fixture
def worker(make_actor: Any) -> Actor:
    return make_actor("caseworker")  # type: ignore[no-any-return]


def merge(actor: Actor, one: Any, two: Any, **more: Any) -> Merge:
    draft = merge_services.MergeDraft(
        IdentityRecord.objects.get(pk=one.record_id),
        IdentityRecord.objects.get(pk=two.record_id),
        **({"goes_on": one} | more),
    )
    return merge_services.merge_records(actor, draft)


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
    with pytest.raises(BadInput, match="one record"):
        merge(worker, one, one)


# -- consents: the stricter word ---------------------------------------------------------------------------------------
@pytest.fixture
def agreed(operator: Actor, twice: Callable[..., Any], make_agency: Any) -> Callable[..., tuple[Any, Any, Any, Any]]:
    """Return a function that records consent in one case, with a share and a referral based on it.

    The person refuses in the other case, some days apart.
    """

    def make(days: int, recipient: bool = True, purpose: str = "sharing_with_agency") -> tuple[Any, Any, Any, Any]:
        one, two = twice()
        third = make_agency("third", "ngo")
        yes = Consent(case=one, purpose="sharing_with_agency", recipient=third, given=True, on=DAY)
        record_consent(operator, yes)
        share(operator, one, third, "consent", yes.pk, categories=["identity"])
        refer(operator, ReferralDraft(one, third, ["shelter"], DAY, consent=yes))
        no = Consent(
            case=two,
            purpose=purpose,
            recipient=third if recipient else None,
            given=False,
            on=DAY + timedelta(days=days),
        )
        record_consent(operator, no)
        return one, two, third, yes

    return make


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
    with pytest.raises(BadInput, match="no answer"):
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
