"""Handing a caseload over: only the consented move, whole, once, and back again within the window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.handovers import Handover, OwnerChange
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services import consents, handover_undo, handovers, provision, referrals
from kerege.casework.cases.models.case import Case, Event, Note, Share, Task
from kerege.casework.cases.queries import cases as cases_queries
from kerege.casework.cases.services import assignment, registration, tasks
from kerege.casework.exchange.snapshots.victim_rows import victim_rows
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core import authorization
from kerege.core.authorization import Denied

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DAY = date(2025, 3, 10)


class Two:
    """The sender with its supervisor, and the receiver with hers."""

    def __init__(self, make_agency: Any, make_actor: Any, make_case: Any) -> None:
        self.iom, self.centre = make_agency("iom", "international_organisation"), make_agency("centre")
        self.sender = make_actor("supervisor", agency=self.iom)
        self.receiver = make_actor("supervisor", agency=self.centre)
        self.make_case = make_case

    def case(self, answer: str = "", **more: Any) -> Case:
        """A case of the sender's; `answer` is what the person said to the handover."""
        case: Case = self.make_case(self.iom)
        if answer:
            self.answers(case, answer, **more)
        return case

    def answers(self, case: Case, answer: str, recipient: Any = None, **more: Any) -> Consent:
        told = {"purpose": "handover", "recipient": recipient or self.centre, "on": DAY, "categories": []} | more
        return consents.record_consent(self.sender, Consent(case=case, given=answer == "yes", **told))

    def handed(self, **more: Any) -> tuple[Case, Handover]:
        """A case that the receiver has taken over."""
        case = self.case("yes", **more)
        handover = handovers.offer(self.sender, [case], self.centre).handovers.get()
        handovers.accept(self.receiver, handover)
        case.refresh_from_db()
        handover.refresh_from_db()
        return case, handover


@pytest.fixture
def two(make_agency: Callable[..., Any], make_actor: Any, make_case: Any) -> Two:
    return Two(make_agency, make_actor, make_case)


def test_only_the_consented_are_offered_and_everybody_else_stays_with_a_next_step(two: Two, make_agency: Any) -> None:
    yes, no, silent = two.case("yes"), two.case("no"), two.case()
    changed, ran_out = two.case("yes"), two.case("yes", until=DAY)
    two.answers(changed, "no", on=DAY + timedelta(days=1))
    elsewhere = two.case("yes", recipient=make_agency("third"))
    sharing = two.case("yes", purpose="sharing_with_agency")
    closed = two.case("yes")
    Case.objects.filter(pk=closed.pk).update(status="closed", closed_on=DAY)
    everybody = list(Case.objects.filter(agency=two.iom).select_related("agency"))
    result = handovers.sort_caseload(everybody, two.centre)
    groups = {name: {case.pk for case in found} for name, found in result.groups.items()}
    assert groups == {
        "consented": {yes.pk},
        "against": {no.pk, changed.pk},
        "unreachable": {silent.pk, ran_out.pk, elsewhere.pk, sharing.pk},
        "closed": {closed.pk},
    }
    offer = handovers.offer(two.sender, everybody, two.centre)
    assert [row.case_id for row in offer.handovers.all()] == [yes.pk]
    steps = dict(Task.objects.filter(agency=two.iom).values_list("case", "kind"))
    assert steps == {
        **dict.fromkeys(groups["against"], "agree_stay"),
        **dict.fromkeys(groups["unreachable"], "ask_handover"),
    }


def test_a_withdrawn_consent_counts_as_a_refusal(two: Two) -> None:
    case = two.case("yes")
    consents.withdraw_consent(two.sender, case.consents.get(), timezone.localdate())
    assert handovers.sort_caseload([case], two.centre).groups["against"] == [case]


def test_nothing_moves_before_the_receiver_accepts(two: Two) -> None:
    case = two.case("yes")
    handovers.offer(two.sender, [case], two.centre)
    case.refresh_from_db()
    assert case.agency == two.iom
    assert not authorization.allows(two.receiver, "cases.view", case)


