"""Checks of a restored backup: the keys open a sample of identities and of files."""

from __future__ import annotations

from itertools import islice
from uuid import UUID

from django.db.models import QuerySet

from kerege.base.registry import Entry
from kerege.casework.vault.models.files import StoredFile
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries import identities
from kerege.casework.vault.services import files
from kerege.core import audit
from kerege.core.authorization import Actor
from kerege.core.restore_drills.checks import restore_checks

RECORDS, FILES = 200, 20


def open_identities() -> int:
    """Open the newest values of a sample of records; raise when one does not open."""
    actor = Actor.system("drill")
    ids = spread(IdentityRecord.objects.filter(data_key__wrapped__isnull=False), RECORDS)
    with audit.act(actor, "vault.read", reads=True):
        return len(identities.read_many(actor, ids))


def open_files() -> int:
    """Open a sample of files; raise when one is missing, was changed or does not open."""
    kept = StoredFile.objects.filter(wrapped__isnull=False, data_key__wrapped__isnull=False)
    chosen = StoredFile.objects.select_related("data_key").filter(pk__in=spread(kept, FILES))
    return sum(1 for stored in chosen if files.read(stored) is not None)


def spread(rows: QuerySet[IdentityRecord] | QuerySet[StoredFile], most: int) -> list[UUID]:
    """Return at most `most` primary keys, evenly spaced among all of them."""
    step = max(1, -(-rows.count() // most))
    return list(islice(rows.order_by("pk").values_list("pk", flat=True).iterator(), 0, None, step))


restore_checks.add(
    Entry("identities", open_identities, order=10),
    Entry("files", open_files, order=20),
)
