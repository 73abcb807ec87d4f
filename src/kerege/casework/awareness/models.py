"""Campaigns and hotline contacts."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from kerege.core.database.fields import CodeField, CodesField, TextsField
from kerege.vocabulary import languages


class Campaign(models.Model):
    """An awareness campaign: plan, reach and cost."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="campaigns")
    titles = TextsField()  # theme of the campaign
    audience = CodeField("campaign_audience")
    channels = CodesField("campaign_channel")
    languages = CodesField("language")
    materials = CodesField("campaign_material")
    region = CodeField("region")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    planned_reach = models.PositiveIntegerField(null=True, blank=True)
    planned_cost = models.PositiveBigIntegerField(null=True, blank=True)  # in the currency of the country
    # channel -> number of contacts; a person reached by two channels counts in both
    reach_by_channel = models.JSONField(default=dict, blank=True)
    reach = models.PositiveIntegerField(null=True, blank=True)
    cost = models.PositiveBigIntegerField(null=True, blank=True)  # in the currency of the country

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                name="campaign_ends_after_it_began", condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
            )
        ]

    @property
    def title(self) -> str:
        """Return the theme in the active language."""
        return str(languages.text_in(self.titles, get_language() or languages.LAST_RESORT))


class HotlineContact(models.Model):
    """One contact with the hotline, in codes; a possible victim is reported as a signal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="contacts")
    at = models.DateTimeField()
    channel = CodeField("contact_channel")
    caller = CodeField("caller_kind")
    topic = CodeField("contact_topic")
    outcome = CodeField("contact_outcome")
    region = CodeField("region")
    language = CodeField("language")
    # campaign channel through which the caller heard of the hotline
    heard_through = CodeField("campaign_channel")

    class Meta:
        indexes = [models.Index(fields=["at"], name="contacts_by_time")]
