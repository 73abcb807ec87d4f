"""Case plans with goals in domains of need, reviews, and the person's agreement."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from kerege.core.database.fields import CodeField


class Plan(models.Model):
    """The plan of a case; one runs at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="plans")
    kind = CodeField("plan_kind")
    starts_on = models.DateField()
    planned_end_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    # the person's answer, and when and in which language the plan was explained; a refusal blocks nothing
    agreement = CodeField("plan_agreement")
    agreed_on = models.DateField(null=True, blank=True)
    agreement_language = CodeField("language")
    agreement_manner = CodeField("consent_manner")
    review_on = models.DateField(null=True, blank=True)
    created_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                name="plan_ends_after_it_began", condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("starts_on"))
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_on__isnull=True), name="one_running_plan_per_case"
            ),
        ]


class Goal(models.Model):
    """A goal of the plan in one domain of need."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="goals")
    domain = CodeField("need_domain", blank=False)
    text = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    by = models.DateField(null=True, blank=True)
    outcome = CodeField("goal_outcome")
    ended_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at"]


class PlanReview(models.Model):
    """A review of the plan with its result."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="reviews")
    on = models.DateField()
    result = CodeField("review_result", blank=False)
    text = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    reviewed_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "assistance_review"  # its name before the class was renamed
        ordering = ["-on", "-created_at"]
