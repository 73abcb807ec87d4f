"""Commissions: members, meetings with agenda and minutes, decisions with bodies and deadlines."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from kerege.coordination.reports import SENT
from kerege.coordination.texts import text_in_language
from kerege.core.database.fields import CodeField
from kerege.vocabulary import codes
from kerege.web.templatetags.kerege import language


class Commission(models.Model):
    """The interagency commission, or the commission of a region."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # the body of its secretary
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="commissions")
    region = CodeField("region")
    act = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["region", "pk"]
        constraints = [models.UniqueConstraint(fields=["region"], name="one_commission_per_region")]

    @property
    def title(self) -> str:
        """Return the name in the active language."""
        if not self.region:
            return _("Interagency commission")
        return _("Commission: %(region)s") % {"region": codes.label("region", self.region, language())}


class CommissionMember(models.Model):
    """A body that is a member, with its post. Who sits for it is not recorded."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    commission = models.ForeignKey(Commission, on_delete=models.CASCADE, related_name="members")
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="memberships")
    post = CodeField("commission_post", blank=False, default="member")
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["from_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["commission", "agency"], condition=Q(until_on__isnull=True), name="one_membership_at_a_time"
            )
        ]


class Meeting(models.Model):
    """A session of a commission: agenda before it, minutes after it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="meetings")
    number = models.CharField(max_length=20)
    on = models.DateField()
    form = CodeField("meeting_form", blank=False, default="in_person")
    present = models.PositiveSmallIntegerField(null=True, blank=True)  # bodies that were present
    minutes = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-on"]
        constraints = [models.UniqueConstraint(fields=["commission", "number"], name="one_meeting_per_number")]

    @property
    def minutes_text(self) -> str:
        """Return the minutes in the active language."""
        return text_in_language(self.minutes)


class AgendaItem(models.Model):
    """An item of the agenda. A figure comes from a table of a release that it cites."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    place = models.PositiveSmallIntegerField()
    titles = models.JSONField(default=dict)
    speaker = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    release = models.CharField(max_length=200, blank=True)  # folder of the release, and its table
    table = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.CheckConstraint(
                name="item_cites_a_table_of_a_release",
                condition=Q(release="", table="") | ~(Q(release="") | Q(table="")),
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """Return the title in the active language."""
        return text_in_language(self.titles)


class Resolution(models.Model):
    """A decision of a meeting with its deadline. Its state is computed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="resolutions")
    item = models.ForeignKey(AgendaItem, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    number = models.CharField(max_length=20)
    texts = models.JSONField(default=dict)
    due_on = models.DateField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="one_resolution_per_number")]

    @property
    def text(self) -> str:
        """Return the wording in the active language."""
        return text_in_language(self.texts)


class ResolutionBody(models.Model):
    """A body that carries out a decision, and its report."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    resolution = models.ForeignKey(Resolution, on_delete=models.CASCADE, related_name="bodies")
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="resolutions")
    report = models.TextField(max_length=5000, blank=True)
    state = CodeField("report_state")  # '' until the body reports
    reported_by = models.CharField(max_length=80, blank=True)
    reported_on = models.DateField(null=True, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    remark = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["resolution", "agency"], name="one_body_once_per_resolution"),
            models.CheckConstraint(
                name="report_state_of_a_resolution", condition=Q(state__in=["", "submitted", "accepted", "returned"])
            ),
        ]

    @property
    def is_sent(self) -> bool:
        """Return whether the body has reported."""
        return self.state in SENT
