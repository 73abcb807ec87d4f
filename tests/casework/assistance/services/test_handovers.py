"""Handover of a caseload: only consented cases move, completely and once; an undo restores them."""

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


class TwoAgencies:
    """The sending and the receiving agency with a supervisor each."""

    def __init__(self, make_agency: Any, make_actor: Any, make_case: Any) -> None:
        self.iom, self.centre = make_agency("iom", "international_organisation"), make_agency("centre")
        self.sender = make_actor("supervisor", agency=self.iom)
        self.receiver = make_actor("supervisor", agency=self.centre)
        self.make_case = make_case

    def case(self, answer: str = "", **more: Any) -> Case:
        """Return a case of the sender; `answer` is the person's answer to the handover."""
        case: Case = self.make_case(self.iom)
        if answer:
            self.answers(case, answer, **more)
        return case

    def answers(self, case: Case, answer: str, recipient: Any = None, **more: Any) -> Consent:
        values = {"purpose": "handover", "recipient": recipient or self.centre, "on": DAY, "categories": []} | more
        return consents.record_consent(self.sender, Consent(case=case, given=answer == "yes", **values))

    def handed(self, **more: Any) -> tuple[Case, Handover]:
        """Return a case that the receiver has taken over, and its handover."""
        case = self.case("yes", **more)
        handover = handovers.offer(self.sender, [case], self.centre).handovers.get()
        handovers.accept(self.receiver, handover)
        case.refresh_from_db()
        handover.refresh_from_db()
        return case, handover


@pytest.fixture
def agencies(make_agency: Callable[..., Any], make_actor: Any, make_case: Any) -> TwoAgencies:
    return TwoAgencies(make_agency, make_actor, make_case)


def test_only_consented_cases_are_offered_and_others_get_a_next_step(agencies: TwoAgencies, make_agency: Any) -> None:
    yes, no, silent = agencies.case("yes"), agencies.case("no"), agencies.case()
    changed, ran_out = agencies.case("yes"), agencies.case("yes", until=DAY)
    agencies.answers(changed, "no", on=DAY + timedelta(days=1))
    elsewhere = agencies.case("yes", recipient=make_agency("third"))
    sharing = agencies.case("yes", purpose="sharing_with_agency")
    closed = agencies.case("yes")
    Case.objects.filter(pk=closed.pk).update(status="closed", closed_on=DAY)
    everybody = list(Case.objects.filter(agency=agencies.iom).select_related("agency"))
    result = handovers.sort_caseload(everybody, agencies.centre)
    groups = {name: {case.pk for case in cases} for name, cases in result.groups.items()}
    assert groups == {
        "consented": {yes.pk},
        "against": {no.pk, changed.pk},
        "unreachable": {silent.pk, ran_out.pk, elsewhere.pk, sharing.pk},
        "closed": {closed.pk},
    }
    offer = handovers.offer(agencies.sender, everybody, agencies.centre)
    assert [row.case_id for row in offer.handovers.all()] == [yes.pk]
    steps = dict(Task.objects.filter(agency=agencies.iom).values_list("case", "kind"))
    assert steps == {
        **dict.fromkeys(groups["against"], "agree_stay"),
        **dict.fromkeys(groups["unreachable"], "ask_handover"),
    }


def test_a_withdrawn_consent_counts_as_a_refusal(agencies: TwoAgencies) -> None:
    case = agencies.case("yes")
    consents.withdraw_consent(agencies.sender, case.consents.get(), timezone.localdate())
    assert handovers.sort_caseload([case], agencies.centre).groups["against"] == [case]


def test_nothing_moves_before_the_receiver_accepts(agencies: TwoAgencies) -> None:
    case = agencies.case("yes")
    handovers.offer(agencies.sender, [case], agencies.centre)
    case.refresh_from_db()
    assert case.agency == agencies.iom
    assert not authorization.allows(agencies.receiver, "cases.view", case)


