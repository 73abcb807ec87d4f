"""Signals (the first word of somebody in need) and screenings by indicators."""

from __future__ import annotations

import secrets
import uuid

from django.db import models
from django.db.models import Q

from kerege.core.fields import CodeField

# no letters or digits that are mistaken for one another on the telephone
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference() -> str:
    """A random signal reference, unrelated to any case's, such as `S-7KQ2-M4XD`."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"S-{letters[:4]}-{letters[4:]}"


class Signal(models.Model):
    """A call, a walk-in, a raid, a letter. It may end without a case."""

    class State(models.TextChoices):
        NEW = "new"
        SEEN = "seen"
        CASE_OPENED = "case_opened"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=12, unique=True, default=new_reference)
    from_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="signals_sent")
    to_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="signals_received")
    channel = CodeField("signal_channel", blank=False)
    caller = CodeField("caller_kind")
    anonymous = models.BooleanField(default=False)
    urgency = CodeField("urgency", default="normal")
    region = CodeField("region")
    language = CodeField("language")
    suspected_form = CodeField("exploitation_form")
    people = models.PositiveSmallIntegerField(null=True, blank=True)
    received_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    data_key = models.OneToOneField("vault.DataKey", on_delete=models.PROTECT, related_name="+")
    narrative = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.NEW)
    case = models.ForeignKey("cases.Case", on_delete=models.SET_NULL, null=True, blank=True, related_name="signals")

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.CheckConstraint(
                name="signal_state_known", condition=Q(state__in=["new", "seen", "case_opened", "closed"])
            ),
        ]
        indexes = [models.Index(fields=["to_agency", "state"], name="signal_inbox")]


class Screening(models.Model):
    """Answers to an indicator questionnaire and what a named person concluded. The result only proposes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="screenings")
    tool = models.CharField(max_length=40)
    tool_version = models.CharField(max_length=20)
    profile = models.CharField(max_length=40)
    answers = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    conclusion = CodeField("victim_status")
    screened_on = models.DateField()
    screened_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
