"""Identities and sealed texts. Nothing in these tables can be read without a key that is kept outside the database."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q


class DataKey(models.Model):
    """The key of one record, wrapped by a key-encryption key. Destroying it erases everything sealed under it."""

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
    """What one agency was told about one person. Its values are in its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="identity_records")
    data_key = models.OneToOneField(DataKey, on_delete=models.PROTECT, related_name="record")
    # keyed hash of the agency's own person id: the same id read again is the same person
    source_key = models.BinaryField(max_length=32, null=True, editable=False)
    # the record of the same agency that it was merged into: from then on that one is found, read and changed
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
    """One state of a record's values; versions are added, never overwritten."""

    record = models.ForeignKey(IdentityRecord, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    ciphertext = models.BinaryField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "number"], name="one_version_per_number")]


class SealedText(models.Model):
    """Free text about a person, encrypted under her record's key and never indexed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    data_key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="texts")
    ciphertext = models.BinaryField()
    created_at = models.DateTimeField()


class IndexEntry(models.Model):
    """Blind index: keyed hashes of name and document keys. The plain key is never stored."""

    record = models.ForeignKey(IdentityRecord, on_delete=models.CASCADE, related_name="index_entries")
    token = models.BinaryField(max_length=16)
    fold_version = models.CharField(max_length=20)
    key_id = models.CharField(max_length=40)

    class Meta:
        # with the record, so that a name is ranked without opening the table
        indexes = [models.Index(fields=["token", "record"], name="blind_index_token_record")]


class Person(models.Model):
    """A stable id and no values; records are tied to it by memberships."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField()


class Membership(models.Model):
    """From when until when a record belonged to a person, on whose word."""

    class Source(models.TextChoices):
        REGISTRATION = "registration"
        HUMAN = "human"
        AUTO = "auto"

    record = models.ForeignKey(IdentityRecord, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=20, choices=Source.choices)
    # by which model the machine tied it; '' where people did
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
