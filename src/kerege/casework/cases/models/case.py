"""Models of a case and its parts, as one agency knows them, in codes. Names are kept in the vault."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kerege.core.database.fields import CodeField, CodesField


class ReferenceCounter(models.Model):
    """The last number of a year in case references. The row is locked while the next one is taken."""

    year = models.PositiveIntegerField(primary_key=True)
    value = models.PositiveIntegerField(default=0)


class Case(models.Model):
    """A person's case at the agency that owns it. Its lifecycle does not depend on a victim status."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=20, unique=True)
    record = models.ForeignKey("vault.IdentityRecord", on_delete=models.PROTECT, related_name="cases")
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="cases")
    registered_by_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    caseworker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    # keyed hash of the agency's own case id, so that a repeated import finds the same case
    source_key = models.BinaryField(max_length=32, null=True, editable=False)
    # the import key of the hash, and the id encrypted under it, from which a rotation makes the hash again
    source_key_id = models.CharField(max_length=40, default="", blank=True, editable=False)
    sealed_source = models.BinaryField(default=b"", editable=False)
    registered_on = models.DateField()
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    # how the person came to this agency; a referral is not an independent detection
    route = CodeField("signal_channel")
    detected_independently = models.BooleanField(default=True)
    region = CodeField("region")
    risk_level = CodeField("risk_level")

    status = CodeField("case_status", default="open", blank=False)
    closure_reason = CodeField("closure_reason")
    ended_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    # two independent statuses, changed only by a Decision
    social_status = CodeField("victim_status")
    police_status = CodeField("victim_status")

    # coded attributes for statistics, which remain after the identity is erased
    gender = CodeField("gender")
    sex = CodeField("sex")
    age_band = CodeField("age_band")
    citizenships = CodesField("country")
    origin_country = CodeField("country")

    # HTCDS values without a column, encrypted as one JSON object
    supplement = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-registered_on", "-reference"]
        indexes = [
            models.Index(fields=["agency", "status", "registered_on"], name="case_work_list"),
            models.Index(fields=["caseworker", "status"], name="case_of_worker"),
            models.Index(fields=["-registered_on", "-reference"], name="case_newest_first"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["registered_by_agency", "source_key"], name="one_case_per_agency_and_source_id"
            ),
            models.CheckConstraint(
                name="case_status_known", condition=Q(status__in=["open", "suspended", "ended", "follow_up", "closed"])
            ),
            models.CheckConstraint(
                name="case_closed_has_date", condition=~Q(status="closed") | Q(closed_on__isnull=False)
            ),
            models.CheckConstraint(
                name="case_ends_after_registration",
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("registered_on")),
            ),
        ]

    @property
    def takes_more(self) -> bool:
        """Return whether items may be added: a closed case accepts none before it is reopened."""
        return self.status != "closed"

    @property
    def is_erased(self) -> bool:
        """Return whether the person was erased: only codes are left, and nothing can be written."""
        return self.record.data_key.wrapped is None

    def __str__(self) -> str:
        return self.reference


class Exploitation(models.Model):
    """An episode of exploitation. A case has at most one main episode, and an episode one main form."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="exploitations")
    main = models.BooleanField(default=False)
    main_form = CodeField("exploitation_form")
    forms = CodesField("exploitation_form")
    labour_sections = CodesField("labour_section")
    sexual_kinds = CodesField("sexual_kind")
    acts = CodesField("act")
    means = CodesField("means")
    means_of_control = CodesField("means_of_control")
    recruitment_methods = CodesField("recruitment_method")
    recruitment_platforms = CodesField("platform")
    exploitation_platforms = CodesField("platform")
    recruiter_relation = CodeField("recruiter_relation")
    recruiter_detail = CodeField("recruiter_detail")
    recruitment_country = CodeField("country")
    transit_countries = CodesField("country")
    exploitation_country = CodeField("country")
    exploitation_region = CodeField("region")
    started_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    age_when_trafficked = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(main=True), name="one_main_exploitation_per_case"),
            models.CheckConstraint(
                name="exploitation_ends_after_it_began",
                condition=Q(started_on__isnull=True) | Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
            ),
            models.CheckConstraint(
                name="exploitation_age_possible",
                condition=Q(age_when_trafficked__isnull=True) | Q(age_when_trafficked__lte=120),
            ),
        ]


# kind of the decision by which a person is presumed to be a victim; every other kind is a formal decision
PRELIMINARY = "preliminary_identification"


class Decision(models.Model):
    """A decision of a named authority about a victim status. Only a decision changes a status."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="decisions")
    track = CodeField("decision_track", blank=False)
    kind = CodeField("decision_kind")
    resulting_status = CodeField("victim_status", blank=False)
    authority = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, null=True, related_name="+")
    authority_kind = CodeField("agency_kind")
    standard_of_proof = CodeField("standard_of_proof")
    grounds = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    documents_used = CodesField("document_kind")
    decided_on = models.DateField()
    decided_by = models.CharField(max_length=80)
    notified_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["decided_on", "created_at"]
        constraints = [
            models.CheckConstraint(name="decision_track_known", condition=Q(track__in=["social", "police"])),
            models.CheckConstraint(
                name="decision_notified_after_it",
                condition=Q(notified_on__isnull=True) | Q(notified_on__gte=F("decided_on")),
            ),
        ]


class Share(models.Model):
    """Access of another agency to some data categories of a case, on a basis, until it ends."""

    class Basis(models.TextChoices):
        CONSENT = "consent"
        LEGAL = "legal"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="shares")
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=10, choices=Basis.choices)
    basis_id = models.UUIDField(null=True, blank=True)
    # id of the referral or other object that opened the share and ends it
    source_id = models.UUIDField(null=True, blank=True)
    # Data categories that the agency may see; of several running shares, the union. It sees nothing else.
    categories = CodesField("data_category")
    # True if the categories include the identity; a column, so that a search can filter in the database
    named = models.BooleanField(default=False)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["agency", "to_at"], name="share_of_agency")]
        constraints = [
            models.CheckConstraint(name="share_has_known_basis", condition=Q(basis__in=["consent", "legal"])),
        ]


class Event(models.Model):
    """An event of a case's timeline, in codes; apps add events with `timeline_events.add_timeline_event`."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    on = models.DateField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    detail = models.JSONField(default=dict)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, null=True, related_name="+")
    created_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-on", "-at"]
        indexes = [models.Index(fields=["case", "-on", "-at"], name="case_timeline")]


class Task(models.Model):
    """A task with a due day, for a user or an agency, with or without a case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="tasks")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, blank=True, related_name="tasks")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    kind = CodeField("task_kind", blank=False)
    due_on = models.DateField()
    remark = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # key of a task that a clock created, unique so that the clock creates no second one
    source = models.CharField(max_length=120, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["due_on"]
        indexes = [
            # open tasks by due day, for the home page
            models.Index(fields=["agency", "due_on"], condition=Q(done_at__isnull=True), name="open_tasks")
        ]
        constraints = [models.UniqueConstraint(fields=["source"], condition=~Q(source=""), name="one_task_per_source")]


class Note(models.Model):
    """An encrypted note on a case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    text = models.ForeignKey("vault.SealedText", on_delete=models.PROTECT, related_name="+")
    # author agency: an agency that has a share of the case reads only its own notes
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    # hidden from later owners, because the person did not consent to it when the case was transferred
    withheld = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-created_at"]