def test_the_file_moves_whole_and_the_old_owner_loses_access_at_once(two: Two, make_user: Any) -> None:
    case = two.case("yes")
    worker = make_user("caseworker", agency=two.iom)
    assignment.assign(two.sender, case, worker)
    tasks.add_tasks(two.sender, [Task(agency=two.iom, case=case, kind="follow_up", due_on=DAY, assignee=worker)])
    provision.add_services(
        two.sender, [Service(case=case, kind="shelter", provider=two.iom, payer="iom", started_on=DAY)]
    )
    handover = handovers.offer(two.sender, [case], two.centre).handovers.get()
    handovers.accept(two.receiver, handover)
    case.refresh_from_db()
    assert (case.agency, case.caseworker, case.registered_by_agency) == (two.centre, None, two.iom)
    assert not authorization.allows(two.sender, "cases.view", case)
    assert not authorization.allows(two.sender, "vault.read", case.record)
    assert authorization.allows(two.receiver, "vault.change", IdentityRecord.objects.get(pk=case.record_id))
    assert set(case.tasks.filter(done_at=None).values_list("agency", "assignee", "kind")) == {
        (two.centre.pk, None, "follow_up"),
        (two.centre.pk, None, "take_over"),
    }
    assert list(case.services.values_list("provider", "payer")) == [(two.iom.pk, "iom")]
    assert [e.detail["status"] for e in case.events.filter(kind="handover").order_by("at")] == ["offered", "accepted"]


def test_a_consent_keeps_a_share_for_the_old_owner(two: Two) -> None:
    case = two.case("yes")
    two.answers(case, "yes", recipient=two.iom, purpose="sharing_with_agency", categories=["identity", "needs"])
    handovers.accept(two.receiver, handovers.offer(two.sender, [case], two.centre).handovers.get())
    case.refresh_from_db()
    assert authorization.allows(two.sender, "cases.view", case)
    assert not authorization.allows(two.sender, "cases.change", case)
    assert list(case.shares.values_list("agency", "categories")) == [(two.iom.pk, ["identity", "needs"])]


def test_the_receivers_share_ends_because_it_owns_now_and_referrals_follow(two: Two, make_agency: Any) -> None:
    case, third = two.case("yes"), make_agency("health", "health")
    draft = {"services": ["medical_care"], "due_on": timezone.localdate() + timedelta(days=3), "categories": ["needs"]}
    for agency in (two.centre, third):
        referrals.refer(
            two.sender, referrals.ReferralDraft(case=case, to_agency=agency, legal_basis="order-844-406", **draft)
        )
    handovers.accept(two.receiver, handovers.offer(two.sender, [case], two.centre).handovers.get())
    running = Share.objects.filter(case=case, to_at=None)
    assert [share.agency for share in running] == [third]
    assert Referral.objects.get(to_agency=third).from_agency == two.centre
    assert Referral.objects.get(to_agency=two.centre).status == "withdrawn"


def test_notes_stay_unread_where_the_person_kept_them_back(two: Two) -> None:
    case = two.case("yes", categories=["identity", "contact"])
    assignment.add_note(two.sender, case, "for our eyes")
    handovers.accept(two.receiver, handovers.offer(two.sender, [case], two.centre).handovers.get())
    case.refresh_from_db()
    assignment.add_note(two.receiver, case, "the centre's own")
    assert [note.agency for note in cases_queries.notes(two.receiver, case)] == [two.centre]


def test_notes_come_along_where_she_agreed(two: Two) -> None:
    case = two.case("yes", categories=["identity", "notes"])
    assignment.add_note(two.sender, case, "for whoever helps her")
    handovers.accept(two.receiver, handovers.offer(two.sender, [case], two.centre).handovers.get())
    case.refresh_from_db()
    assert cases_queries.notes(two.receiver, case).count() == 1


def test_a_closed_case_on_the_same_record_goes_along_with_the_running_one(two: Two) -> None:
    from kerege.casework.cases.services.inputs import Registration

    case = two.case("yes")
    again = registration.register(two.sender, Registration(two.iom, {}, DAY, record=case.record))
    Case.objects.filter(pk=again.pk).update(status="closed", closed_on=DAY)
    handovers.accept(two.receiver, handovers.offer(two.sender, [case], two.centre).handovers.get())
    assert set(Case.objects.values_list("agency", flat=True)) == {two.centre.pk}
    assert IdentityRecord.objects.get(pk=case.record_id).agency == two.centre


