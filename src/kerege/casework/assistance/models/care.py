"""Needs, plan, goals, services, return and documents."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from kerege.core.fields import CodeField


class Assessment(models.Model):
    """Needs by domain and the level of risk on a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="assessments")
    on = models.DateField()
    needs = models.JSONField(default=dict)  # need_domain -> 0 none .. 4 acute
    risk_level = CodeField("risk_level")
    assessed_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-on"]


class Plan(models.Model):
    """The assistance plan of a case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="plans")
    kind = CodeField("plan_kind")
    starts_on = models.DateField()
    planned_end_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    agreed_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    created_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plan_ends_after_it_began", condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("starts_on"))
            )
        ]


class Goal(models.Model):
    """What the plan wants to reach in one domain."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="goals")
    domain = CodeField("need_domain", blank=False)
    text = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    reached_on = models.DateField(null=True, blank=True)


class Service(models.Model):
    """One service to one person: who provides it, who pays, from when until when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="services")
    goal = models.ForeignKey(Goal, on_delete=models.SET_NULL, null=True, blank=True, related_name="services")
    kind = CodeField("service", blank=False)
    payer = CodeField("payer")
    provider = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    status = CodeField("service_status", default="ongoing", blank=False)
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


class Return(models.Model):
    """A voluntary return with its risk assessment and follow-ups."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="returns")
    country = CodeField("country", blank=False)
    decided_on = models.DateField()
    risk_level = CodeField("risk_level")
    departed_on = models.DateField(null=True, blank=True)
    arrived_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="return_arrives_after_departure",
                condition=Q(departed_on__isnull=True)
                | Q(arrived_on__isnull=True)
                | Q(arrived_on__gte=F("departed_on")),
            )
        ]


class Document(models.Model):
    """A document that was lost or withheld and is being restored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="documents")
    kind = CodeField("document_kind", blank=False)
    requested_on = models.DateField(null=True, blank=True)
    issued_on = models.DateField(null=True, blank=True)
