"""Models of record linkage: candidate pairs, reviews, decisions, links and merges.

No value of an identity is in these tables: only ids, codes and numbers. Reasons and journals are encrypted texts.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

RECORD = "vault.IdentityRecord"
SEALED = "vault.SealedText"


class MatchDue(models.Model):
    """Record that waits for matching, because it is new or its identity changed. Deleted when it is done."""

    record = models.OneToOneField(RECORD, on_delete=models.CASCADE, primary_key=True, related_name="+")
    since = models.DateTimeField()


class MatchBasis(models.Model):
    """Tokens of a record and the counts of the index at its last match in a nightly run.

    The run leaves the record out while the same counts hold. A token is a keyed hash of the blind index.
    """

    record = models.OneToOneField(RECORD, on_delete=models.CASCADE, primary_key=True, related_name="+")
    # tokens of the blocking keys and of the words of the names, one after the other
    searched = models.BinaryField()
    named = models.BinaryField()
    # one byte for each count: of `searched`, then of `named`; each at the agency, then in the register
    counts = models.BinaryField()
    # records of the agency and of the register, in steps
    own_records = models.PositiveIntegerField()
    all_records = models.PositiveIntegerField()
    version = models.CharField(max_length=80)
    at = models.DateTimeField()


class MatchCandidate(models.Model):
    """Candidate pair: two records that may be the same person, with the scores and the review state."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits for an answer")
        DISCUSS = "discuss", _("Reviewers disagree")
        SAME = "same", _("Same person")
        DIFFERENT = "different", _("Different persons")
        LINKED = "linked", _("Linked by the system")
        WITHDRAWN = "withdrawn", _("Unlinked by the system")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # left has the smaller id, so that a pair has one row
    left = models.ForeignKey(RECORD, on_delete=models.CASCADE, related_name="+")
    right = models.ForeignKey(RECORD, on_delete=models.CASCADE, related_name="+")
    # agency of both records; None for a pair between agencies, which the coordinator reviews
    agency = models.ForeignKey("accounts.Agency", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    weight = models.FloatField()
    probability = models.FloatField()
    # comparison levels of the model, such as {"family": 3}; no values of the person
    levels = models.JSONField(default=dict)
    # match weight of each comparison, in bits
    parts = models.JSONField(default=dict)
    model_version = models.CharField(max_length=40)
    # conflict flags, codes of messages.RISKS: with any of them two reviewers are needed
    risks = models.JSONField(default=list)
    # groups of the quality board
    sex = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10, blank=True)
    script = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    # the user who registered both records: another reviewer decides
    registrar = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # drawn for a blind recheck after it was linked
    sampled = models.BooleanField(default=False)
    sample_answer = models.CharField(max_length=10, blank=True)
    found_at = models.DateTimeField()
    scored_at = models.DateTimeField()
    concluded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["found_at", "pk"]
        indexes = [
            models.Index(fields=["agency", "state", "found_at"], name="match_queue"),
            models.Index(fields=["right"], name="match_right"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["left", "right"], name="one_candidate_per_pair"),
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="candidate_pair_is_ordered"),
        ]

    @property
    def is_risky(self) -> bool:
        """Return whether two reviewers have to confirm that it is the same person."""
        return bool(self.risks)


class ValidReviewManager(models.Manager["PairReview"]):
    """Manager of the reviews that were not withdrawn."""

    def get_queryset(self) -> models.QuerySet[PairReview]:
        return super().get_queryset().filter(withdrawn_at=None)


class PairReview(models.Model):
    """Answer of one reviewer, given without seeing a score or another answer."""

    class Answer(models.TextChoices):
        SAME = "same", _("Same person")
        DIFFERENT = "different", _("Different persons")
        UNSURE = "unsure", _("Undecided")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(MatchCandidate, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    by = models.CharField(max_length=80)
    answer = models.CharField(max_length=10, choices=Answer.choices)
    reason = models.ForeignKey(SEALED, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # recheck of a concluded pair, for the estimate of the false link rate
    of_sample = models.BooleanField(default=False)
    at = models.DateTimeField()
    # withdrawn when the pair was reopened and no other reviewer was left; the row is kept
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = models.Manager()
    standing = ValidReviewManager()

    class Meta:
        db_table = "persons_review"  # its name before the class was renamed
        ordering = ["at"]
        constraints = [
            # a user is their id: their name may change, and another user may get it
            models.UniqueConstraint(
                fields=["candidate", "reviewer"],
                condition=Q(withdrawn_at=None, reviewer__isnull=False),
                name="one_review_per_user_and_pair",
            ),
            models.UniqueConstraint(
                fields=["candidate", "by"],
                condition=Q(withdrawn_at=None, reviewer=None),
                name="one_review_per_reviewer_and_pair",
            ),
        ]


class PairDecision(models.Model):
    """Human decision that two records are, or are not, one person.

    No matching run overrides it. It may be ended; it is deleted only when a person is erased.
    """

    class Kind(models.TextChoices):
        MUST = "must", _("Same person")
        CANNOT = "cannot", _("Different persons")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    left = models.ForeignKey(RECORD, on_delete=models.CASCADE, related_name="+")
    right = models.ForeignKey(RECORD, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey("accounts.Agency", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=80, blank=True)
    # reason for reopening the pair
    end_reason = models.ForeignKey(SEALED, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["decided_at", "pk"]
        indexes = [models.Index(fields=["right"], name="pair_decision_right")]
        constraints = [
            models.UniqueConstraint(
                fields=["left", "right"], condition=Q(ended_at=None), name="one_running_decision_per_pair"
            ),
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="decided_pair_is_ordered"),
        ]


class Merge(models.Model):
    """Link of two records to one person, or merge of two records of an agency. Both can be undone."""

    class Kind(models.TextChoices):
        LINK = "link", _("Linked to one person")
        MERGE = "merge", _("Merged into one record")

    class Source(models.TextChoices):
        HUMAN = "human", _("By people")
        AUTO = "auto", _("By the system")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    source = models.CharField(max_length=10, choices=Source.choices)
    # surviving record of a merge; for a link, the record whose person stays
    kept = models.ForeignKey(RECORD, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(RECORD, on_delete=models.CASCADE, related_name="+")
    agency = models.ForeignKey("accounts.Agency", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    candidate = models.ForeignKey(MatchCandidate, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    model_version = models.CharField(max_length=40, blank=True)
    # data for the undo: ids, numbers and codes, encrypted under the data key of the `kept` record
    journal = models.ForeignKey(SEALED, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.ForeignKey(SEALED, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    # the user of `made_by`; None for a command or job
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=80, blank=True)
    undo_reason = models.ForeignKey(SEALED, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-made_at", "pk"]
        indexes = [models.Index(fields=["agency", "-made_at"], name="merges_of_agency")]
        constraints = [
            models.UniqueConstraint(
                fields=["other"], condition=Q(kind="merge", undone_at=None), name="one_running_merge_per_record"
            ),
            models.CheckConstraint(condition=~Q(kept=F("other")), name="merge_is_of_two_records"),
        ]
