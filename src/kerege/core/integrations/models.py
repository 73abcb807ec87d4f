"""Models for other systems: tokens for the API, and webhooks with their deliveries."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from kerege.core.jobs.deliveries import Delivery


class SystemToken(models.Model):
    """API token of an agency's system, with scopes and an expiry. Only its digest is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.CASCADE, related_name="system_tokens")
    name = models.CharField(max_length=80)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_on = models.DateField(null=True, blank=True)
    # a token works from its confirmation on; `confirmed_by` is "" where its scopes need no second person
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        ordering = ["agency", "name", "-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(confirmed_by=models.F("created_by")), name="a_second_person_confirms_a_token"
            )
        ]


class Answered(models.Model):
    """Stored response to a request with an idempotency key: a repeated request is not run again."""

    token = models.ForeignKey(SystemToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    request = models.BinaryField(max_length=32)  # digest of method, path and body
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(default=dict)  # references and states, no identity
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="one_answer_per_idempotency_key")]


class Webhook(models.Model):
    """Address to which events of an agency are sent. `secret` is encrypted under the key-encryption key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=300)
    secret = models.TextField(editable=False)
    events = models.JSONField(default=list)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["agency", "url"]

    @property
    def secret_place(self) -> str:
        """Return the place to which the secret is bound: it opens in no other row."""
        return f"systems_webhook.secret:{self.pk}"


class WebhookDelivery(Delivery):
    """One event for one webhook.

    It is written in the transaction of its act, and retried until delivered or given up.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)  # references, codes and times

    class Meta:
        db_table = "systems_delivery"  # its name before the class was renamed
        ordering = ["-created_at"]
        indexes = [
            # finds the due rows for the delivery job
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="deliveries_due")
        ]
