"""Models of identities and encrypted texts. Reading them needs a key from outside the database."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class DataKey(models.Model):
    """Data key of one record, wrapped by a key-encryption key. Destroying it erases all that it encrypts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kek_id = models.CharField(max_length=40, db_index=True)
    wrapped = models.BinaryField(null=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="data_key_is_wrapped_or_destroyed",
                condition=Q(wrapped__isnull=False, destroyed_at__isnull=True)
                | Q(wrapped__isnull=True, destroyed_at__isnull=False),
            )
        ]


class IdentityRecord(models.Model):
    """Record of one person at one agency. Its versions hold the values."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="identity_records")
    data_key = models.OneToOneField(DataKey, on_delete=models.PROTECT, related_name="record")
    # keyed hash of the agency's own person id: an import recognises the person by it
    source_key = models.BinaryField(max_length=32, null=True, editable=False)
    # the import key of the hash, and the id encrypted under it, from which a rotation makes the hash again
    source_key_id = models.CharField(max_length=40, default="", blank=True, editable=False)
    sealed_source = models.BinaryField(default=b"", editable=False)
    # the surviving record of the same agency: after a merge, searches, reads and changes go to it
    superseded_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="supersedes"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "source_key"], name="one_record_per_agency_and_source_id"),
            models.CheckConstraint(
                condition=Q(superseded_by__isnull=True) | ~Q(superseded_by=F("id")), name="no_record_supersedes_itself"
            ),
        ]


class IdentityVersion(models.Model):
    """State of a record's values. Versions are added, never overwritten; only an erasure empties them."""

    record = models.ForeignKey(IdentityRecord, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    ciphertext = models.BinaryField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    # the user of `created_by`, whose name may change; None for a command
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "number"], name="one_version_per_number")]


class SealedText(models.Model):
    """Free text about a person, encrypted under the data key of the record and never indexed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    data_key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="texts")
    ciphertext = models.BinaryField()
    created_at = models.DateTimeField()


class IndexEntry(models.Model):
    """Entry of the blind index: keyed hash of a name, document or blocking key. No plain key is stored."""

    record = models.ForeignKey(IdentityRecord, on_delete=models.CASCADE, related_name="index_entries")
    token = models.BinaryField(max_length=16)
    fold_version = models.CharField(max_length=20)
    key_id = models.CharField(max_length=40)

    class Meta:
        # includes the record: an index-only scan ranks a name
        indexes = [models.Index(fields=["token", "record"], name="blind_index_token_record")]


class Person(models.Model):
    """Person: a stable id without values. Memberships link records to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField()


class Membership(models.Model):
    """Period in which a record belongs to a person, and its source."""

    class Source(models.TextChoices):
        REGISTRATION = "registration"
        HUMAN = "human"
        AUTO = "auto"

    record = models.ForeignKey(IdentityRecord, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=20, choices=Source.choices)
    # version of the linkage model that linked it; '' for a human decision
    model_version = models.CharField(max_length=40, blank=True)
    created_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record"], condition=Q(to_at__isnull=True), name="one_current_person_per_record"
            ),
            models.CheckConstraint(
                condition=Q(to_at__isnull=True) | Q(to_at__gte=F("from_at")), name="membership_ends_after_it_began"
            ),
        ]
