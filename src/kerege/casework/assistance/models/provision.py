"""Services with their provider and payer, deliveries and interruptions."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from kerege.core.database.fields import CodeField


class Service(models.Model):
    """One service to one person: kind, provider, payer, period, outcome."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="services")
    goal = models.ForeignKey(
        "assistance.Goal", on_delete=models.SET_NULL, null=True, blank=True, related_name="services"
    )
    kind = CodeField("service", blank=False)
    payer = CodeField("payer")
    provider = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    status = CodeField("service_status", default="ongoing", blank=False)
    outcome = CodeField("service_outcome")
    end_reason = CodeField("service_end_reason")
    requested_on = models.DateField(null=True, blank=True)
    started_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["started_on", "created_at"]
        constraints = [
            models.CheckConstraint(
                name="service_ends_after_it_began",
                condition=Q(started_on__isnull=True) | Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
            ),
            models.CheckConstraint(
                name="completed_service_has_started",
                condition=~Q(status__in=["ongoing", "completed"]) | Q(started_on__isnull=False),
            ),
        ]


class ServiceDelivery(models.Model):
    """A delivery on a day within a service."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="deliveries")
    on = models.DateField()
    kind = CodeField("delivery_kind", blank=False)
    units = models.PositiveSmallIntegerField(default=1)
    remark = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    delivered_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "assistance_delivery"  # its name before the class was renamed
        ordering = ["-on", "-created_at"]
        constraints = [models.CheckConstraint(name="delivery_of_something", condition=Q(units__gte=1))]


class Interruption(models.Model):
    """A period in which a service was interrupted; the service may resume."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="interruptions")
    reason = CodeField("service_end_reason")
    began_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-began_on"]
        constraints = [
            models.CheckConstraint(
                name="interruption_ends_after_it_began",
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("began_on")),
            ),
            models.UniqueConstraint(
                fields=["service"], condition=Q(ended_on__isnull=True), name="one_open_interruption_per_service"
            ),
        ]
