"""A random walk over links, merges, undos, handovers and erasures, compared with a model of people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.handovers import Handover
from kerege.casework.assistance.services import consents, handover_undo, handovers
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.records import ErasureRequest
from kerege.casework.cases.services import erasure
from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.services import match_run, review, unmerge
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.persons.services.person_links import lock_persons
from kerege.casework.vault.crypto import envelope
from kerege.casework.vault.models.identities import DataKey, IdentityRecord, IdentityVersion, Membership, SealedText
from kerege.casework.vault.queries.candidate_search import open_many
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from tests.casework.conftest import identity
from tests.casework.persons.people_model import ModelJoin, ModelRequest, People

DAY = date(2025, 3, 10)
MACHINE = Actor.system("matching")
MOST = 7  # records that can be read
# people who really exist: name and verified document; spellings differ from record to record
TRUTHS = (
    (("Сейткали", "Айгүл", "1996-05-14"), ("Seytkali", "Aigul", "1996-05-14"), "N10000001"),
    (("Ахметова", "Дана", "1990-02-01"), ("Akhmetova", "Dana", "1990-02-01"), "N20000002"),
)


@dataclass
class Moved:
    """An accepted handover, and the records that it moved."""

    handover: Handover
    records: frozenset[int]
    sender: str


class Walk:
    """The register, the model and the users of one walk."""

    def __init__(self, make_agency: Any, make_actor: Any, make_case: Any, seed: int) -> None:
        self.chance, self.people, self.count = Random(seed), People(), Counter[str]()
        self.make_case = make_case
        self.agencies = {code: make_agency(code, "ngo") for code in ("north", "south")}
        self.code_of = {agency.pk: code for code, agency in self.agencies.items()}
        self.workers = {
            code: [make_actor("supervisor", agency=agency) for _ in range(2)] for code, agency in self.agencies.items()
        }
        ministry = make_agency("ministry", "social_protection")
        self.coordinators = [make_actor("coordinator", agency=ministry) for _ in range(3)]
        self.cases: list[Case] = []
        self.merges: list[tuple[ModelJoin, UUID]] = []
        self.requests: list[tuple[ModelRequest, UUID]] = []
        self.handovers: list[Moved] = []

    # -- steps ---------------------------------------------------------------------------------------------------------
    def step(self) -> None:
        """Do one random operation and compare the register with the model."""
        undone = self.undone()
        choices = undone if undone and self.chance.random() < 0.5 else CHOICES
        name = self.chance.choice(choices) if len(self.people.alive()) > 2 else "register"
        if OPERATIONS[name](self):
            self.count[name] += 1
        self.check()

    def undone(self) -> list[str]:
        """Return the operations that were never done: drawn half of the time, so that no walk lacks one."""
        return sorted(set(OPERATIONS) - set(self.count))

    @contextmanager
    def event(self, action: str, *, identities: Any = ()) -> Iterator[list[bool]]:
        """Run an operation: if it is done, its audit event must exist; if it is refused, nothing may be left."""
        done: list[bool] = []
        before, rows = last_event(), all_rows()
        try:
            with transaction.atomic():
                yield done
                done.append(True)
        except BadInput:
            assert all_rows() == rows
            return
        events = AuditEvent.objects.filter(seq__gt=before, outcome="done")
        assert action in events.values_list("action", flat=True), action
        text = " ".join(str(details) for details in events.values_list("details", flat=True))
        assert all(str(pk) in text for pk in identities)

    def register(self) -> bool:
        """Register one more record of a person who exists."""
        if len(self.people.alive()) >= MOST:
            return False
        *spellings, number = self.chance.choice(TRUTHS)
        family, given, birth = self.chance.choice(spellings)
        code = self.chance.choice(sorted(self.agencies))
        record = self.people.add_record(code)
        documents = [{"kind": "passport", "number": number, "country": "KZ", "verified": self.chance.random() < 0.5}]
        person = identity(family, given, birth_date=birth, phones=[record.mark], documents=documents)
        self.cases.append(self.make_case(self.agencies[code], person=person))
        return True

    def close(self) -> bool:
        """Close the cases of a person, as an erasure needs; closing itself is not a part of this test."""
        cases = [self.cases[n].pk for n in self.people.person(self.draw())]
        Case.objects.filter(pk__in=cases).update(status="closed", closed_on=DAY, closure_reason="completed")
        return True

    def link(self) -> bool:
        """Let reviewers answer that two records are the same person."""
        one, two = self.chance.sample(self.people.alive(), 2)
        same = self.people.records[one].agency == self.people.records[two].agency
        reviewers = self.workers[self.people.records[one].agency] if same else self.coordinators
        known, row = set(Merge.objects.values_list("pk", flat=True)), None
        for reviewer in reviewers:
            with self.event("persons.answer") as done:
                row = review.answer(reviewer, self.pair(one, two), "same", "x")
            if not done or row is None or row.state == MatchCandidate.State.SAME:
                break
        return self.adopt(known)

    def pair(self, one: int, two: int) -> MatchCandidate:
        """Return the pair of two records, as a matching run proposes it."""
        ids = [self.cases[number].record_id for number in (one, two)]
        lock_persons(*ids)
        opened = open_many(ids)
        row = match_run.get_or_create_candidate(opened[ids[0]], opened[ids[1]])
        row.save()
        return row

    def match(self) -> bool:
        """Run the nightly matching, which links equal verified documents by itself."""
        known, before = set(Merge.objects.values_list("pk", flat=True)), last_event()
        match_run.rematch(MACHINE)
        linked = self.adopt(known)
        events = AuditEvent.objects.filter(seq__gt=before)
        assert linked == any(row.details.get("linked") for row in events.filter(action="persons.auto_link"))
        parted = [UUID(row.details["merge"]) for row in events.filter(action="persons.auto_part")]
        for join in (join for join, pk in self.merges if pk in parted):
            self.people.undo(join, keep_apart=False)
        return linked

    def adopt(self, known: set[UUID]) -> bool:
        """Tell the model of links that reviewers or the matching run made; return whether there are any."""
        rows = Merge.objects.exclude(pk__in=known).order_by("made_at")
        for row in rows:
            self.note(row)
        return bool(rows)

    def note(self, row: Merge) -> None:
        """Add a link or a merge to the model."""
        kept, other = self.number(row.kept_id), self.number(row.other_id)
        self.people.join(kept, other, is_merge=row.kind == Merge.Kind.MERGE)
        self.merges.append((self.people.joins[-1], row.pk))

    def merge(self) -> bool:
        """Let a worker merge two records of the agency."""
        code = self.chance.choice(sorted(self.agencies))
        own = [n for n in self.people.alive() if self.people.records[n].agency == code]
        if len(own) < 2:
            return False
        one, two = self.chance.sample(own, 2)
        kept, other = (IdentityRecord.objects.get(pk=self.cases[n].record_id) for n in (one, two))
        goes_on = self.cases[one] if self.is_open(one) else self.cases[two]
        draft = merge_services.MergeDraft(kept, other, {"names": "both", "documents": "both"}, goes_on)
        with self.event("persons.merge", identities=(kept.pk, other.pk)) as done:
            row = merge_services.merge_records(self.worker(code), draft)
        if done:
            self.note(row)
        return bool(done)

    def undo(self) -> bool:
        """Undo a link or a merge."""
        standing = [pair for pair in self.merges if pair[0].in_force]
        if not standing:
            return False
        (join, pk), keep_apart = self.chance.choice(standing), self.chance.random() < 0.5
        row = Merge.objects.get(pk=pk)
        actor = self.worker(self.code_of[row.agency_id]) if row.agency_id else self.chance.choice(self.coordinators)
        with self.event("persons.undo", identities=(row.kept_id, row.other_id)) as done:
            try:
                unmerge.undo_merge(actor, row, "x", keep_apart=keep_apart)
            except Denied:  # a handover moved one of the two since
                raise BadInput([]) from None
        if done:
            self.people.undo(join, keep_apart=keep_apart)
        return bool(done)

    def hand_over(self) -> bool:
        """Hand a case over to the other agency, with the person's consent."""
        number = self.draw()
        sender = self.people.records[number].agency
        receiver = next(code for code in self.agencies if code != sender)
        case = Case.objects.get(pk=self.cases[number].pk)
        moving = [n for n in self.people.merged(number) if self.people.records[n].agency == sender]
        with self.event("handovers.accept") as done:
            consent = Consent(case=case, purpose="handover", recipient=self.agencies[receiver], given=True, on=DAY)
            consents.record_consent(self.worker(sender), consent)
            row = handovers.offer(self.worker(sender), [case], self.agencies[receiver]).handovers.get()
            row = handovers.accept(self.worker(receiver), row)
        if done:
            self.people.hand_over(moving, receiver)
            self.handovers.append(Moved(row, frozenset(moving), sender))
        return bool(done)

    def take_back(self) -> bool:
        """Undo a handover."""
        if not self.handovers:
            return False
        moved = self.chance.choice(self.handovers)
        row = Handover.objects.get(pk=moved.handover.pk)
        with self.event("handovers.undo") as done:
            handover_undo.undo(self.worker(self.code_of[row.from_agency_id]), row)
        if done:
            self.people.hand_over(moved.records, moved.sender)
            self.handovers.remove(moved)
        return bool(done)

    def request(self) -> bool:
        """Ask for the erasure of a person at the agency of one of their records."""
        number = self.draw()
        code = self.people.records[number].agency
        case = Case.objects.select_related("record__data_key").get(pk=self.cases[number].pk)
        asked_here = any(
            not request.state and request.agency == code and request.record in self.people.merged(number)
            for request in self.people.requests
        )
        with self.event("erasure.request", identities=[case.record_id]) as done:
            row = erasure.request_erasure(self.worker(code), case, "person_asked", DAY)
        assert bool(done) is not (self.is_open(number) or asked_here)
        if done:
            request = ModelRequest(number, code)
            self.people.requests.append(request)
            self.requests.append((request, row.pk))
        return bool(done)

    def approve(self) -> bool:
        """Let a coordinator approve a request: the person is erased as they are now, or nothing is."""
        waiting = [pair for pair in self.requests if not pair[0].state]
        if not waiting:
            return False
        request, pk = self.chance.choice(waiting)
        person = self.people.person(request.record)
        with self.event("erasure.decide", identities=[self.cases[n].record_id for n in person]) as done:
            row = erasure.approve_erasure(self.chance.choice(self.coordinators), ErasureRequest.objects.get(pk=pk))
        assert bool(done) is not any(map(self.is_open, person))
        if done:
            assert row.records == len(person) > 0
            request.state = "erased"
            assert self.people.erase(request.record) == person
        return bool(done)

    def give_up(self) -> bool:
        """Decline or withdraw a request."""
        waiting = [pair for pair in self.requests if not pair[0].state]
        if not waiting:
            return False
        request, pk = self.chance.choice(waiting)
        row = ErasureRequest.objects.get(pk=pk)
        if self.chance.random() < 0.5:
            with self.event("erasure.decide"):
                erasure.decline_erasure(self.coordinators[0], row, "must_be_kept")
            request.state = "declined"
        else:
            with self.event("erasure.withdraw"):
                erasure.withdraw_erasure(self.worker(request.agency), row)
            request.state = "withdrawn"
        return True

    # -- what the register shows ---------------------------------------------------------------------------------------
    def draw(self) -> int:
        """Return a record that can be read."""
        return self.chance.choice(self.people.alive())

    def worker(self, code: str) -> Actor:
        """Return one of the users of an agency."""
        actor: Actor = self.chance.choice(self.workers[code])
        return actor

    def number(self, record_id: UUID) -> int:
        """Return the number of a record in the model."""
        return next(n for n, case in enumerate(self.cases) if case.record_id == record_id)

    def is_open(self, number: int) -> bool:
        """Return whether the case of a record is not closed."""
        return Case.objects.get(pk=self.cases[number].pk).status != "closed"

    def check(self) -> None:
        """Compare the register with the model."""
        people, alive = self.people, self.people.alive()
        person_of = dict(Membership.objects.filter(to_at=None).values_list("record_id", "person_id"))
        shown = {n: person_of[self.cases[n].record_id] for n in alive}
        assert {frozenset(m for m in alive if shown[m] == shown[n]) for n in alive} == people.persons()
        for record in people.records:
            case = Case.objects.select_related("record__data_key").get(pk=self.cases[record.number].pk)
            assert (case.record.data_key.wrapped is None) is record.erased
            if not record.erased:
                assert self.code_of[case.agency_id] == self.code_of[case.record.agency_id] == record.agency
        texts = readable_texts()
        for record in people.records:
            holders = {key for key, text in texts if record.mark in text}
            if record.erased:
                assert not holders, f"a value of record {record.number} can be read"
            else:
                newest = IdentityVersion.objects.filter(record=self.cases[record.number].record_id).latest("number")
                newest_text = next(text for key, text in texts if key == f"version {newest.pk}")
                assert all(mark in newest_text for mark in record.marks)
        states = dict(ErasureRequest.objects.values_list("pk", "outcome"))
        assert {pk: request.state for request, pk in self.requests} == states