def test_the_whole_case_moves_and_the_old_owner_loses_access(agencies: TwoAgencies, make_user: Any) -> None:
    case = agencies.case("yes")
    worker = make_user("caseworker", agency=agencies.iom)
    assignment.assign(agencies.sender, case, worker)
    tasks.add_tasks(
        agencies.sender, [Task(agency=agencies.iom, case=case, kind="follow_up", due_on=DAY, assignee=worker)]
    )
    provision.add_services(
        agencies.sender, [Service(case=case, kind="shelter", provider=agencies.iom, payer="iom", started_on=DAY)]
    )
    handover = handovers.offer(agencies.sender, [case], agencies.centre).handovers.get()
    handovers.accept(agencies.receiver, handover)
    case.refresh_from_db()
    assert (case.agency, case.caseworker, case.registered_by_agency) == (agencies.centre, None, agencies.iom)
    assert not authorization.allows(agencies.sender, "cases.view", case)
    assert not authorization.allows(agencies.sender, "vault.read", case.record)
    assert authorization.allows(agencies.receiver, "vault.change", IdentityRecord.objects.get(pk=case.record_id))
    assert set(case.tasks.filter(done_at=None).values_list("agency", "assignee", "kind")) == {
        (agencies.centre.pk, None, "follow_up"),
        (agencies.centre.pk, None, "take_over"),
    }
    assert list(case.services.values_list("provider", "payer")) == [(agencies.iom.pk, "iom")]
    assert [e.detail["status"] for e in case.events.filter(kind="handover").order_by("at")] == ["offered", "accepted"]


def test_a_consent_keeps_a_share_for_the_old_owner(agencies: TwoAgencies) -> None:
    case = agencies.case("yes")
    agencies.answers(
        case, "yes", recipient=agencies.iom, purpose="sharing_with_agency", categories=["identity", "needs"]
    )
    handovers.accept(agencies.receiver, handovers.offer(agencies.sender, [case], agencies.centre).handovers.get())
    case.refresh_from_db()
    assert authorization.allows(agencies.sender, "cases.view", case)
    assert not authorization.allows(agencies.sender, "cases.change", case)
    assert list(case.shares.values_list("agency", "categories")) == [(agencies.iom.pk, ["identity", "needs"])]


def test_the_receivers_share_ends_and_referrals_move_to_it(agencies: TwoAgencies, make_agency: Any) -> None:
    case, third = agencies.case("yes"), make_agency("health", "health")
    draft = {"services": ["medical_care"], "due_on": timezone.localdate() + timedelta(days=3), "categories": ["needs"]}
    for agency in (agencies.centre, third):
        referrals.refer(
            agencies.sender, referrals.ReferralDraft(case=case, to_agency=agency, legal_basis="order-844-406", **draft)
        )
    handovers.accept(agencies.receiver, handovers.offer(agencies.sender, [case], agencies.centre).handovers.get())
    running = Share.objects.filter(case=case, to_at=None)
    assert [share.agency for share in running] == [third]
    assert Referral.objects.get(to_agency=third).from_agency == agencies.centre
    assert Referral.objects.get(to_agency=agencies.centre).status == "withdrawn"


def test_a_completed_referral_to_the_receiver_stays_completed(agencies: TwoAgencies) -> None:
    case = agencies.case("yes")
    draft: dict[str, Any] = {"due_on": timezone.localdate() + timedelta(days=3), "categories": ["needs"]}
    draft |= {"case": case, "to_agency": agencies.centre, "legal_basis": "order-844-406"}
    finished, open_one = (
        referrals.refer(agencies.sender, referrals.ReferralDraft(services=[service], **draft))
        for service in ("medical_care", "legal_aid")
    )
    Referral.objects.filter(pk=finished.pk).update(status="completed", outcome="helped")
    handover = handovers.offer(agencies.sender, [case], agencies.centre).handovers.get()
    handovers.accept(agencies.receiver, handover)
    statuses = Referral.objects.values_list("status", "from_agency")
    assert statuses.get(pk=finished.pk) == ("completed", agencies.iom.pk)
    assert statuses.get(pk=open_one.pk) == ("withdrawn", agencies.iom.pk)
    handover_undo.undo(agencies.receiver, handover)
    assert [statuses.get(pk=referral.pk)[0] for referral in (finished, open_one)] == ["completed", "sent"]


