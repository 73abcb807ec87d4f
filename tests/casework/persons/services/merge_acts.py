"""Acts that the tests of merges and of their undo share."""

from __future__ import annotations

from datetime import date
from typing import Any

from kerege.casework.persons.models import Merge
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.authorization import Actor

DAY = date(2025, 4, 1)


def merge(actor: Actor, one: Any, two: Any, **more: Any) -> Merge:
    draft = merge_services.MergeDraft(
        IdentityRecord.objects.get(pk=one.record_id),
        IdentityRecord.objects.get(pk=two.record_id),
        **({"goes_on": one} | more),
    )
    return merge_services.merge_records(actor, draft)
