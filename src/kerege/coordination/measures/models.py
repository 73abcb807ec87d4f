"""Plan of measures: measures of an act, their responsible bodies, and half-yearly reports."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q

from kerege.coordination.texts import text_in_language
from kerege.core.database.fields import CodeField

REPORT_STATES = ("draft", "submitted", "accepted", "returned")
PUBLICATION_STATES = ("submitted", "published", "returned", "replaced", "withdrawn")


class MeasurePlan(models.Model):
    """Plan of measures of an act. A regional plan hangs on the national one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # the body that keeps the plan: it imports the act, accepts reports and returns them
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="plans_of_measures")
    titles = models.JSONField(default=dict)
    act = models.CharField(max_length=200, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    region = CodeField("region")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="regional")

    class Meta:
        ordering = ["-starts_on", "region", "pk"]
        constraints = [
            models.CheckConstraint(
                name="plan_of_measures_ends_after_it_began", condition=Q(ends_on__gte=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """Return the title in the active language."""
        return text_in_language(self.titles)


class Measure(models.Model):
    """One measure, in the words of the act. Its state is computed and never stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(MeasurePlan, on_delete=models.PROTECT, related_name="measures")
    number = models.CharField(max_length=20)
    place = models.PositiveIntegerField()  # order in the act
    texts = models.JSONField(default=dict)
    completions = models.JSONField(default=dict)  # form of completion, by language
    direction = CodeField("measure_direction")
    term = CodeField("measure_term", blank=False)
    terms = models.JSONField(default=dict)  # the term in the words of the act, by language
    due_on = models.DateField()  # last day; a yearly measure is due each year on the same day
    fundings = models.JSONField(default=dict)  # source of money, by language
    body_texts = models.JSONField(default=dict)  # the bodies in the words of the act, by language
    unit = models.CharField(max_length=100, blank=True)
    target = models.PositiveIntegerField(null=True, blank=True)
    cancelled_on = models.DateField(null=True, blank=True)  # day of the act that took it out of the plan

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="one_measure_per_number")]

    @property
    def text(self) -> str:
        """Return the wording in the active language."""
        return text_in_language(self.texts)

    @property
    def completion(self) -> str:
        """Return the form of completion in the active language."""
        return text_in_language(self.completions)

    @property
    def term_text(self) -> str:
        """Return the term in the words of the act."""
        return text_in_language(self.terms)

    @property
    def body_text(self) -> str:
        """Return the bodies in the words of the act."""
        return text_in_language(self.body_texts)

    @property
    def funding(self) -> str:
        """Return the source of money in the active language."""
        return text_in_language(self.fundings)


class MeasureBody(models.Model):
    """A body that is responsible for a measure; `leads`: it answers for the completion."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="responsible")
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="measures")
    leads = models.BooleanField(default=False)
    place = models.PositiveSmallIntegerField(default=0)  # order in the act

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["measure", "agency"], name="one_body_once_per_measure")]


class MeasureReport(models.Model):
    """Report of a body on a measure for a half-year."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    body = models.ForeignKey(MeasureBody, on_delete=models.PROTECT, related_name="reports")
    half = models.CharField(max_length=7)  # 2026-H1
    text = models.TextField(max_length=5000)
    figure = models.PositiveIntegerField(null=True, blank=True)
    completes = models.BooleanField(default=False)
    state = CodeField("report_state", blank=False, default="draft")
    written_by = models.CharField(max_length=80)
    submitted_on = models.DateField(null=True, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    remark = models.CharField(max_length=1000, blank=True)  # why it was returned

    class Meta:
        ordering = ["half", "body__place"]
        constraints = [
            models.UniqueConstraint(fields=["body", "half"], name="one_report_per_body_and_half"),
            models.CheckConstraint(name="report_state_of_a_measure", condition=Q(state__in=REPORT_STATES)),
            models.CheckConstraint(
                name="decided_report_was_submitted",
                condition=~Q(state__in=["accepted", "returned"])
                | Q(submitted_on__isnull=False, decided_on__isnull=False),
            ),
        ]


class MeasureChange(models.Model):
    """Change of a measure by an act: the earlier and the new values."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="changes")
    on = models.DateField()
    act = models.CharField(max_length=200)
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        ordering = ["on", "pk"]


class PlanPublication(models.Model):
    """Summary of a half-year for the public. The content is stored at the request and never changes.

    The summary is public after a second person approves it. A later one of the same half-year replaces it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(MeasurePlan, on_delete=models.PROTECT, related_name="publications")
    half = models.CharField(max_length=7)
    content = models.JSONField()
    state = CodeField("plan_publication_state", blank=False, default="submitted")
    submitted_by = models.CharField(max_length=80)
    submitted_on = models.DateField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    remark = models.CharField(max_length=1000, blank=True)  # why it was returned
    withdrawn_by = models.CharField(max_length=80, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    reasons = models.JSONField(default=dict, blank=True)  # why it was withdrawn, by language; public

    class Meta:
        ordering = ["-half", "-submitted_on", "pk"]
        constraints = [
            models.CheckConstraint(name="state_of_a_plan_publication", condition=Q(state__in=PUBLICATION_STATES)),
            models.CheckConstraint(
                name="public_summary_was_decided", condition=Q(state="submitted") | Q(decided_on__isnull=False)
            ),
            models.CheckConstraint(
                name="withdrawn_summary_has_its_day", condition=~Q(state="withdrawn") | Q(withdrawn_on__isnull=False)
            ),
            *(
                models.UniqueConstraint(
                    fields=["plan", "half"], condition=Q(state=state), name=f"one_{state}_summary_per_half"
                )
                for state in ("submitted", "published")
            ),
        ]


class BodyName(models.Model):
    """Short name under which an act names a body, such as an abbreviation, or all bodies of a kind."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey("accounts.Agency", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = CodeField("agency_kind")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_meaning_per_short_name"),
            models.CheckConstraint(
                name="short_name_means_one_body_or_a_kind",
                condition=Q(agency__isnull=False, kind="") | (Q(agency__isnull=True) & ~Q(kind="")),
            ),
        ]


def days_of_half(half: str) -> tuple[date, date]:
    """Return the first and the last day of a half-year such as `2026-H1`."""
    year, number = int(half[:4]), half[-1]
    return (date(year, 1, 1), date(year, 6, 30)) if number == "1" else (date(year, 7, 1), date(year, 12, 31))
