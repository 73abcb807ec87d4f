"""Pairs, answers, decisions and merges as a session meets them that speaks to the database past the program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kerege.casework.persons import queries, services
from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision, Review
from kerege.core.access import wall
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN

pytestmark = [pytest.mark.django_db, pytest.mark.db]
MODELS = (MatchCandidate, Review, PairDecision, Merge)


@pytest.fixture
def pairs(make_agency: Any, make_case: Callable[..., Any], make_actor: Any) -> dict[str, Any]:
    """A concluded pair of the centre, and one between the centre and another agency."""
    for agency in (None, None, make_agency("ngo", "ngo")):
        make_case(agency, told=SERIK if agency is None else SERIK_LATIN)
    services.match_due(MACHINE)
    own = MatchCandidate.objects.exclude(agency=None).get()
    services.answer(make_actor("caseworker"), own, "same")
    return {"own": own, "between": list(MatchCandidate.objects.filter(agency=None))}


def counts(actor: Any) -> list[int]:
    """What plain queries without any rule show while somebody acts."""
    with wall.acting(actor):
        return [model.objects.count() for model in MODELS]


def test_an_agency_reaches_its_own_pairs_and_none_between_agencies(
    pairs: Any, make_actor: Any, make_agency: Any, on_postgresql: None
) -> None:
    assert counts(make_actor("caseworker")) == [1, 1, 1, 1]
    assert counts(make_actor("caseworker", agency=make_agency("ngo"))) == [0, 0, 0, 0]
    with wall.closed():
        assert [model.objects.count() for model in MODELS] == [0, 0, 0, 0]


def test_the_coordinator_reaches_the_tables_and_the_rules_show_her_what_is_hers(
    pairs: Any, coordinator: Any, on_postgresql: None
) -> None:
    actor = coordinator()
    assert counts(actor)[0] == 3
    with wall.acting(actor):
        assert set(queries.work_items(actor)) == set(pairs["between"])


def test_through_the_walls_a_pair_is_read_answered_and_undone(pairs: Any, coordinator: Any) -> None:
    from kerege.core import audit

    actor, row = coordinator(), pairs["between"][0]
    with wall.closed():
        with audit.page(actor, "persons.review"):
            assert queries.work_items(actor).filter(pk=row.pk).exists()
            assert queries.pair_card(actor, row).lines
        row = services.answer(actor, row, "same", "себеп")
        assert row.state == "same"
        with audit.page(actor, "persons.review"):
            assert queries.explained(actor, row, "kk")
            assert queries.reason_of(actor, queries.answers(actor, row)[0]) == "себеп"
            merge = queries.merges(actor).get()
        services.undo_merge(actor, merge, "қате", keep_apart=False)


def test_through_the_walls_a_pair_that_its_agency_cannot_settle_is_answered(
    pair: Callable[..., Any], make_actor: Any, coordinator: Any
) -> None:
    from kerege.casework.persons.reviewers import who_looks
    from kerege.core import audit

    row, worker, hers = pair(two=SERIK_LATIN | {"gender": "masculine"}), make_actor("caseworker"), coordinator()
    with wall.closed():
        with audit.page(worker, "persons.review"):
            assert who_looks(row) == "colleague"
        services.answer(worker, row, "same", "себеп")
        with audit.page(worker, "persons.review"):
            assert who_looks(row) == "coordinator"
        with audit.page(hers, "persons.review"):
            assert list(queries.work_items(hers)) == [row]
            assert queries.pair_card(hers, row).lines
            assert queries.quality(hers).passed_on == 1
        assert services.answer(hers, row, "different", "басқа").state == "discuss"
        with audit.page(hers, "persons.review"):
            assert len(queries.answers(hers, MatchCandidate.objects.get(pk=row.pk))) == 2
            assert who_looks(row) == "nobody"
            assert queries.quality(hers).for_nobody == 1
