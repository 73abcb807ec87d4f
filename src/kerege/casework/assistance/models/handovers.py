"""Handovers of one case or a caseload to another agency, and transfer requests."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from kerege.casework.assistance.models.consents import Consent
from kerege.core.database.fields import CodeField


class HandoverOffer(models.Model):
    """An offer of one or more cases to another agency; the receiver answers for all or for single cases."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    from_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    to_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    offered_by = models.CharField(max_length=80)
    answer_due_on = models.DateField()
    # ids of the cases that stayed with the sender when the offer was made, by group
    stayed = models.JSONField(default=dict)

    class Meta:
        ordering = ["-offered_at"]
        indexes = [models.Index(fields=["to_agency", "-offered_at"], name="offers_to_an_agency")]
        constraints = [models.CheckConstraint(name="offer_leaves_its_agency", condition=~Q(from_agency=F("to_agency")))]


class Handover(models.Model):
    """The handover of one case in an offer. Acceptance moves the case.

    Both agencies can undo an accepted handover until `undo_until`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    offer = models.ForeignKey(HandoverOffer, on_delete=models.CASCADE, related_name="handovers")
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="handovers")
    from_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    to_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="+")
    status = CodeField("handover_status", default="offered", blank=False)
    decline_reason = CodeField("decline_reason")
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    undo_until = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=80, blank=True)
    # ids and codes of what the acceptance changed, so that an undo restores exactly that
    before = models.JSONField(default=dict)
    # at an undo: number of rows that the receiver added, by model name; they stay with the receiver
    kept = models.JSONField(default=dict)

    class Meta:
        # An order by the case's reference would join the case, which row security hides from the receiver.
        ordering = ["offered_at", "pk"]
        indexes = [models.Index(fields=["to_agency", "status"], name="handovers_to_answer")]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(status="offered"), name="one_open_handover_per_case"),
            models.CheckConstraint(
                name="answered_handover_has_its_time",
                condition=~Q(status__in=["accepted", "declined", "withdrawn", "undone"]) | Q(answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="undone_handover_has_its_time", condition=~Q(status="undone") | Q(undone_at__isnull=False)
            ),
        ]


class OwnerChange(models.Model):
    """A change of the agency that owns a case, by an accepted or an undone handover."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="owner_changes")
    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="owner_changes")
    from_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    to_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["case", "at"], name="owners_of_a_case"),
            models.Index(fields=["from_agency", "at"], name="cases_that_left"),
        ]


class TransferRequest(models.Model):
    """A request for the case of a person whom another agency helps. The reply never reveals a match."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    # the matching case; null without a match. The asking agency sees no difference
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    key = CodeField("transfer_key", blank=False)
    urgency = CodeField("urgency", default="normal")
    status = CodeField("transfer_status", default="sent", blank=False)
    end_reason = CodeField("transfer_end")
    handover = models.ForeignKey(Handover, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    due_on = models.DateField()
    sent_at = models.DateTimeField()
    sent_by = models.CharField(max_length=80)
    passed_on_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-sent_at"]
        indexes = [models.Index(fields=["status", "due_on"], name="transfers_waiting")]
        constraints = [
            models.CheckConstraint(
                name="ended_transfer_has_its_time", condition=~Q(status="ended") | Q(ended_at__isnull=False)
            )
        ]
