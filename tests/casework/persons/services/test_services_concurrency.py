"""Concurrency: one of two simultaneous changes comes first, the other is refused or correct."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.services.consents import record_consent
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.persons.models import MatchCandidate, MatchDue, Merge, PairDecision
from kerege.casework.persons.services import match_run, review, unmerge
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.vault.identity import blocking_keys
from kerege.casework.vault.models.identities import DataKey, IdentityRecord, Membership, Person
from kerege.casework.vault.queries.candidate_search import sharing
from kerege.casework.vault.services import erasure
from kerege.casework.vault.services.identities import newest
from kerege.core.accounts.models import AttemptCounter
from kerege.core.authorization import Actor, session_scope
from tests.casework.persons.conftest import MACHINE, SERIK, person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]
DONE, REFUSED = "done", "refused"


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Call functions at the same moment, each in its own thread; return each result or exception."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> str:
        try:
            with session_scope.closed():  # as in a request: nobody acts before the service says who
                gate.wait(timeout=20)
                act()
        except BadInput:
            return REFUSED
        finally:
            connection.close()
        return DONE

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, act) for act in acts]]


def test_a_run_over_the_register_goes_on_after_another_process_wrote(
    make_agency: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite refuses a write at once if a query of the connection began before another one wrote."""
    monkeypatch.setattr(match_run, "BATCH", 1)
    agency, done = make_agency(), []
    keys = DataKey.objects.bulk_create([DataKey(kek_id="kek-0001-a1b2c3", wrapped=b"x") for _ in range(21)])
    IdentityRecord.objects.bulk_create(
        IdentityRecord(agency=agency, data_key=key, created_at=timezone.now()) for key in keys
    )

    def write(key: str) -> None:
        AttemptCounter.objects.create(key=key, last_at=timezone.now())

    def match(_actor: Actor, ids: list[UUID], *_others: object) -> None:
        assert at_once(lambda: write(f"another {ids[0]}")) == [DONE]
        with transaction.atomic():
            write(f"own {ids[0]}")
        done.extend(ids)

    monkeypatch.setattr(match_run, "match_batch", match)
    match_run.rematch(MACHINE)
    assert len(done) == len(keys)


@pytest.fixture
def three(make_case: Callable[..., Any]) -> list[Any]:
    """Return three cases of one person in one agency; only the first is open."""
    cases = [make_case(person=SERIK) for _ in range(3)]
    Case.objects.exclude(pk=cases[0].pk).update(status="ended", ended_on="2025-04-01")
    return cases


@pytest.fixture
def workers(make_actor: Any) -> list[Actor]:
    return [make_actor("caseworker"), make_actor("supervisor")]


def merging(actor: Actor, kept: Any, other: Any) -> Callable[[], Any]:
    draft = merge_services.MergeDraft(kept.record, other.record)
    return lambda: merge_services.merge_records(actor, draft)


def whole() -> None:
    """Check what holds in every order of the acts."""
    assert (
        not Membership.objects.filter(to_at=None).values("record").distinct().count() - IdentityRecord.objects.count()
    )
    merged = set(Merge.objects.filter(kind="merge", undone_at=None).values_list("other", flat=True))
    assert merged == set(IdentityRecord.objects.exclude(superseded_by=None).values_list("pk", flat=True))
    for row in Merge.objects.filter(undone_at=None):
        people = Membership.objects.filter(record__in=[row.kept_id, row.other_id], to_at=None)
        assert len(set(people.values_list("person", flat=True))) == 1
    assert not set(sharing(blocking_keys(SERIK))) & merged


def test_two_merges_that_share_a_record(three: list[Any], workers: list[Actor]) -> None:
    one, two, third = three
    came = at_once(merging(workers[0], one, two), merging(workers[1], two, third))
    assert DONE in came
    whole()


def test_the_same_merge_in_both_directions(three: list[Any], workers: list[Actor]) -> None:
    one, two, _third = three
    assert sorted(at_once(merging(workers[0], one, two), merging(workers[1], two, one))) == [DONE, REFUSED]
    assert Merge.objects.count() == 1
    whole()


def test_an_undoing_pressed_twice(three: list[Any], workers: list[Actor]) -> None:
    one, two, _third = three
    merge = merge_services.merge_records(workers[0], merge_services.MergeDraft(one.record, two.record))
    undo = [lambda w=worker: unmerge.undo_merge(w, merge, "қате") for worker in workers]  # type: ignore[misc]
    assert sorted(at_once(*undo)) == [DONE, REFUSED]
    assert one.record.versions.count() == 3
    assert PairDecision.objects.filter(ended_at=None).count() == 1
    whole()