def readable_texts() -> list[tuple[str, str]]:
    """Return everything that the keys of the register still open."""
    rows = DataKey.objects.exclude(wrapped=None)
    keys = {row.pk: envelope.open_data_key(row.id, row.kek_id, row.wrapped) for row in rows}
    texts = []
    for version in IdentityVersion.objects.select_related("record"):
        if (key := keys.get(version.record.data_key_id)) and bytes(version.ciphertext):
            place = f"identity:{version.record_id}:{version.number}"
            texts.append((f"version {version.pk}", envelope.unseal(key, version.ciphertext, place).decode()))
    for row in SealedText.objects.all():
        if (key := keys.get(row.data_key_id)) and bytes(row.ciphertext):
            texts.append((f"text {row.pk}", envelope.unseal(key, row.ciphertext, f"text:{row.pk}").decode()))
    return texts


def last_event() -> int:
    """Return the number of the newest audit event."""
    return int(AuditEvent.objects.latest("seq").seq)


def all_rows() -> list[tuple[Any, ...]]:
    """Return what an operation that was refused may not change."""
    return [
        *Case.objects.order_by("pk").values_list("pk", "agency", "status", "version"),
        *IdentityRecord.objects.order_by("pk").values_list("pk", "agency", "superseded_by", "data_key__destroyed_at"),
        *Membership.objects.order_by("pk").values_list("pk", "person", "to_at"),
        *Merge.objects.order_by("pk").values_list("pk", "undone_at"),
        *ErasureRequest.objects.order_by("pk").values_list("pk", "outcome"),
    ]


OPERATIONS: dict[str, Callable[[Walk], bool]] = {
    "register": Walk.register,
    "close": Walk.close,
    "link": Walk.link,
    "match": Walk.match,
    "merge": Walk.merge,
    "undo": Walk.undo,
    "hand over": Walk.hand_over,
    "take back": Walk.take_back,
    "request": Walk.request,
    "approve": Walk.approve,
    "give up": Walk.give_up,
}
# an erasure needs closed cases, a request and an approval, so these are drawn more often
CHOICES = sorted([*OPERATIONS, "register", "close", "link", "merge", "request", "request", "approve", "approve"])


def walk(make_agency: Any, make_actor: Any, make_case: Any, seed: int, steps: int) -> Counter[str]:
    """Walk random steps; return how often each operation was done.

    The walk has at least `steps` steps, and goes on to four times as many while an operation was never done.
    """
    state = Walk(make_agency, make_actor, make_case, seed)
    for number in range(4 * steps):
        if number >= steps and not state.undone():
            break
        state.step()
    return state.count
