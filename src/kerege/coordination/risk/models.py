"""Regional risk assessment: factors with values by region, and judgements of commissions."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from kerege.coordination.texts import text_in_language
from kerege.core.database.fields import CodeField


class RiskRound(models.Model):
    """Assessment of the regions for a year."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="risk_rounds")
    year = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=200, blank=True)
    populations = models.JSONField(default=dict, blank=True)  # people by region
    population_source = models.CharField(max_length=300, blank=True)
    invented = models.BooleanField(default=False)  # the figures are invented, as in the demo

    class Meta:
        ordering = ["-year", "pk"]


class RiskFactor(models.Model):
    """Factor of a round: a table of a release, or a public figure. `detects`: beside the risk."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(RiskRound, on_delete=models.CASCADE, related_name="factors")
    place = models.PositiveSmallIntegerField()
    labels = models.JSONField(default=dict)
    group = CodeField("risk_group")
    detects = models.BooleanField(default=False)
    raises = models.BooleanField(default=True)  # a larger value means a higher risk
    per_population = models.BooleanField(default=False)  # counted per 100,000 people of the region
    source = models.CharField(max_length=300, blank=True)
    as_of = models.DateField(null=True, blank=True)
    release = models.CharField(max_length=200, blank=True)
    table = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.CheckConstraint(
                name="factor_has_a_release_or_a_source",
                condition=(~Q(release="") & ~Q(table="") & Q(source="")) | (Q(release="", table="") & ~Q(source="")),
            ),
            models.CheckConstraint(
                name="factor_is_of_a_group_or_detects",
                condition=Q(detects=True, group="") | (Q(detects=False) & ~Q(group="")),
            ),
            models.UniqueConstraint(fields=["round"], condition=Q(detects=True), name="one_detection_per_round"),
        ]

    @property
    def label(self) -> str:
        """Return the name in the active language."""
        return text_in_language(self.labels)


class RiskValue(models.Model):
    """Public figure of a region."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    factor = models.ForeignKey(RiskFactor, on_delete=models.CASCADE, related_name="values")
    region = CodeField("region", blank=False)
    number = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["factor", "region"], name="one_value_per_factor_and_region")]


class RiskJudgement(models.Model):
    """Judgement of a region's commission, with its ground, shown beside the computed interval."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(RiskRound, on_delete=models.CASCADE, related_name="judgements")
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    region = CodeField("region", blank=False)
    level = CodeField("risk_level", blank=False)
    ground = models.CharField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "region"], name="one_judgement_per_region")]
