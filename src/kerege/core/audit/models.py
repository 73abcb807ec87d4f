"""Models of the audit log.

Rows hold text instead of foreign keys, so erasing live data does not break the log.
"""

from __future__ import annotations

from django.db import models


class Outcome(models.TextChoices):
    """Outcome of an act."""

    DONE = "done"
    REFUSED = "refused"


class AuditEvent(models.Model):
    """One act, read or refusal. Database triggers refuse to change or delete it."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    agency = models.CharField(max_length=36, blank=True)
    action = models.CharField(max_length=64)
    target = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    details = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["seq"]
        indexes = [
            # the access history of a record
            models.Index(fields=["target", "seq"], name="audit_target"),
            models.Index(fields=["actor", "seq"], name="audit_actor"),
            # the auditor's page filters by action, refusal and day
            models.Index(fields=["action", "seq"], name="audit_action"),
            models.Index(fields=["seq"], condition=models.Q(outcome="refused"), name="audit_refused"),
            models.Index(fields=["at"], name="audit_at"),
        ]


class AuditSubject(models.Model):
    """Index row: an event is about an identity record. Append-only and derived from the chain."""

    pk = models.CompositePrimaryKey("subject", "seq")
    subject = models.UUIDField()
    seq = models.BigIntegerField()


class AuditHead(models.Model):
    """The end of the chain: a single row, locked last in every transaction that appends."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_audit_head")]