@pytest.mark.parametrize("edited", [0, 1], ids=["surviving", "merged"])
def test_a_merge_during_an_edit_is_refused_or_waits(three: list[Any], workers: list[Actor], edited: int) -> None:
    pair = three[:2]
    case = Case.objects.select_related("record__data_key", "agency").get(pk=pair[edited].pk)
    after = newest(case.record) | {"phones": ["+77010000001"]}
    came = at_once(
        merging(workers[0], *pair),
        lambda: change_identity(workers[1], case, after),  # type: ignore[arg-type]
    )
    assert came[0] == DONE
    if came[1] == DONE:  # whichever came first, what was typed is in a version of its own and in the newest values
        assert newest(pair[0].record).get("phones") == ["+77010000001"]
    numbers = list(pair[0].record.versions.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    whole()


def test_a_merge_and_its_undoing_beside_another_merge(three: list[Any], workers: list[Actor]) -> None:
    one, two, third = three
    merge = merge_services.merge_records(workers[0], merge_services.MergeDraft(one.record, two.record))
    at_once(lambda: unmerge.undo_merge(workers[0], merge, "қате"), merging(workers[1], third, one))
    whole()
    if not Merge.objects.get(pk=merge.pk).undone_at:
        assert person(one) == person(two) == person(third)


def test_a_refusal_and_a_merge(three: list[Any], workers: list[Actor]) -> None:
    one, two, _third = three
    day = one.registered_on
    yes, no = (Consent(case=case, purpose="media", given=given, on=day) for case, given in ((two, True), (one, False)))
    record_consent(workers[0], yes)
    assert at_once(merging(workers[0], one, two), lambda: record_consent(workers[1], no)) == [DONE, DONE]
    yes.refresh_from_db()
    assert yes.withdrawn_on == day  # whichever came first
    whole()


def test_two_refusals_in_two_cases_of_one_person(three: list[Any], workers: list[Actor]) -> None:
    one, two, _third = three
    merge_services.merge_records(workers[0], merge_services.MergeDraft(one.record, two.record))
    day, yes = one.registered_on, []
    for case in (one, two):
        yes.append(record_consent(workers[0], Consent(case=case, purpose="media", given=True, on=day)))
    rows = [Consent(case=case, purpose="media", given=False, on=day) for case in (one, two)]
    acts = [lambda w=worker, r=row: record_consent(w, r) for worker, row in zip(workers, rows, strict=True)]  # type: ignore[misc]
    assert at_once(*acts) == [DONE, DONE]
    assert not Consent.objects.filter(pk__in=[row.pk for row in yes], withdrawn_on=None).exists()


@pytest.fixture
def unlogged(monkeypatch: Any) -> None:
    """Use an empty log of erasures: the log is a file to which other tests write."""
    monkeypatch.setattr(erasure.erasure_log, "write", lambda: None)


def test_an_erasure_waits_for_an_answer(
    twice: Callable[..., Any], coordinator: Any, operator: Actor, monkeypatch: Any, unlogged: None
) -> None:
    first, _second = twice(True)
    match_run.match_due(MACHINE)
    row, her, actor, began = MatchCandidate.objects.get(), Person.objects.get(pk=person(first)), coordinator(), Event()
    conclude = review.conclude_pair

    def slowly(*of: Any) -> None:
        began.set()
        sleep(0.5)
        conclude(*of)

    def erase() -> None:
        began.wait(20)
        erasure.erase(operator, her)

    monkeypatch.setattr(review, "conclude_pair", slowly)
    assert at_once(lambda: review.answer(actor, row, "unsure"), erase) == [DONE, DONE]
    assert not MatchCandidate.objects.exists()


def test_a_change_that_waited_for_an_erasure_is_refused(
    three: list[Any], workers: list[Actor], operator: Actor, monkeypatch: Any, unlogged: None
) -> None:
    one, two, _third = three
    her, began, shred = Person.objects.get(pk=person(one)), Event(), erasure.shred

    def slowly(*of: Any) -> Any:
        began.set()
        sleep(0.5)
        return shred(*of)

    def merge() -> None:
        began.wait(20)
        merging(workers[0], one, two)()

    monkeypatch.setattr(erasure, "shred", slowly)
    assert at_once(lambda: erasure.erase(operator, her), merge) == [DONE, REFUSED]


def test_an_edit_of_a_merged_record_locks_the_surviving_one_alone(
    three: list[Any], workers: list[Actor], on_postgresql: None
) -> None:
    """Two locks out of the order of ids would stand against a tie that locks in that order."""
    one, two, _third = three
    merge_services.merge_records(workers[0], merge_services.MergeDraft(one.record, two.record))
    case = Case.objects.select_related("record__data_key", "agency").get(pk=two.pk)
    with CaptureQueriesContext(connection) as asked:
        change_identity(workers[1], case, newest(one.record))
    locks = [row["sql"] for row in asked if "vault_identityrecord" in row["sql"] and "FOR NO KEY UPDATE" in row["sql"]]
    assert len(locks) == 1


def test_two_reviewers_of_one_pair_conclude_it_once(twice: Callable[..., Any], coordinator: Any) -> None:
    first, second = twice(True)
    match_run.match_due(MACHINE)
    row = MatchCandidate.objects.get()
    one, two = coordinator(), coordinator()
    came = at_once(lambda: review.answer(one, row, "same"), lambda: review.answer(two, row, "different"))
    assert sorted(came) == [DONE, REFUSED]
    row.refresh_from_db()
    assert (person(first) == person(second)) == (row.state == "same")
    assert PairDecision.objects.count() == 1


def test_two_matching_runs_propose_a_pair_once(twice: Callable[..., Any]) -> None:
    twice(True)
    assert at_once(lambda: match_run.match_due(MACHINE), lambda: match_run.match_due(MACHINE)) == [DONE, DONE]
    assert MatchCandidate.objects.count() == 1
    assert not MatchDue.objects.exists()
