"""Models of approvals, cover for absent colleagues, and reassignment of many cases."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kerege.core.database.fields import CodeField


class Approval(models.Model):
    """A request for approval. The requester cannot decide it, and services continue while it waits."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="approvals")
    kind = CodeField("approval_kind", blank=False)
    subject = models.UUIDField(null=True, blank=True)  # id of the plan or other object to approve
    proposal = models.JSONField(default=dict)  # planned change after approval, in codes and days
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    comment = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    outcome = CodeField("approval_outcome")
    answer = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["requested_at"]
        indexes = [models.Index(fields=["requested_at"], condition=Q(decided_at=None), name="approvals_waiting")]
        constraints = [
            models.CheckConstraint(
                name="nobody_approves_her_own", condition=Q(decided_at=None) | ~Q(decided_by=F("requested_by"))
            ),
            models.CheckConstraint(
                name="approval_decided_with_outcome",
                condition=Q(decided_at=None, outcome="", decided_by="")
                | Q(decided_at__isnull=False, outcome__in=["approved", "returned"]) & ~Q(decided_by=""),
            ),
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(decided_at=None), name="one_waiting_approval_per_case_and_kind"
            ),
        ]


class Cover(models.Model):
    """A cover: one colleague sees and receives the work of an absent one. It ends by itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    absent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="covered_by")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="covers")
    from_on = models.DateField()
    until = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True, blank=True)  # set when the cover ends before its last day

    class Meta:
        ordering = ["from_on"]
        constraints = [
            models.CheckConstraint(name="nobody_covers_herself", condition=~Q(absent=F("by"))),
            models.CheckConstraint(name="cover_ends_after_it_begins", condition=Q(until__gte=F("from_on"))),
        ]


class Reassignment(models.Model):
    """An assignment of several cases to one colleague. It records the previous caseworkers for the undo."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    moves = models.JSONField(default=list)  # [{"case": id, "from": id or None, "tasks": [ids]}]
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]
