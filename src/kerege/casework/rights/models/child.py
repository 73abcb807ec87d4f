"""A child: guardian, best interests, doubt about the age."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from kerege.casework.rights.models.case_records import CaseRecord
from kerege.core.database.fields import CodeField, CodesField


class Guardian(CaseRecord):
    """A person or body that speaks for a child. Name and act are encrypted."""

    kind = CodeField("guardian_kind", blank=False)
    name = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    act = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    from_on = models.DateField()
    until = models.DateField(null=True, blank=True)
    conflict = CodeField("answer")
    conflict_ground = CodeField("guardian_conflict")
    consented_to = CodesField("guardian_consent")

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="guardian_ends_after_beginning", condition=Q(until__isnull=True) | Q(until__gte=F("from_on"))
            ),
            models.CheckConstraint(
                name="conflict_of_a_guardian_has_a_ground", condition=~Q(conflict="yes") | ~Q(conflict_ground="")
            ),
        ]


class BestInterest(CaseRecord):
    """An assessment of the best interests on one question. Facts and the child's words are encrypted."""

    question = CodeField("best_interest_question", blank=False)
    decided_on = models.DateField()
    answer = CodeField("best_interest_answer", blank=False)
    took_part = CodesField("best_interest_party")
    schooling = CodeField("schooling", blank=False)
    facts = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    child_words = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    review_on = models.DateField(null=True, blank=True)

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="best_interests_reviewed_later",
                condition=Q(review_on__isnull=True) | Q(review_on__gt=F("decided_on")),
            )
        ]


class AgeDoubt(CaseRecord):
    """A doubt about the age. Until it is decided, the person counts as a child."""

    raised_on = models.DateField()
    raised_by = CodeField("agency_kind")
    methods = CodesField("age_method")
    decided_on = models.DateField(null=True, blank=True)
    decided_by = CodeField("agency_kind")
    result = CodeField("age_result")
    reasons = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="decided_age_has_day_and_result",
                condition=(Q(decided_on__isnull=True) & Q(result="")) | (Q(decided_on__isnull=False) & ~Q(result="")),
            )
        ]
