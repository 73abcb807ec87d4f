"""Crimes, proceedings, suspects, and links to cases that only justice roles can read."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from kerege.core.database.fields import CodeField, CodesField
from kerege.web.money import currency


class Crime(models.Model):
    """A recorded crime in the count of one source. Counts of different sources are never summed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="crimes")
    source = CodeField("crime_source", blank=False)
    register_number = models.CharField(max_length=40, blank=True)
    offence = CodeField("offence", blank=False)
    registered_on = models.DateField()
    region = CodeField("region")
    stage = CodeField("crime_stage", default="registered", blank=False)
    stage_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-registered_on"]
        constraints = [
            # unique within one agency only, so that an error does not reveal another agency's record
            models.UniqueConstraint(
                fields=["agency", "source", "register_number"],
                condition=~Q(register_number=""),
                name="one_crime_per_agency_source_and_number",
            ),
            models.CheckConstraint(
                name="crime_stage_after_registration",
                condition=Q(stage_on__isnull=True) | Q(stage_on__gte=F("registered_on")),
            ),
        ]
        indexes = [
            models.Index(fields=["source", "registered_on"], name="crimes_of_a_source"),
            models.Index(fields=["source", "register_number"], name="crimes_by_number"),
        ]


class Suspect(models.Model):
    """Suspect of a crime: coded attributes, no name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    crime = models.ForeignKey(Crime, on_delete=models.CASCADE, related_name="suspects")
    sex = CodeField("sex")
    age_band = CodeField("age_band")
    citizenship = CodeField("country")
    roles = CodesField("suspect_role")
    organised_group = CodeField("answer")
    stage = CodeField("crime_stage")
    sanction = CodeField("sanction")

    class Meta:
        ordering = ["pk"]


class StageEntry(models.Model):
    """A stage that a crime or a suspect reached. Rows are only added; a correction is a row too."""

    crime = models.ForeignKey(Crime, on_delete=models.CASCADE, related_name="stages")
    suspect = models.ForeignKey(Suspect, on_delete=models.CASCADE, null=True, blank=True, related_name="stages")
    stage = CodeField("crime_stage", blank=False)
    on = models.DateField()
    correction = CodeField("stage_correction")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["recorded_at", "pk"]
        indexes = [models.Index(fields=["crime", "recorded_at"], name="stages_of_a_crime")]


class Hearing(models.Model):
    """A hearing on a day, with its state."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    crime = models.ForeignKey(Crime, on_delete=models.CASCADE, related_name="hearings")
    on = models.DateField()
    kind = CodeField("hearing_kind", blank=False)
    state = CodeField("hearing_state", default="planned", blank=False)

    class Meta:
        ordering = ["on"]
        indexes = [models.Index(fields=["on"], condition=Q(state="planned"), name="planned_hearings")]


class ProtectionMeasure(models.Model):
    """A measure that protects a victim, a witness or a relative during the proceedings."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    crime = models.ForeignKey(Crime, on_delete=models.CASCADE, related_name="protections")
    person = CodeField("protected_person", blank=False)
    kind = CodeField("protection_kind", blank=False)
    ordered_by = CodeField("agency_kind")
    # the linked case of the one person whom it protects
    link = models.ForeignKey(
        "justice.CaseLink", on_delete=models.SET_NULL, null=True, blank=True, related_name="protections"
    )
    threat = CodeField("risk_level")
    requested_on = models.DateField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    refused_on = models.DateField(null=True, blank=True)
    # without a start the measure was asked for or refused
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    reviewed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                name="protection_ends_after_it_began",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="protection_was_asked_for_or_began",
                condition=Q(starts_on__isnull=False) | Q(requested_on__isnull=False),
            ),
            models.CheckConstraint(
                name="refused_protection_did_not_begin",
                condition=Q(refused_on__isnull=True) | Q(starts_on__isnull=True),
            ),
        ]


class Breach(models.Model):
    """A breach of a protection measure, and the body to which it was reported."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    measure = models.ForeignKey(ProtectionMeasure, on_delete=models.CASCADE, related_name="breaches")
    on = models.DateField()
    kind = CodeField("breach_kind", blank=False)
    reported_to = CodeField("agency_kind")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-on"]


class Compensation(models.Model):
    """Compensation that a victim claimed, was awarded and was paid, in one currency."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    crime = models.ForeignKey(Crime, on_delete=models.CASCADE, related_name="compensations")
    source = CodeField("compensation_source", blank=False)
    # the linked case of the one person who is paid
    link = models.ForeignKey(
        "justice.CaseLink", on_delete=models.SET_NULL, null=True, blank=True, related_name="compensations"
    )
    currency = models.CharField(max_length=3, default=currency)
    claimed_on = models.DateField(null=True, blank=True)
    claimed = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    awarded_on = models.DateField(null=True, blank=True)
    awarded = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)
    paid = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering = ["claimed_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="compensation_is_not_negative",
                condition=(Q(claimed__isnull=True) | Q(claimed__gte=0))
                & (Q(awarded__isnull=True) | Q(awarded__gte=0))
                & (Q(paid__isnull=True) | Q(paid__gte=0)),
            ),
            models.CheckConstraint(
                name="paid_compensation_has_its_day", condition=Q(paid__isnull=True) | Q(paid_on__isnull=False)
            ),
        ]


class CompensationStep(models.Model):
    """A step of a compensation on a day. Rows are only added; the newest one is the state."""

    compensation = models.ForeignKey(Compensation, on_delete=models.CASCADE, related_name="steps")
    state = CodeField("compensation_state", blank=False)
    on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["on", "recorded_at"]


class CaseLink(models.Model):
    """A link from a crime to the case of its victim, based on consent or on a share of the case."""

    crime = models.ForeignKey(Crime, on_delete=models.CASCADE, related_name="case_links")
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    basis = CodeField("link_basis")
    basis_id = models.UUIDField(null=True, blank=True)
    linked_at = models.DateTimeField(null=True)
    linked_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["crime", "case"], name="one_link_per_crime_and_case")]