def test_notes_stay_hidden_when_the_consent_excludes_them(agencies: TwoAgencies) -> None:
    case = agencies.case("yes", categories=["identity", "contact"])
    assignment.add_note(agencies.sender, case, "for our eyes")
    handovers.accept(agencies.receiver, handovers.offer(agencies.sender, [case], agencies.centre).handovers.get())
    case.refresh_from_db()
    assignment.add_note(agencies.receiver, case, "the centre's own")
    assert [note.agency for note in cases_queries.notes(agencies.receiver, case)] == [agencies.centre]


def test_notes_move_when_the_consent_includes_them(agencies: TwoAgencies) -> None:
    case = agencies.case("yes", categories=["identity", "notes"])
    assignment.add_note(agencies.sender, case, "for whoever helps her")
    handovers.accept(agencies.receiver, handovers.offer(agencies.sender, [case], agencies.centre).handovers.get())
    case.refresh_from_db()
    assert cases_queries.notes(agencies.receiver, case).count() == 1


def test_a_closed_case_on_the_same_record_moves_with_the_open_one(agencies: TwoAgencies) -> None:
    from kerege.casework.cases.services.inputs import Registration

    case = agencies.case("yes")
    again = registration.register(agencies.sender, Registration(agencies.iom, {}, DAY, record=case.record))
    Case.objects.filter(pk=again.pk).update(status="closed", closed_on=DAY)
    handovers.accept(agencies.receiver, handovers.offer(agencies.sender, [case], agencies.centre).handovers.get())
    assert set(Case.objects.values_list("agency", flat=True)) == {agencies.centre.pk}
    assert IdentityRecord.objects.get(pk=case.record_id).agency == agencies.centre


def test_a_handover_changes_only_the_agency_in_the_counts(agencies: TwoAgencies) -> None:
    case = agencies.case("yes")
    provision.add_services(
        agencies.sender, [Service(case=case, kind="shelter", provider=agencies.iom, payer="iom", started_on=DAY)]
    )
    agencies.case("no")
    today = timezone.localdate()
    before = victim_rows(today)
    handovers.accept(agencies.receiver, handovers.offer(agencies.sender, [case], agencies.centre).handovers.get())
    after = victim_rows(today)
    assert [person for person, _ in before] == [person for person, _ in after]
    changed = [
        {name for name in old if old[name] != new[name]} for (_, old), (_, new) in zip(before, after, strict=True)
    ]
    assert sorted(map(sorted, changed)) == [[], ["agency_kind"]]


def rows_of(case: Case) -> dict[str, Any]:
    """Return all rows of a case, except those that record the handover itself."""
    skip = {"handovers", "owner_changes", "events"}
    rows: dict[str, Any] = {"case": Case.objects.filter(pk=case.pk).values().get() | {"version": None}}
    rows["record"] = IdentityRecord.objects.filter(pk=case.record_id).values().get()
    for relation in Case._meta.related_objects:
        name = relation.get_accessor_name()
        if name and name not in skip:
            manager = relation.related_model._base_manager.filter(**{relation.field.name: case})
            rows[name] = sorted(map(str, manager.values()))
    return rows


