"""Referrals to another agency."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kerege.casework.assistance.models.consents import Consent
from kerege.core.database.fields import CodeField, CodesField

# omits letters and digits that are easily confused on the telephone
ALPHABET = "ABCDEFGHJKMNPQRTUVWXYZ2346789"


def new_reference() -> str:
    """Return a random reference. It reveals neither the case nor a count, so e-mails may contain it."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"R-{letters[:4]}-{letters[4:]}"


class Referral(models.Model):
    """A referral to another agency. Each step is recorded with its time and author."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="referrals")
    from_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="referrals_sent")
    to_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="referrals_received")
    services = CodesField("service")
    categories = CodesField("data_category")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, blank=True, related_name="referrals")
    legal_basis = models.CharField(max_length=80, blank=True)
    urgency = CodeField("urgency", default="normal")
    message = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    status = CodeField("referral_status", default="sent", blank=False)
    decline_reason = CodeField("decline_reason")
    # the sender's reason; empty when it ended with a consent, a case or a handover
    withdraw_reason = CodeField("referral_withdrawal")
    due_on = models.DateField()
    sent_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.CharField(max_length=80)
    # the user at the receiving agency who answers
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # the earlier referral that this one follows because an agency declined it or did not answer
    previous = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="next")
    outcome = CodeField("referral_outcome")
    delivered = CodesField("service")
    ended_on = models.DateField(null=True, blank=True)
    reply = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-sent_at"]
        indexes = [models.Index(fields=["to_agency", "status", "due_on"], name="referral_inbox")]
        constraints = [
            models.CheckConstraint(name="referral_leaves_its_agency", condition=~Q(from_agency=F("to_agency"))),
            models.CheckConstraint(
                name="referral_rests_on_consent_or_law", condition=Q(consent__isnull=False) | ~Q(legal_basis="")
            ),
        ]

    @property
    def wants_another(self) -> bool:
        """Return whether this agency will not help, so that the sender can ask the next one."""
        return self.status in {"declined", "expired"} or self.withdraw_reason == "wrong_agency"

    @property
    def by_person(self) -> bool:
        """Return whether the person ended it by withdrawing consent, rather than the sender or the case."""
        return not self.withdraw_reason and self.consent is not None and self.consent.withdrawn_on is not None


class ReferralStep(models.Model):
    """One step of a referral: kind, time, author. Both agencies see the same steps."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="steps")
    kind = CodeField("referral_step", blank=False)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]
