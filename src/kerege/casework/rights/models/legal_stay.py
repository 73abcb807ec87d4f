"""Right to stay in the country: grounds, times in the country, steps to a document."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from kerege.core.database.fields import CodeField


class StayRight(models.Model):
    """A ground on which the person stays in the country, as the agency knows it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="stay_rights")
    ground = CodeField("stay_ground", blank=False)
    from_on = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    document = CodeField("document_kind")
    # number of the document, encrypted
    number = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    source = CodeField("stay_source")
    recorded_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["recorded_at"]
        constraints = [
            models.CheckConstraint(
                name="right_to_stay_ends_after_it_began",
                condition=Q(from_on__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("from_on")),
            )
        ]


class CountryStay(models.Model):
    """A time in the country, from the day of entry; the present one has no end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="country_stays")
    entered_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)
    source = CodeField("stay_source")
    created_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["entered_on"]
        constraints = [
            models.CheckConstraint(
                name="country_is_left_after_entry",
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("entered_on")),
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(left_on__isnull=True), name="one_present_time_in_the_country"
            ),
        ]


class StayStep(models.Model):
    """A step to a right to stay that was done: notice of the host, a paper, the application, its answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="stay_steps")
    kind = CodeField("stay_step", blank=False)
    done_on = models.DateField()
    # notice of the host: the stay in a shelter that it is about
    shelter_stay = models.ForeignKey(
        "assistance.Stay", on_delete=models.SET_NULL, null=True, blank=True, related_name="host_notices"
    )
    refusal = CodeField("stay_refusal")
    file = models.ForeignKey("cases.CaseFile", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    remark = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["done_on", "recorded_at"]
        constraints = [
            models.CheckConstraint(name="only_a_refusal_has_a_reason", condition=Q(refusal="") | Q(kind="refusal")),
            models.UniqueConstraint(
                fields=["shelter_stay"], condition=Q(kind="host_notice"), name="one_host_notice_per_stay"
            ),
        ]