def test_an_undo_within_the_window_restores_every_row(agencies: TwoAgencies, make_agency: Any, make_user: Any) -> None:
    case, third = agencies.case("yes", categories=["identity"]), make_agency("health", "health")
    worker = make_user("caseworker", agency=agencies.iom)
    assignment.assign(agencies.sender, case, worker)
    tasks.add_tasks(
        agencies.sender, [Task(agency=agencies.iom, case=case, kind="follow_up", due_on=DAY, assignee=worker)]
    )
    assignment.add_note(agencies.sender, case, "a note")
    draft = {"services": ["medical_care"], "due_on": timezone.localdate() + timedelta(days=3), "categories": ["needs"]}
    for agency in (agencies.centre, third):
        referrals.refer(
            agencies.sender, referrals.ReferralDraft(case=case, to_agency=agency, legal_basis="order-844-406", **draft)
        )
    case.refresh_from_db()
    before = rows_of(case)
    handover = handovers.offer(agencies.sender, [case], agencies.centre).handovers.get()
    handovers.accept(agencies.receiver, handover)
    assert rows_of(case) != before
    handover = handover_undo.undo(agencies.sender, handover)
    assert rows_of(case) == before
    assert (handover.status, handover.kept) == ("undone", {})


def test_every_owner_change_is_recorded_including_the_undo(agencies: TwoAgencies) -> None:
    case, handover = agencies.handed()
    undone_case, undone = agencies.handed()
    handover_undo.undo(agencies.receiver, undone)
    to_receiver, to_sender = (
        (agencies.sender.agency_id, agencies.receiver.agency_id),
        (agencies.receiver.agency_id, agencies.sender.agency_id),
    )
    rows = OwnerChange.objects.values_list("case", "handover", "from_agency", "to_agency").order_by("at")
    assert list(rows) == [
        (case.pk, handover.pk, *to_receiver),
        (undone_case.pk, undone.pk, *to_receiver),
        (undone_case.pk, undone.pk, *to_sender),
    ]


def test_an_undo_leaves_the_receivers_own_rows_with_it(agencies: TwoAgencies) -> None:
    case, handover = agencies.handed()
    assignment.add_note(agencies.receiver, case, "written by the centre")
    provision.add_services(
        agencies.receiver,
        [Service(case=case, kind="legal_aid", provider=agencies.centre, payer="state", started_on=DAY)],
    )
    handover = handover_undo.undo(agencies.receiver, handover)
    assert handover.kept == {"note": 1, "service": 1}
    case.refresh_from_db()
    assert [note.agency for note in cases_queries.notes(agencies.sender, case)] == []
    assert authorization.allows(agencies.receiver, "cases.view", case)
    assert [note.agency for note in cases_queries.notes(agencies.receiver, case)] == [agencies.centre]
    assert case.services.count() == 1


