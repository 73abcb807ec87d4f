"""Models of autosaved drafts and of submitted forms."""

from __future__ import annotations

import uuid

from django.db import models

PAGE = 300


class Draft(models.Model):
    """Autosaved input of one user in one opened form, encrypted under the person's data key or its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # id of the opened form: two tabs with the same form have two drafts, so that neither overwrites the other
    opening = models.UUIDField(unique=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="drafts")
    page = models.CharField(max_length=PAGE)
    form = models.CharField(max_length=80, blank=True)
    data_key = models.ForeignKey("vault.DataKey", on_delete=models.PROTECT, related_name="drafts")
    # True if the data key belongs to this draft alone and is deleted with it
    own_key = models.BooleanField()
    ciphertext = models.BinaryField()
    saved_at = models.DateTimeField(db_index=True)
    # saved without a valid session or with an outdated CSRF token
    parked = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["user", "page"], name="drafts_of_a_user_by_page")]


class SentForm(models.Model):
    """Opened form that was saved; the row is written in the transaction that saves it, so only once."""

    opening = models.UUIDField(primary_key=True)
    # id of the request that saved it, among simultaneous ones
    request = models.UUIDField()
    at = models.DateTimeField(db_index=True)
    # address of the first result; empty until it is known
    led_to = models.CharField(max_length=PAGE, blank=True)
