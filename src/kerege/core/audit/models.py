"""The audit chain. Rows hold text copies and no foreign keys, so live data can go without breaking the log."""

from __future__ import annotations

from django.db import models


class Outcome(models.TextChoices):
    """What became of an act."""

    DONE = "done"
    REFUSED = "refused"


class AuditEvent(models.Model):
    """One act, read or refusal. Triggers of the database refuse to change or remove it."""

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
            # who touched this record: the access history of a person
            models.Index(fields=["target", "seq"], name="audit_target"),
            models.Index(fields=["actor", "seq"], name="audit_actor"),
            # the auditor's page: one kind of act, what was refused, a day
            models.Index(fields=["action", "seq"], name="audit_action"),
            models.Index(fields=["seq"], condition=models.Q(outcome="refused"), name="audit_refused"),
            models.Index(fields=["at"], name="audit_at"),
        ]


class AuditSubject(models.Model):
    """An event names an identity record. Append-only like the chain, and derived from it."""

    pk = models.CompositePrimaryKey("subject", "seq")
    subject = models.UUIDField()
    seq = models.BigIntegerField()


class AuditHead(models.Model):
    """The end of the chain: one row, locked last in every transaction that appends."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_audit_head")]