def test_an_undo_after_the_window_is_refused(agencies: TwoAgencies) -> None:
    case, handover = agencies.handed()
    Handover.objects.filter(pk=handover.pk).update(undo_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(BadInput):
        handover_undo.undo(agencies.sender, handover)
    case.refresh_from_db()
    assert case.agency == agencies.centre


def test_a_stranger_neither_accepts_nor_undoes(agencies: TwoAgencies, make_actor: Any, make_agency: Any) -> None:
    case = agencies.case("yes")
    handover = handovers.offer(agencies.sender, [case], agencies.centre).handovers.get()
    third = make_actor("supervisor", agency=make_agency("third"))
    caseworker = make_actor("caseworker", agency=agencies.centre)
    for actor in (agencies.sender, third, caseworker):
        with pytest.raises(Denied):
            handovers.accept(actor, handover)
    handovers.accept(agencies.receiver, handover)
    with pytest.raises(Denied):
        handover_undo.undo(third, handover)


def test_nobody_offers_a_case_of_another_agency_or_to_itself(agencies: TwoAgencies, make_agency: Any) -> None:
    case = agencies.case("yes")
    with pytest.raises(Denied):
        handovers.offer(agencies.receiver, [case], make_agency("third"))
    with pytest.raises(BadInput):
        handovers.offer(agencies.sender, [case], agencies.iom)


def test_a_second_click_or_receiver_moves_nothing(agencies: TwoAgencies, make_agency: Any, make_actor: Any) -> None:
    case, second_receiver = agencies.case("yes"), make_agency("other")
    agencies.answers(case, "yes", recipient=second_receiver)
    first = handovers.offer(agencies.sender, [case], agencies.centre).handovers.get()
    with pytest.raises(BadInput):
        handovers.offer(agencies.sender, [case], second_receiver)
    stale = Handover.objects.get(pk=first.pk)
    handovers.accept(agencies.receiver, first)
    with pytest.raises(BadInput):
        handovers.accept(agencies.receiver, stale)
    with pytest.raises(BadInput):
        handovers.decline_handovers(agencies.receiver, [stale], "no_capacity")
    assert Event.objects.filter(case=case, kind="handover", detail__status="accepted").count() == 1


def test_acceptance_needs_a_consent_in_force(agencies: TwoAgencies) -> None:
    case = agencies.case("yes")
    handover = handovers.offer(agencies.sender, [case], agencies.centre).handovers.get()
    consents.withdraw_consent(agencies.sender, case.consents.get(), timezone.localdate())
    with pytest.raises(BadInput):
        handovers.accept(agencies.receiver, handover)
    case.refresh_from_db()
    assert case.agency == agencies.iom


def test_a_declined_case_stays_and_can_be_offered_again(agencies: TwoAgencies) -> None:
    case = agencies.case("yes")
    handover = handovers.offer(agencies.sender, [case], agencies.centre).handovers.get()
    with pytest.raises(BadInput):
        handovers.decline_handovers(agencies.receiver, [handover], "")
    handovers.decline_handovers(agencies.receiver, [handover], "no_capacity")
    assert handovers.offer(agencies.sender, [case], agencies.centre).handovers.get().status == "offered"


def test_a_failed_acceptance_moves_nothing_and_can_be_resumed(agencies: TwoAgencies, monkeypatch: Any) -> None:
    rows = [agencies.case("yes") for _ in range(3)]
    offer = handovers.offer(agencies.sender, rows, agencies.centre)

    greet, calls = handovers.add_take_over_task, []

    def broken(row: Handover, case: Case) -> None:
        calls.append(case.pk)
        if len(calls) == 2:
            raise RuntimeError("the power went off")
        greet(row, case)

    monkeypatch.setattr(handovers, "add_take_over_task", broken)
    with pytest.raises(RuntimeError):
        handovers.accept_all(agencies.receiver, offer)
    assert Case.objects.filter(agency=agencies.centre).count() == 1
    assert IdentityRecord.objects.filter(agency=agencies.centre).count() == 1
    monkeypatch.setattr(handovers, "add_take_over_task", greet)
    assert handovers.accept_all(agencies.receiver, offer) == (2, [])
    assert Case.objects.filter(agency=agencies.centre).count() == 3


def test_a_note_from_before_the_handover_is_not_counted_for_the_receiver(agencies: TwoAgencies) -> None:
    case = agencies.case("yes")
    assignment.add_note(agencies.sender, case, "long before")
    handover = handovers.offer(agencies.sender, [case], agencies.centre).handovers.get()
    handovers.accept(agencies.receiver, handover)
    assert handover_undo.undo(agencies.sender, handover).kept == {}
    assert Note.objects.filter(case=case, withheld=True).count() == 0


@pytest.mark.parametrize("kind", ["consulate", "internal_affairs", "prosecution", "court", "hotline"])
def test_an_agency_without_case_work_receives_no_caseload(kind: str, agencies: TwoAgencies, make_agency: Any) -> None:
    receiver = make_agency("other", kind)
    case = agencies.case("yes", recipient=receiver)
    with pytest.raises(BadInput, match="runs no case work"):
        handovers.offer(agencies.sender, [case], receiver)
    assert receiver not in handovers.list_receiving_agencies()
    assert agencies.centre in handovers.list_receiving_agencies()
