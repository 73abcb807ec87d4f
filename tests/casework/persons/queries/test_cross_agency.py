"""No page or service discloses that another agency knows the person: two worlds that differ elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.persons.messages import RISKS
from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision
from kerege.casework.persons.services import match_run, review
from kerege.casework.persons.services.person_links import ordered_pair
from kerege.casework.persons.services.reassign_agency import update_agencies
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.authorization import Actor
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN, person
from tests.casework.persons.views.page_driver import look, merging, read, send
from tests.casework.persons.views.test_views import shown

pytestmark = [pytest.mark.django_db, pytest.mark.db]
State = MatchCandidate.State
MAN = SERIK | {"gender": "masculine"}


@contextmanager
def undone_after() -> Iterator[None]:
    """Undo all that happens in this block."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def of(one: Any, two: Any) -> MatchCandidate:
    left, right = ordered_pair(one.record_id, two.record_id)
    return MatchCandidate.objects.get(left=left, right=right)


def said(page: str) -> str:
    """Return the page without the parts that differ each time."""
    return re.sub(r'value="[^"]{40,}"|kg-[0-9a-f]{8}|data-kg-typing="\w+"', "", page.partition("<main")[2])


@pytest.fixture
def boss(make_user: Callable[..., Any], sign_in: Callable[..., Any]) -> Any:
    return sign_in(make_user("supervisor", username="boss"))


@pytest.fixture
def known(make_agency: Any, make_case: Callable[..., Any]) -> tuple[Any, Any, list[Any]]:
    """Return two records of the centre, and two similar records of another agency."""
    one, two = make_case(person=SERIK), make_case(person=SERIK_LATIN)
    others = [
        make_case(make_agency(code, "ngo"), person=identity) for code, identity in (("a", SERIK), ("b", SERIK_LATIN))
    ]
    match_run.match_due(MACHINE)
    return one, two, others


def link(coordinator: Any, *pairs: tuple[Any, Any]) -> None:
    for pair in pairs:
        while of(*pair).state == State.OPEN:  # an open case of both at the centre asks two people
            review.answer(coordinator(), of(*pair), "same", "x")


def is_shared(*cases: Any) -> bool:
    return len({person(case) for case in cases}) == 1


def one_agency_has_both(make_case: Any, known: Any, coordinator: Any) -> None:
    one, two, [a, b] = known
    make_case(a.agency, person=SERIK)
    link(coordinator, (one, a), (two, b))
    Case.objects.filter(pk=b.pk).update(agency=a.agency)


def somebody_said_two(make_case: Any, known: Any, coordinator: Any) -> None:
    one, two, [a, b] = known
    link(coordinator, (one, a), (two, b))
    for _ in range(2):
        review.answer(coordinator(), of(a, b), "different", "x")


def a_man_elsewhere(make_case: Any, known: Any, coordinator: Any) -> None:
    one, two, [a, b] = known
    link(coordinator, (one, a), (two, b))
    change_identity(Actor.system("tests"), a, MAN)


ELSEWHERE = [one_agency_has_both, somebody_said_two, a_man_elsewhere]


def test_risks_are_named_for_own_records_only(
    boss: Any, make_case: Callable[..., Any], known: Any, coordinator: Any
) -> None:
    one, two, _ = known
    pages = []
    for happens in ELSEWHERE:
        with undone_after():
            happens(make_case, known, coordinator)
            before = said(read(boss, merging(one, two)))
            send(boss, look(of(one, two)), answer="same", reason="x")
            after = said(read(boss, f"{look(of(one, two))}answered/"))
            assert of(one, two).state == State.OPEN, happens  # a guard spoke: a second person looks
            pages.append((before, after))
    sentences = {str(text) for code, text in RISKS.items() if code != "unlikely"}
    for page in (text for both in pages for text in both):
        assert not [text for text in sentences if text in page]
        assert str(RISKS["unlikely"]) in page
    assert len(set(pages)) == 1


def test_risks_of_own_records_are_named(boss: Any, make_case: Callable[..., Any]) -> None:
    one, two, man = (make_case(person=identity) for identity in (SERIK, SERIK_LATIN, MAN))
    match_run.match_due(MACHINE)
    for name in ("x", "y"):
        review.answer(Actor.system(name), of(one, man), "same", name)
    assert is_shared(one, man)
    assert str(RISKS["sex"]) in read(boss, merging(one, two))


def test_a_case_hides_an_own_record_that_only_a_record_elsewhere_links(boss: Any, known: Any, coordinator: Any) -> None:
    one, two, [a, _] = known
    before = [shown(boss, case) for case in (one, two)]
    link(coordinator, (one, a), (two, a))
    assert is_shared(one, two)
    assert [shown(boss, case) for case in (one, two)] == before


@pytest.mark.parametrize("keep_apart", ["on", ""])
def test_an_undo_looks_the_same_whatever_links_exist_elsewhere(
    boss: Any, make_actor: Any, known: Any, coordinator: Any, keep_apart: str
) -> None:
    one, two, [a, _] = known
    review.answer(make_actor("caseworker"), of(one, two), "same", "x")
    path = f"/en/work/merges/{Merge.objects.get().pk}/undo/"
    worlds = []
    for elsewhere in (False, True):
        with undone_after():
            if elsewhere:
                link(coordinator, (one, a), (two, a))
            form = said(read(boss, path))
            answer = send(boss, path, reason="two women", keep_apart=keep_apart)
            assert answer.status_code == 302, answer.content.decode()
            pages = [said(read(boss, answer["Location"])), *(shown(boss, case) for case in (one, two))]
            row = of(one, two)
            words = [word.kind for word in PairDecision.objects.filter(left=row.left, right=row.right, ended_at=None)]
            worlds.append((form, pages, row.state, words))
            # they are still one person: the coordinator is asked which link is wrong
            assert is_shared(one, two) == elsewhere
            asked = set(MatchCandidate.objects.filter(state=State.DISCUSS, agency=None))
            assert asked == ({of(one, a), of(two, a)} if elsewhere and keep_apart else set())
    assert worlds[0] == worlds[1]


def test_a_conclusion_looks_the_same_whatever_links_exist_elsewhere(boss: Any, known: Any, coordinator: Any) -> None:
    one, two, [a, _] = known
    worlds = []
    for elsewhere in (False, True):
        with undone_after():
            if elsewhere:
                link(coordinator, (one, a), (two, a))
            send(boss, look(of(one, two)), answer="different", reason="x")
            worlds.append(said(read(boss, f"{look(of(one, two))}answered/")))
            if elsewhere:  # the coordinator undoes a link; answering "same" again does not overrule the decision
                assert review.answer(coordinator(), of(one, a), "same").state == State.DISCUSS
                assert review.answer(coordinator(), of(one, a), "different").state == State.DIFFERENT
                assert not is_shared(one, two)
    assert worlds[0] == worlds[1]
    assert "They are two persons" in worlds[0]


def test_a_pair_that_was_between_agencies_brings_no_reason_along(known: Any) -> None:
    one, two, [a, _] = known
    row = of(one, a)
    MatchCandidate.objects.update(risks=["open_cases", "cannot"])
    IdentityRecord.objects.filter(pk=a.record_id).update(agency=one.agency)
    update_agencies([a.record_id])
    row.refresh_from_db()
    assert (row.agency_id, row.risks) == (one.agency_id, ["unlikely"])
    assert of(two, _).risks == ["open_cases", "cannot"]
