"""Beds of a shelter and stays in them. No address is stored."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from kerege.core.database.fields import CodeField


class Bed(models.Model):
    """A bed in a room of a shelter. Room and number are the shelter's own labels, never an address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="beds")
    room = models.CharField(max_length=12)
    number = models.CharField(max_length=6)
    kind = CodeField("bed_kind", blank=False)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["room", "number"]
        constraints = [models.UniqueConstraint(fields=["agency", "room", "number"], name="one_bed_per_room_and_number")]

    def __str__(self) -> str:
        return f"{self.room}-{self.number}"


class Stay(models.Model):
    """A person's stay in a shelter. The country profile sets its term; an extension needs a coded ground."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="stays")
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="stays")
    bed = models.ForeignKey(Bed, on_delete=models.PROTECT, related_name="stays")
    service = models.ForeignKey(
        "assistance.Service", on_delete=models.SET_NULL, null=True, blank=True, related_name="stays"
    )
    arrived_on = models.DateField()
    bed_since = models.DateField()
    left_on = models.DateField(null=True, blank=True)
    end_reason = CodeField("stay_end")
    extended_until = models.DateField(null=True, blank=True)
    extension_reason = CodeField("extension_reason")
    extended_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-arrived_on"]
        constraints = [
            models.UniqueConstraint(fields=["bed"], condition=Q(left_on__isnull=True), name="one_person_per_bed"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(left_on__isnull=True), name="one_running_stay_per_case"
            ),
            models.CheckConstraint(
                name="stay_ends_after_it_began",
                condition=Q(bed_since__gte=F("arrived_on"))
                & (Q(left_on__isnull=True) | Q(left_on__gte=F("bed_since"))),
            ),
            models.CheckConstraint(
                name="extension_has_a_ground",
                condition=Q(extended_until__isnull=True)
                | Q(extension_reason__gt="", extended_until__gt=F("arrived_on")),
            ),
        ]
