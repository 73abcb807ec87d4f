"""Models of signals (initial reports of a possible victim), screenings, decision requests and reviews."""

from __future__ import annotations

import secrets
import uuid

from django.db import models
from django.db.models import Q

from kerege.core.database.fields import CodeField

# without letters and digits that are easily confused on the telephone
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference() -> str:
    """Return a random reference of a signal, such as `S-7KQ2-M4XD`, unrelated to case references."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"S-{letters[:4]}-{letters[4:]}"


class Signal(models.Model):
    """An initial report of a possible victim: a call, a visit, a raid or a letter. It may lead to no case."""

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
    # one case for each reported person
    cases = models.ManyToManyField("cases.Case", blank=True, related_name="signals")

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.CheckConstraint(
                name="signal_state_known", condition=Q(state__in=["new", "seen", "case_opened", "closed"])
            ),
        ]
        indexes = [models.Index(fields=["to_agency", "state"], name="signal_inbox")]


class OutsideReport(models.Model):
    """Sender of a signal that has no account: a body that the law names, by the public form or on paper."""

    class Way(models.TextChoices):
        FORM = "form"
        PAPER = "paper"

    signal = models.OneToOneField(Signal, on_delete=models.CASCADE, primary_key=True, related_name="outside")
    way = models.CharField(max_length=5, choices=Way.choices)
    sender_kind = CodeField("agency_kind", blank=False)
    # {"name": text, "contact": text}, encrypted under the key of the signal
    sender = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(name="outside_report_way_known", condition=Q(way__in=["form", "paper"]))]


class Screening(models.Model):
    """Answers to an indicator questionnaire, and the conclusion of a named user.

    The result of the answers only proposes a conclusion. A screening is about a case, or about a signal without a case.
    The answers are kept as given.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, null=True, related_name="screenings")
    signal = models.ForeignKey(Signal, on_delete=models.CASCADE, null=True, related_name="screenings")
    # agency that held the screening
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    tool = models.CharField(max_length=40)
    tool_version = models.CharField(max_length=20)
    profile = models.CharField(max_length=40)
    language = CodeField("language")
    interpreter = CodeField("answer")
    place = CodeField("screening_place")
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    breaks = models.PositiveSmallIntegerField(null=True, blank=True)
    answers = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    # the person's words by dimension: {dimension: text}
    evidence = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    conclusion = CodeField("victim_status")
    # required when the conclusion differs from the proposal of the indicators
    reason = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    screened_on = models.DateField()
    screened_by = models.CharField(max_length=80)
    concluded_by = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    concluded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="screening_is_about_somebody", condition=Q(case__isnull=False) | Q(signal__isnull=False)
            ),
            models.CheckConstraint(
                name="screening_concluded_has_conclusion",
                condition=Q(concluded_at__isnull=True, conclusion="")
                | Q(concluded_at__isnull=False) & ~Q(conclusion=""),
            ),
        ]


class DecisionRequest(models.Model):
    """A request that an authority decides on one track. The decision itself answers it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="decision_requests")
    track = CodeField("decision_track", blank=False)
    authority = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    from_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    requested_on = models.DateField()
    requested_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_on", "-created_at"]
        constraints = [
            models.CheckConstraint(name="request_track_known", condition=Q(track__in=["social", "police"])),
        ]
        indexes = [
            # work list of an authority
            models.Index(fields=["authority", "case"], condition=Q(withdrawn_at=None), name="decisions_asked_for")
        ]


class Notification(models.Model):
    """A record that the person was informed of a decision: day, manner and language."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey("cases.Decision", on_delete=models.CASCADE, related_name="notifications")
    told_on = models.DateField()
    manner = CodeField("notice_manner", blank=False)
    language = CodeField("language")
    interpreter = CodeField("answer")
    told_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-told_on", "-created_at"]


class DecisionReview(models.Model):
    """A review of a decision. Its outcome is the next decision on the same track."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.OneToOneField("cases.Decision", on_delete=models.CASCADE, related_name="review")
    asked_on = models.DateField()
    asked_by = CodeField("review_by", blank=False)
    why = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    opened_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "intake_review"  # its name before the class was renamed
        ordering = ["-asked_on", "-created_at"]