def test_nobody_is_counted_twice_or_lost_and_only_the_agency_changes(two: Two) -> None:
    case = two.case("yes")
    provision.add_services(
        two.sender, [Service(case=case, kind="shelter", provider=two.iom, payer="iom", started_on=DAY)]
    )
    two.case("no")
    today = timezone.localdate()
    before = victim_rows(today)
    handovers.accept(two.receiver, handovers.offer(two.sender, [case], two.centre).handovers.get())
    after = victim_rows(today)
    assert [person for person, _ in before] == [person for person, _ in after]
    changed = [
        {name for name in old if old[name] != new[name]} for (_, old), (_, new) in zip(before, after, strict=True)
    ]
    assert sorted(map(sorted, changed)) == [[], ["agency_kind"]]


def rows_of(case: Case) -> dict[str, Any]:
    """Everything that hangs on a case, except what a handover leaves as its trace."""
    skip = {"handovers", "owner_changes", "events"}
    found: dict[str, Any] = {"case": Case.objects.filter(pk=case.pk).values().get() | {"version": None}}
    found["record"] = IdentityRecord.objects.filter(pk=case.record_id).values().get()
    for relation in Case._meta.related_objects:
        name = relation.get_accessor_name()
        if name and name not in skip:
            manager = relation.related_model._base_manager.filter(**{relation.field.name: case})
            found[name] = sorted(map(str, manager.values()))
    return found


def test_an_undo_within_the_window_puts_back_every_row(two: Two, make_agency: Any, make_user: Any) -> None:
    case, third = two.case("yes", categories=["identity"]), make_agency("health", "health")
    worker = make_user("caseworker", agency=two.iom)
    assignment.assign(two.sender, case, worker)
    tasks.add_tasks(two.sender, [Task(agency=two.iom, case=case, kind="follow_up", due_on=DAY, assignee=worker)])
    assignment.add_note(two.sender, case, "a note")
    draft = {"services": ["medical_care"], "due_on": timezone.localdate() + timedelta(days=3), "categories": ["needs"]}
    for agency in (two.centre, third):
        referrals.refer(
            two.sender, referrals.ReferralDraft(case=case, to_agency=agency, legal_basis="order-844-406", **draft)
        )
    case.refresh_from_db()
    before = rows_of(case)
    handover = handovers.offer(two.sender, [case], two.centre).handovers.get()
    handovers.accept(two.receiver, handover)
    assert rows_of(case) != before
    handover = handover_undo.undo(two.sender, handover)
    assert rows_of(case) == before
    assert (handover.status, handover.kept) == ("undone", {})


def test_every_change_of_owner_is_kept_and_the_way_back_too(two: Two) -> None:
    case, handover = two.handed()
    other, taken_back = two.handed()
    handover_undo.undo(two.receiver, taken_back)
    there, back = (two.sender.agency_id, two.receiver.agency_id), (two.receiver.agency_id, two.sender.agency_id)
    rows = OwnerChange.objects.values_list("case", "handover", "from_agency", "to_agency").order_by("at")
    assert list(rows) == [
        (case.pk, handover.pk, *there),
        (other.pk, taken_back.pk, *there),
        (other.pk, taken_back.pk, *back),
    ]


def test_what_the_receiver_wrote_meanwhile_stays_with_it_and_is_listed(two: Two) -> None:
    case, handover = two.handed()
    assignment.add_note(two.receiver, case, "written by the centre")
    provision.add_services(
        two.receiver, [Service(case=case, kind="legal_aid", provider=two.centre, payer="state", started_on=DAY)]
    )
    handover = handover_undo.undo(two.receiver, handover)
    assert handover.kept == {"note": 1, "service": 1}
    case.refresh_from_db()
    assert [note.agency for note in cases_queries.notes(two.sender, case)] == []
    assert authorization.allows(two.receiver, "cases.view", case)
    assert [note.agency for note in cases_queries.notes(two.receiver, case)] == [two.centre]
    assert case.services.count() == 1


