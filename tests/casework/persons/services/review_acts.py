"""Acts of reviewers that the tests of reviews share."""

from __future__ import annotations

from kerege.casework.persons.models import MatchCandidate
from kerege.casework.vault.models.identities import Membership
from tests.casework.persons.conftest import SERIK, SERIK_LATIN

State = MatchCandidate.State
OTHER_PAPERS = {
    "one": SERIK | {"documents": [{"kind": "passport", "number": "N1234567"}]},
    "two": SERIK_LATIN | {"documents": [{"kind": "id_card", "number": "024681357"}]},
}


def fresh(row: MatchCandidate) -> MatchCandidate:
    row.refresh_from_db()
    return row


def person_count() -> int:
    return Membership.objects.filter(to_at=None).values("person").distinct().count()
