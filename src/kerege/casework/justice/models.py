"""Crimes and suspects. Linked to cases through a relation that only justice roles can follow."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from kerege.core.fields import CodeField


class Crime(models.Model):
    """A recorded crime, in the count of one source; counts of different sources are never summed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="crimes")
    source = CodeField("crime_source", blank=False)
    register_number = models.CharField(max_length=40, blank=True)
    offence = CodeField("offence", blank=False)
    registered_on = models.DateField()
    region = CodeField("region")
    stage = CodeField("crime_stage", default="registered", blank=False)
    stage_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-registered_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "register_number"],
                condition=~Q(register_number=""),
                name="one_crime_per_source_and_register_number",
            ),
            models.CheckConstraint(
                name="crime_stage_after_registration",
                condition=Q(stage_on__isnull=True) | Q(stage_on__gte=F("registered_on")),
            ),
        ]
        indexes = [models.Index(fields=["source", "registered_on"], name="crimes_of_a_source")]


class Suspect(models.Model):
    """A suspect of a crime, in codes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    crime = models.ForeignKey(Crime, on_delete=models.CASCADE, related_name="suspects")
    sex = CodeField("sex")
    roles = models.JSONField(default=list)
    organised_group = CodeField("answer")
    stage = CodeField("crime_stage")


class CaseLink(models.Model):
    """A case is about a victim of this crime."""

    crime = models.ForeignKey(Crime, on_delete=models.CASCADE, related_name="case_links")
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["crime", "case"], name="one_link_per_crime_and_case")]
