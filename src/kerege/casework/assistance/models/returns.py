"""Voluntary return and follow-ups."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from kerege.core.database.fields import CodeField, CodesField


class Return(models.Model):
    """A voluntary return that the person decided on: risks, travel, reception, arrival."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="returns")
    country = CodeField("country", blank=False)
    # the person's decision: day, language of the explanation, manner
    decided_on = models.DateField()
    language = CodeField("language")
    manner = CodeField("consent_manner")
    # for a child: the best-interest determination
    best_interest = CodeField("best_interest")
    assessed_on = models.DateField(null=True, blank=True)
    risks = CodesField("return_risk")
    risk_level = CodeField("risk_level")
    risk_text = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    travels_on = models.DateField(null=True, blank=True)
    received_by = models.ForeignKey(
        "accounts.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    escorted = CodeField("answer")
    fit_to_travel = CodeField("answer")
    arrangements = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    departed_on = models.DateField(null=True, blank=True)
    arrived_on = models.DateField(null=True, blank=True)
    cancelled_on = models.DateField(null=True, blank=True)
    cancel_reason = CodeField("return_cancel")
    created_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-decided_on"]
        constraints = [
            models.CheckConstraint(
                name="return_arrives_after_departure",
                condition=Q(departed_on__isnull=True)
                | Q(arrived_on__isnull=True)
                | Q(arrived_on__gte=F("departed_on")),
            ),
            models.CheckConstraint(
                name="nobody_departs_without_a_risk_assessment",
                condition=Q(departed_on__isnull=True) | ~Q(risk_level=""),
            ),
            models.CheckConstraint(
                name="cancelled_return_has_not_begun",
                condition=Q(cancelled_on__isnull=True) | Q(departed_on__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(arrived_on__isnull=True, cancelled_on__isnull=True),
                name="one_return_under_way_per_case",
            ),
        ]


class FollowUp(models.Model):
    """A follow-up of the person some months after the arrival."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    journey = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="follow_ups")
    months = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    outcome = CodeField("follow_up_outcome")
    remark = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    done_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["due_on"]
        constraints = [
            models.UniqueConstraint(fields=["journey", "months"], name="one_follow_up_per_return_and_month"),
            models.CheckConstraint(
                name="follow_up_done_has_outcome", condition=Q(done_on__isnull=True) | ~Q(outcome="")
            ),
        ]
