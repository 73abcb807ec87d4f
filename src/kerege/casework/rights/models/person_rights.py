"""Rights that were told, reflection period, complaints, and the five questions at the end."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q

from kerege.casework.rights.models.case_records import CaseRecord
from kerege.core.database.fields import CodeField, CodesField


class RightsTold(CaseRecord):
    """The rights that were told to the person on a day, and those that they did not understand."""

    told_on = models.DateField()
    language = CodeField("language", blank=False)
    manner = CodeField("notice_manner", blank=False)
    interpreter = CodeField("answer")
    rights = CodesField("person_right")
    not_understood = CodesField("person_right")


class Reflection(CaseRecord):
    """A period in which the person recovers and decides without pressure."""

    starts_on = models.DateField()
    ends_on = models.DateField()
    extended_until = models.DateField(null=True, blank=True)
    suspended = CodesField("reflection_effect")

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(name="reflection_ends_after_it_began", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(
                name="reflection_is_extended_beyond_its_end",
                condition=Q(extended_until__isnull=True) | Q(extended_until__gt=F("ends_on")),
            ),
        ]

    @property
    def last_day(self) -> date:
        """Return the last day, with its extension."""
        return self.extended_until or self.ends_on


class Complaint(CaseRecord):
    """A complaint of the person about an agency, sent on paper to an independent receiver."""

    about = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    subject = CodeField("complaint_subject", blank=False)
    receiver = CodeField("agency_kind", blank=False)
    sent_on = models.DateField()
    told_no_reprisal = CodeField("answer", blank=False)
    text = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    answered_on = models.DateField(null=True, blank=True)
    outcome = CodeField("complaint_outcome")
    answer = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="answered_complaint_has_day_and_outcome",
                condition=(Q(answered_on__isnull=True) & Q(outcome=""))
                | (Q(answered_on__isnull=False) & ~Q(outcome="")),
            )
        ]


class SurveyAnswer(models.Model):
    """Answers to the five questions, without a person, a case or a day: an agency and a half-year."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    half = models.CharField(max_length=7)  # 2026-H2
    moment = CodeField("survey_moment", blank=False)
    safe = CodeField("survey_answer")
    informed = CodeField("survey_answer")
    decided = CodeField("survey_answer")
    helped = CodeField("survey_answer")
    respected = CodeField("survey_answer")

    class Meta:
        ordering = ["half"]
