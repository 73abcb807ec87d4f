"""Model of the encrypted files about a person.

Each file lies on the disk under a key of its own, which the data key of the record wraps.
"""

from __future__ import annotations

import secrets
import uuid

from django.db import models
from django.db.models import Q


def new_blob() -> str:
    """Return a random file name of 32 hexadecimal digits."""
    return secrets.token_hex(16)


class StoredFile(models.Model):
    """Encrypted file. Destroying its key, or the data key of the record, makes it unreadable for ever."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    data_key = models.ForeignKey("vault.DataKey", on_delete=models.PROTECT, related_name="files")
    wrapped = models.BinaryField(null=True)
    blob = models.CharField(max_length=32, unique=True, default=new_blob)
    kind = models.CharField(max_length=8)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="stored_file_has_key_or_was_destroyed",
                condition=Q(wrapped__isnull=False, destroyed_at__isnull=True)
                | Q(wrapped__isnull=True, destroyed_at__isnull=False),
            )
        ]