def test_no_undo_after_the_window(two: Two) -> None:
    case, handover = two.handed()
    Handover.objects.filter(pk=handover.pk).update(undo_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(BadInput):
        handover_undo.undo(two.sender, handover)
    case.refresh_from_db()
    assert case.agency == two.centre


def test_a_stranger_neither_accepts_nor_undoes(two: Two, make_actor: Any, make_agency: Any) -> None:
    case = two.case("yes")
    handover = handovers.offer(two.sender, [case], two.centre).handovers.get()
    third = make_actor("supervisor", agency=make_agency("third"))
    caseworker = make_actor("caseworker", agency=two.centre)
    for actor in (two.sender, third, caseworker):
        with pytest.raises(Denied):
            handovers.accept(actor, handover)
    handovers.accept(two.receiver, handover)
    with pytest.raises(Denied):
        handover_undo.undo(third, handover)


def test_nobody_offers_a_case_of_another_agency_or_to_itself(two: Two, make_agency: Any) -> None:
    case = two.case("yes")
    with pytest.raises(Denied):
        handovers.offer(two.receiver, [case], make_agency("third"))
    with pytest.raises(BadInput):
        handovers.offer(two.sender, [case], two.iom)


def test_a_second_press_and_a_second_receiver_move_nothing_more(two: Two, make_agency: Any, make_actor: Any) -> None:
    case, other = two.case("yes"), make_agency("other")
    two.answers(case, "yes", recipient=other)
    first = handovers.offer(two.sender, [case], two.centre).handovers.get()
    with pytest.raises(BadInput):
        handovers.offer(two.sender, [case], other)
    stale = Handover.objects.get(pk=first.pk)
    handovers.accept(two.receiver, first)
    with pytest.raises(BadInput):
        handovers.accept(two.receiver, stale)
    with pytest.raises(BadInput):
        handovers.decline_handovers(two.receiver, [stale], "no_capacity")
    assert Event.objects.filter(case=case, kind="handover", detail__status="accepted").count() == 1


def test_no_acceptance_on_a_consent_that_ended_meanwhile(two: Two) -> None:
    case = two.case("yes")
    handover = handovers.offer(two.sender, [case], two.centre).handovers.get()
    consents.withdraw_consent(two.sender, case.consents.get(), timezone.localdate())
    with pytest.raises(BadInput):
        handovers.accept(two.receiver, handover)
    case.refresh_from_db()
    assert case.agency == two.iom


def test_a_declined_case_stays_and_can_be_offered_again(two: Two) -> None:
    case = two.case("yes")
    handover = handovers.offer(two.sender, [case], two.centre).handovers.get()
    with pytest.raises(BadInput):
        handovers.decline_handovers(two.receiver, [handover], "")
    handovers.decline_handovers(two.receiver, [handover], "no_capacity")
    assert handovers.offer(two.sender, [case], two.centre).handovers.get().status == "offered"


def test_a_fault_in_the_middle_leaves_nothing_of_a_case_moved_and_the_rest_resumes(two: Two, monkeypatch: Any) -> None:
    rows = [two.case("yes") for _ in range(3)]
    offer = handovers.offer(two.sender, rows, two.centre)

    greet, calls = handovers.add_take_over_task, []

    def broken(row: Handover, case: Case) -> None:
        calls.append(case.pk)
        if len(calls) == 2:
            raise RuntimeError("the power went off")
        greet(row, case)

    monkeypatch.setattr(handovers, "add_take_over_task", broken)
    with pytest.raises(RuntimeError):
        handovers.accept_all(two.receiver, offer)
    assert Case.objects.filter(agency=two.centre).count() == 1
    assert IdentityRecord.objects.filter(agency=two.centre).count() == 1
    monkeypatch.setattr(handovers, "add_take_over_task", greet)
    assert handovers.accept_all(two.receiver, offer) == (2, [])
    assert Case.objects.filter(agency=two.centre).count() == 3


def test_a_note_written_before_the_window_is_no_line_of_the_receiver(two: Two) -> None:
    case = two.case("yes")
    assignment.add_note(two.sender, case, "long before")
    handover = handovers.offer(two.sender, [case], two.centre).handovers.get()
    handovers.accept(two.receiver, handover)
    assert handover_undo.undo(two.sender, handover).kept == {}
    assert Note.objects.filter(case=case, withheld=True).count() == 0


@pytest.mark.parametrize("kind", ["consulate", "internal_affairs", "prosecution", "court", "hotline"])
def test_no_caseload_goes_to_an_agency_that_runs_no_case_work(kind: str, two: Two, make_agency: Any) -> None:
    other = make_agency("other", kind)
    case = two.case("yes", recipient=other)
    with pytest.raises(BadInput, match="runs no case work"):
        handovers.offer(two.sender, [case], other)
    assert other not in handovers.list_receiving_agencies()
    assert two.centre in handovers.list_receiving_agencies()
