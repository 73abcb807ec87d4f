"""Notes for the pages of who is the same person (see first.py)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from kerege.casework.cases.services import registration
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.services import merge
from kerege.core.authorization import Actor

SUBJECT = {
    "persons:review": "match",
    "persons:answered": "match",
    "persons:ask-again": "match",
    "persons:merge": "record",
    "persons:undo": "tie",
}
READ_ONLY = {"persons:answered"}
# the pairs of one agency are its own affair
NARROWER = {("coordinator", f"persons:{page}") for page in ("review", "answered", "ask-again", "undo")}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Create two records of the agency that may be one person, and two merged records."""
    operator, today = Actor.system("tests"), timezone.localdate()
    [one, two, three, four] = [
        registration.register(operator, Registration(own.agency, words.identity, today)).record for _ in range(4)
    ]
    left, right = sorted((one.pk, two.pk))
    now = timezone.now()
    match = MatchCandidate.objects.create(
        left_id=left,
        right_id=right,
        agency=own.agency,
        weight=1.0,
        probability=0.9,
        levels={},
        parts={},
        model_version="test",
        found_at=now,
        scored_at=now,
    )
    return {"match": match, "record": one, "twin": two, "tie": _tie(operator, own, three, four)}


def _tie(operator: Actor, own: Any, kept: Any, other: Any) -> Merge:
    from kerege.casework.cases.models.case import Case

    goes_on = Case.objects.get(record=kept)
    merge.ask_second(operator, kept, other, "")
    MatchCandidate.objects.filter(left__in=[kept.pk, other.pk], right__in=[kept.pk, other.pk]).update(
        state=MatchCandidate.State.SAME
    )
    return merge.merge_records(operator, merge.MergeDraft(kept, other, goes_on=goes_on))
