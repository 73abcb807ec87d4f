"""Campaigns and hotline contacts: the duty of public awareness."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from kerege.core.fields import CodeField, CodesField


class Campaign(models.Model):
    """An awareness campaign with its reach."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="campaigns")
    title_kk = models.CharField(max_length=200)
    title_ru = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    audience = CodeField("campaign_audience")
    channels = CodesField("campaign_channel")
    region = CodeField("region")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    reach = models.PositiveIntegerField(null=True, blank=True)
    cost = models.PositiveBigIntegerField(null=True, blank=True)  # tenge

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                name="campaign_ends_after_it_began", condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
            )
        ]


class HotlineContact(models.Model):
    """One contact with the hotline, in codes; what it leads to is a signal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="contacts")
    at = models.DateTimeField()
    channel = CodeField("contact_channel")
    caller = CodeField("caller_kind")
    topic = CodeField("contact_topic")
    outcome = CodeField("contact_outcome")
    region = CodeField("region")
    language = CodeField("language")

    class Meta:
        indexes = [models.Index(fields=["at"], name="contacts_by_time")]
