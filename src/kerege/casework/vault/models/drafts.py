"""What is typed and not saved yet, and which forms were saved already."""

from __future__ import annotations

import uuid

from django.db import models

PAGE = 300


class Draft(models.Model):
    """What one user typed into one opened form. Only she reads it; where there is a person, under that person's key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # the opened form: two tabs with the same form are two drafts, so neither overwrites the other
    opening = models.UUIDField(unique=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="drafts")
    page = models.CharField(max_length=PAGE)
    form = models.CharField(max_length=80, blank=True)
    data_key = models.ForeignKey("vault.DataKey", on_delete=models.PROTECT, related_name="drafts")
    # the key is this draft's alone and goes with it
    own_key = models.BooleanField()
    ciphertext = models.BinaryField()
    saved_at = models.DateTimeField(db_index=True)
    # kept when the session was over or the form too old to be saved
    parked = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["user", "page"], name="drafts_of_a_user_by_page")]


class SentForm(models.Model):
    """An opened form that was saved: written in the transaction that saved it, so it is saved once."""

    opening = models.UUIDField(primary_key=True)
    # which of several simultaneous requests saved it
    request = models.UUIDField()
    at = models.DateTimeField(db_index=True)
    # where the first press led; empty until it is known
    led_to = models.CharField(max_length=PAGE, blank=True)
