"""Registration shows own and shared records only.

The coordinator silently receives persons known to another agency.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kerege.casework.cases import identity_mapping
from kerege.casework.cases.queries import candidates
from kerege.casework.cases.services.shares import share
from kerege.casework.persons.models import MatchCandidate
from kerege.casework.persons.queries import review_queue
from kerege.casework.persons.services import match_run
from kerege.casework.vault.crypto import envelope
from kerege.core import audit
from kerege.core.authorization import Actor
from tests.casework.conftest import identity
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def looked(actor: Actor, identity_values: Any) -> tuple[list[Any], int, int]:
    """Return the cards shown, and the work done for them.

    The work is counted in queries to the database and decrypted values.
    """
    opened: list[Any] = []
    unseal = envelope.unseal_json

    def counted(*args: Any) -> Any:
        opened.append(args)
        return unseal(*args)

    with pytest.MonkeyPatch.context() as patch, audit.act(actor, "test.look"):
        patch.setattr(envelope, "unseal_json", counted)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            cards = candidates.candidates(actor, identity_values)
    return [(card.record.pk, card.name, card.birth_year) for card in cards], len(asked), len(opened)


def test_cards_are_ranked_by_the_weights_of_the_linkage(make_actor: Any, make_case: Callable[..., Any]) -> None:
    near = make_case(person=SERIK | {"birth_date": "1995"})
    same = make_case(person=SERIK_LATIN)
    cards, _asked, _opened = looked(make_actor("caseworker"), SERIK)
    assert [pk for pk, *_rest in cards] == [same.record_id, near.record_id]


def test_a_twin_at_another_agency_changes_neither_the_answer_nor_the_work(
    make_actor: Any, make_agency: Any, make_case: Callable[..., Any]
) -> None:
    actor = make_actor("caseworker")
    make_case(person=SERIK_LATIN)
    other = make_case(make_agency("ngo", "ngo"), person=identity("Смирнова", "Ольга", birth_date="1971-01-01"))
    looked(actor, SERIK)  # whatever is remembered is remembered for both
    before = looked(actor, SERIK)
    from kerege.casework.cases.services.registration import change_identity

    change_identity(Actor.system("tests"), other, SERIK)
    assert looked(actor, SERIK) == before


def test_a_match_at_another_agency_goes_to_the_coordinator(
    make_actor: Any, make_agency: Any, make_case: Callable[..., Any], coordinator: Any
) -> None:
    make_case(make_agency("ngo", "ngo"), person=SERIK)
    assert looked(make_actor("caseworker"), SERIK_LATIN)[0] == []
    make_case(person=SERIK_LATIN)
    match_run.match_due(MACHINE)
    assert review_queue.count_waiting(coordinator()) == 1
    assert MatchCandidate.objects.get().agency is None


def test_of_a_shared_record_only_what_is_shared_is_shown(
    operator: Actor, make_actor: Any, make_agency: Any, make_case: Callable[..., Any]
) -> None:
    elsewhere = make_case(make_agency("ngo", "ngo"), person=SERIK)
    share(operator, elsewhere, make_agency(), "legal", categories=["needs"])
    assert looked(make_actor("caseworker"), SERIK)[0] == []
    share(operator, elsewhere, make_agency(), "legal", categories=["identity"])
    assert [pk for pk, *_rest in looked(make_actor("caseworker"), SERIK)[0]] == [elsewhere.record_id]


def test_verified_belongs_to_the_document_that_a_caseworker_saw() -> None:
    before = identity(documents=[{"kind": "passport", "number": "N1234567", "country": "KZ", "verified": True}])
    form: dict[str, Any] = {"document_kind": "passport", "document_number": "N1234567", "document_country": "KZ"}
    assert identity_mapping.update_identity(form, before)["documents"][0].get("verified") is True
    other = identity_mapping.update_identity(form | {"document_number": "N7654321"}, before)
    assert "verified" not in other["documents"][0]
    unticked = identity_mapping.update_identity(form | {"document_verified": False}, before)
    assert "verified" not in unticked["documents"][0]
