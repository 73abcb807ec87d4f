"""The nightly rematch takes few records and leaves the register as a full rematch does."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from kerege.casework.persons.models import MatchBasis, MatchCandidate, PairDecision
from kerege.casework.persons.services import match_cache, match_run, rematch, review
from kerege.casework.persons.services.erasure import delete_person_rows
from kerege.casework.vault.models.identities import DataKey, IdentityRecord, IndexEntry, Membership, Person
from kerege.casework.vault.queries import batch_search, candidate_search, index_counts
from kerege.casework.vault.services.identities import add_version, newest, store_records
from kerege.core import audit
from kerege.core.authorization import Actor
from tests.casework.persons.conftest import MACHINE
from tests.casework.persons.services.match_people import SEEN

pytestmark = [pytest.mark.django_db, pytest.mark.db]

FAMILIES = ("Каримова", "Karimova", "Ахметова", "Щебетун", "Кравцова", "Смирнова")
GIVEN = ("Айгүл", "Aigul", "Олеся", "Дана", "Ольга")


def someone(draw: random.Random) -> Any:
    """Return an identity of a small town: many people share names and birthdays."""
    born = f"19{draw.choice((80, 90))}-0{draw.randint(1, 3)}-1{draw.randint(1, 3)}"
    names = [{"family": draw.choice(FAMILIES), "given": draw.choice(GIVEN)} for _ in range(draw.choice((1, 1, 1, 2)))]
    papers = [SEEN | {"number": f"N12345{draw.randint(10, 30)}"}] if draw.random() < 0.4 else []
    return {
        "names": names,
        "birth_date": draw.choice((born, born, born[:4])),
        "gender": "feminine",
        "documents": papers,
    }


def register(draw: random.Random, agencies: list[Any], count: int) -> None:
    store_records(MACHINE, [(draw.choice(agencies), someone(draw), "") for _ in range(count)])


def erase(record: IdentityRecord) -> None:
    """Do to the tables of linkage what an erasure does."""
    IndexEntry.objects.filter(record=record).delete()
    delete_person_rows([record.pk])
    DataKey.objects.filter(pk=record.data_key_id).update(wrapped=None, destroyed_at=timezone.now())


def change(draw: random.Random, agencies: list[Any], reviewers: Iterator[Actor], most_new: int) -> None:
    """Do what a day brings: new, changed and erased records, and answers to pairs."""
    register(draw, agencies, draw.randint(0, most_new))
    records = list(match_run.active_records())
    for record in draw.sample(records, 2):
        with audit.act(MACHINE, "test.change"):
            add_version(MACHINE, record, someone(draw))
    if draw.random() < 0.5:
        erase(draw.choice(records))
    pairs = list(MatchCandidate.objects.filter(state="open").order_by("left", "right"))
    for row in draw.sample(pairs, min(3, len(pairs))):
        review.answer(next(reviewers), row, draw.choice(("same", "different")))
    decided = list(PairDecision.objects.filter(kind="cannot", ended_at=None).order_by("left", "right"))
    if decided:
        row = MatchCandidate.objects.get(left=decided[0].left_id, right=decided[0].right_id)
        if row.state == "different":
            review.reopen_pair(next(reviewers), row, "жаңа құжат")
    cache.delete(candidate_search.SIZE)


def state() -> Any:
    """Return every pair with its scores, and which records are one person."""
    fields = ("left", "right", "agency", "state", "weight", "probability", "levels", "parts", "risks", "model_version")
    persons: dict[Any, set[Any]] = {}
    for record, person in Membership.objects.filter(to_at=None).values_list("record", "person"):
        persons.setdefault(person, set()).add(record)
    return list(MatchCandidate.objects.order_by("left", "right").values(*fields)), {*map(frozenset, persons.values())}


def after(run: Callable[[Actor], match_run.MatchRunCounts]) -> Any:
    """Return the state after a run, and undo the run."""
    with transaction.atomic():
        run(MACHINE)
        result = state()
        transaction.set_rollback(True)
    return result


NARROW = {"SCORED": 2, "MOST_SHARING": 6, "MOST_COUNTED": 9}
# several batches, and caches that are emptied between them
SMALL = {"BATCH": 7, "MOST_OPEN": 5, "MOST_KEPT": 100}


def narrow(monkeypatch: Any, limits: dict[str, int]) -> None:
    for name, limit in limits.items():
        for module in (batch_search, candidate_search, index_counts, match_cache, match_run, rematch):
            monkeypatch.setattr(module, name, limit, raising=False)


@pytest.mark.parametrize(("limits", "most_new"), [(SMALL, 3), (NARROW | SMALL, 0)], ids=["usual", "narrow"])
def test_the_register_is_as_after_a_full_rematch(
    make_agency: Any, limits: dict[str, int], most_new: int, monkeypatch: Any
) -> None:
    narrow(monkeypatch, limits)
    draw, agencies = random.Random(4), [make_agency("a", "ngo"), make_agency("b", "ngo")]
    reviewers = (Actor(label=f"cli:{n}", roles=frozenset({"operator"})) for n in range(1000))
    register(draw, agencies, 30)
    for _ in range(5):
        match_run.match_due(MACHINE)
        few, full = after(rematch.rematch_changed), after(match_run.rematch)
        assert few == full
        rematch.rematch_changed(MACHINE)
        change(draw, agencies, reviewers, most_new)
    assert full[0]


def test_a_night_takes_a_changed_record_and_no_unlike_one(twice: Callable[..., Any], make_case: Any) -> None:
    twice()
    case = make_case(person=someone(random.Random(1)))
    rematch.rematch_changed(MACHINE)
    with audit.act(MACHINE, "test.change"):
        add_version(MACHINE, case.record, someone(random.Random(2)))
    assert rematch.rematch_changed(MACHINE).records == 1


def test_a_night_without_a_change_takes_no_record(twice: Callable[..., Any]) -> None:
    twice()
    match_run.match_due(MACHINE)
    assert rematch.rematch_changed(MACHINE).records == 2
    assert rematch.rematch_changed(MACHINE).records == 0


def test_another_model_takes_every_record(twice: Callable[..., Any]) -> None:
    twice()
    rematch.rematch_changed(MACHINE)
    MatchBasis.objects.update(version="older")
    assert rematch.rematch_changed(MACHINE).records == 2


def test_records_beyond_the_limit_of_a_night_wait_for_the_next(twice: Callable[..., Any], monkeypatch: Any) -> None:
    twice()
    monkeypatch.setattr(rematch, "MOST_A_NIGHT", 1)
    assert [rematch.rematch_changed(MACHINE).records for _ in range(2)] == [1, 1]
    assert MatchBasis.objects.count() == 2


def change_gender(case: Any) -> None:
    """Add a version with the same names: it changes the weight of pairs, and no count."""
    with audit.act(MACHINE, "test.change"):
        add_version(MACHINE, case.record, newest(case.record) | {"gender": "feminine"})


def test_a_key_that_is_too_common_in_the_register_counts_where_its_agency_has_few_records_with_it(
    twice: Callable[..., Any], make_case: Any, make_agency: Any, monkeypatch: Any
) -> None:
    """The search at an agency uses the key, the one in the register does not."""
    narrow(monkeypatch, {"MOST_SHARING": 2})
    one, _ = twice()
    elsewhere = make_agency("far", "ngo")
    for _ in range(2):
        make_case(elsewhere, person=newest(one.record))
    assert rematch.rematch_changed(MACHINE).records == 4
    change_gender(one)
    assert rematch.rematch_changed(MACHINE).records == 2


def test_a_record_of_another_person_is_found_from_the_records_that_share_its_keys(twice: Callable[..., Any]) -> None:
    """A pair is found when one record is among the best of the other, whichever of them moved."""
    one, _ = twice()
    rematch.rematch_changed(MACHINE)
    now = timezone.now()
    Membership.objects.filter(record=one.record, to_at=None).update(to_at=now)
    Membership.objects.create(
        record=one.record, person=Person.objects.create(created_at=now), from_at=now, source="human", created_by="test"
    )
    assert [rematch.rematch_changed(MACHINE).records for _ in range(2)] == [2, 0]


def test_a_record_with_a_changed_namesake_waits_for_the_next_night_too(
    twice: Callable[..., Any], monkeypatch: Any
) -> None:
    """Its counts are as before, so that only the night that did not reach it knows that it waits."""
    one, _ = twice()
    rematch.rematch_changed(MACHINE)
    change_gender(one)
    monkeypatch.setattr(rematch, "MOST_A_NIGHT", 1)
    assert [rematch.rematch_changed(MACHINE).records for _ in range(3)] == [1, 1, 0]


def test_a_night_scores_no_pair_of_unchanged_records_again(
    twice: Callable[..., Any], make_case: Any, monkeypatch: Any
) -> None:
    # one more record of three would change every weight
    monkeypatch.setattr(index_counts, "in_steps", lambda number: 1)
    monkeypatch.setattr(index_counts, "_encode_step", lambda number: 1)
    one, _ = twice()
    rematch.rematch_changed(MACHINE)
    make_case(person=newest(one.record))
    candidates: list[Any] = []
    score = batch_search.match_opened

    def record(rows: Any, opened: Any, *rest: Any) -> Any:
        candidates.extend(row.id for row in opened)
        return score(rows, opened, *rest)

    monkeypatch.setattr(batch_search, "match_opened", record)
    assert rematch.rematch_changed(MACHINE).records == 3
    # the pairs of the new record
    assert len(candidates) == 2


def test_a_basis_holds_no_name(twice: Callable[..., Any]) -> None:
    twice()
    rematch.rematch_changed(MACHINE)
    stored = set(IndexEntry.objects.values_list("token", flat=True))
    for row in MatchBasis.objects.all():
        joined = bytes(row.searched) + bytes(row.named)
        assert {joined[start : start + 16] for start in range(0, len(joined), 16)} <= {bytes(token) for token in stored}
