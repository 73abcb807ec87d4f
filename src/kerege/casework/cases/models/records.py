"""Models of attachments, legal holds, erasure requests and approved disposals."""

from __future__ import annotations

import secrets
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kerege.core.database.fields import CodeField

# without letters and digits that are easily confused
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_receipt() -> str:
    """Return a random receipt number, such as `R-7KQ2-M4XD`, unrelated to other numbers of the person."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"R-{letters[:4]}-{letters[4:]}"


class CaseFile(models.Model):
    """An attachment of a case. Its name and note are encrypted; its bytes are in the vault."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="files")
    stored = models.OneToOneField("vault.StoredFile", on_delete=models.PROTECT, related_name="+")
    kind = CodeField("document_kind")
    dated_on = models.DateField(null=True, blank=True)
    # {"name": original file name, "note": note about the file}
    about = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.CharField(max_length=80, blank=True)
    removal_reason = CodeField("file_removal_reason")
    # Last day on which the file can be restored; then it is destroyed, unless a hold keeps it.
    # None after a removal: the file was destroyed at once.
    kept_until = models.DateField(null=True, blank=True)
    receipt = models.CharField(max_length=12, unique=True, default=new_receipt)

    class Meta:
        ordering = ["-created_at"]

    @property
    def may_be_put_back(self) -> bool:
        """Return whether the removal can still be undone.

        The period is the same for every file, so that it does not reveal a hold.
        """
        return self.removed_at is not None and self.kept_until is not None and timezone.localdate() <= self.kept_until


class LegalHold(models.Model):
    """A legal hold: nothing of its case may be removed until a day, or until a user ends it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="holds")
    ground = CodeField("hold_ground", blank=False)
    reason = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    until = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-created_at"]


class ErasureRequest(models.Model):
    """A request to erase a person, decided by another user. It names no person and stays as the receipt."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("vault.Person", on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="erasures")
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    receipt = models.CharField(max_length=12, unique=True, default=new_receipt)
    ground = CodeField("erasure_ground", blank=False)
    asked_on = models.DateField()
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=80)
    outcome = CodeField("erasure_outcome")
    refusal = CodeField("erasure_refusal")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    records = models.PositiveIntegerField(default=0)
    texts = models.PositiveIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(outcome=""), name="one_waiting_erasure_per_case"),
            models.CheckConstraint(
                name="nobody_erases_what_she_asked_for",
                condition=~Q(outcome="erased") | ~Q(decided_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="erasure_decided_by_somebody",
                condition=Q(outcome="", decided_at__isnull=True) | ~Q(outcome="") & Q(decided_at__isnull=False),
            ),
        ]


class RetentionApproval(models.Model):
    """An approval to dispose of what is due of a kind. Another user runs it, once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = CodeField("retention_kind", blank=False)
    due_until = models.DateField()
    due_count = models.PositiveIntegerField(db_column="found")
    approved_at = models.DateTimeField()
    approved_by = models.CharField(max_length=80)
    # user and agency of the approval, whose right is required again at the run
    originator = models.CharField(max_length=80, blank=True, default="")
    run_at = models.DateTimeField(null=True, blank=True)
    run_by = models.CharField(max_length=80, blank=True)
    removed = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-approved_at"]
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(run_at=None), name="one_open_approval_per_kind"),
            models.CheckConstraint(name="nobody_runs_her_own_approval", condition=~Q(run_by=F("approved_by"))),
        ]
