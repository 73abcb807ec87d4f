"""Agencies, users and their roles in an agency."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kerege.core.accounts.second_person_models import GIVEN_BY_ANOTHER, SecondPersonRequest
from kerege.core.database.fields import CodeField, CodesField, TextsField
from kerege.core.jobs.deliveries import Delivery
from kerege.vocabulary import languages


class Role(models.TextChoices):
    """Role of a user in an agency."""

    FIRST_RESPONDER = "first_responder", _("First responder")
    CASEWORKER = "caseworker", _("Caseworker")
    SUPERVISOR = "supervisor", _("Supervisor")
    IDENTIFYING_OFFICER = "identifying_officer", _("Identifying officer")
    JUSTICE_OFFICER = "justice_officer", _("Justice officer")
    COORDINATOR = "coordinator", _("Coordinator")
    ANALYST = "analyst", _("Analyst")
    PUBLISHER = "publisher", _("Publisher")
    MINISTER = "minister", _("Minister")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")
    SECRETARY = "secretary", _("Secretary")


class Agency(models.Model):
    """An organisation that takes part in the programme."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.SlugField(max_length=60, unique=True)
    names = TextsField()
    kind = CodeField("agency_kind", blank=False)
    region = CodeField("region")
    country = CodeField("country")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    languages = models.JSONField(default=list, blank=True)
    active = models.BooleanField(default=True)
    # users of a national agency may hold roles with national rights
    national = models.BooleanField(default=False)
    # services offered to referred persons, and whether the agency accepts referrals now
    services = CodesField("service")
    accepting = models.BooleanField(default=True)
    # a closed agency keeps its records; the successor goes on with its tasks
    closed_on = models.DateField(null=True, blank=True, editable=False)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["code"]
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        constraints = [
            models.CheckConstraint(condition=~Q(kind=""), name="agency_has_a_kind"),
            models.CheckConstraint(condition=Q(closed_on=None) | Q(active=False), name="closed_agency_is_not_active"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return the name in the active language."""
        return self.name_in(get_language() or languages.LAST_RESORT)

    def name_in(self, language: str) -> str:
        """Return the name in a language, or in its first fallback."""
        return str(languages.text_in(self.names, language))


class UserManager(BaseUserManager["User"]):
    """Manager that creates users. There is no self-registration."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """Create a user; without a password they cannot sign in until one is set."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Return a user by user name, ignoring case."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works in one or more agencies."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(
        _("user name"), max_length=60, unique=True, validators=[RegexValidator(r"^[a-z0-9][a-z0-9._-]*\Z")]
    )
    full_name = models.CharField(_("full name"), max_length=200)
    # only a confirmed address; `new_email` waits for its confirmation
    email = models.EmailField(_("e-mail"), blank=True)
    new_email = models.EmailField(_("e-mail to confirm"), blank=True, default="")
    language = models.CharField(_("language"), max_length=12, choices=languages.choices, default=languages.default)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    # the administrator who saw the last link with which this user chooses a password, and when
    link_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    link_at = models.DateTimeField(null=True, blank=True, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    objects = UserManager()

    class Meta:
        ordering = ["username"]
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        """Return the full name."""
        return self.full_name


FORBIDDEN_DAYS = 14  # in which a role against the rules still counts after it was announced


class RoleAssignment(models.Model):
    """A role of a user in an agency."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=30, choices=Role.choices)
    since = models.DateTimeField(default=timezone.now, null=True, editable=False)  # None: before it was recorded
    # when it was first seen to be against the rules of the profile; such a role ends some days later
    forbidden_since = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "agency", "role"], name="one_assignment_per_role_and_agency")
        ]


class PastRole(models.Model):
    """A role that ended, so that it stays known where a user worked, and as what."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="past_roles")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="past_roles")
    role = models.CharField(max_length=30, choices=Role.choices)
    since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-ended_at", "role"]


class Invitation(models.Model):
    """An invitation by e-mail; its link works until the user chooses a password, or it ends or expires."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    address = models.EmailField()
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    # a newer invitation, a link on the screen or an administrator ends it
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-sent_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(used_at=None, ended_at=None), name="one_open_invitation_per_user"
            )
        ]


class IssuedLink(models.Model):
    """A link with which a user chooses a password, and the administrator who saw it, kept for ever."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="links")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")  # None: the operator
    at = models.DateTimeField(default=timezone.now)


class OutgoingMessage(Delivery):
    """A message that leaves the system, without its text: `kind` and `object_id` say how to compose it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    object_id = models.CharField(max_length=36, blank=True)
    way = models.CharField(max_length=120, blank=True)  # dotted name of the sender; "": e-mail

    class Meta:
        ordering = ["created_at"]
        indexes = [models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="messages_due")]


class RolePermission(models.Model):
    """A kind of agency whose users may hold a role; "" is every national agency.

    It is a copy of the rules of the country profile for a trigger of the database. A role without a row is not
    restricted.
    """

    role = models.CharField(max_length=30, choices=Role.choices)
    agency_kind = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "agency_kind"], name="one_permission_per_role_and_kind")]


class RoleRequest(SecondPersonRequest):
    """A request to give a role to a user in an agency."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_requests")
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="role_requests")
    role = models.CharField(max_length=30, choices=Role.choices)

    class Meta(SecondPersonRequest.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["user", "agency", "role"], condition=Q(outcome=""), name="one_open_request_per_role"
            ),
            models.CheckConstraint(condition=GIVEN_BY_ANOTHER, name="a_second_person_gives_a_role"),
        ]


class AgencyChange(SecondPersonRequest):
    """A request to move an agency below another one, or to close it; `act` is the document that orders it."""

    class Kind(models.TextChoices):
        """Change of an agency that two people decide."""

        MOVE = "move", _("Move")
        CLOSE = "close", _("Close")

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # the agency above after a move, or the successor of a closed agency
    target = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    act = models.CharField(max_length=300)

    class Meta(SecondPersonRequest.Meta):
        constraints = [
            models.UniqueConstraint(fields=["agency"], condition=Q(outcome=""), name="one_open_change_per_agency"),
            models.CheckConstraint(condition=GIVEN_BY_ANOTHER, name="a_second_person_changes_an_agency"),
            models.CheckConstraint(condition=~Q(kind="move") | Q(target__isnull=False), name="a_move_has_a_target"),
        ]


class FactorReset(SecondPersonRequest):
    """A request to remove the lost second factor of a user; it has a reason."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="factor_resets")
    reason = models.CharField(_("reason"), max_length=500)

    class Meta(SecondPersonRequest.Meta):
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(outcome=""), name="one_open_reset_per_user"),
            models.CheckConstraint(condition=GIVEN_BY_ANOTHER, name="a_second_person_removes_a_factor"),
        ]


class FactConfirmation(SecondPersonRequest):
    """A request to confirm a fact of the country profile; `reason` is the document that the lawyer read.

    The digest binds it to the value: a confirmation of another value counts for nothing. `ended_at`: taken back.
    """

    path = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    value = models.TextField()
    lawyer = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=80, blank=True)

    class Meta(SecondPersonRequest.Meta):
        constraints = [
            models.UniqueConstraint(fields=["path"], condition=Q(outcome=""), name="one_open_confirmation_per_fact"),
            models.UniqueConstraint(
                fields=["path"], condition=Q(outcome="given", ended_at=None), name="one_confirmation_per_fact"
            ),
            models.CheckConstraint(condition=GIVEN_BY_ANOTHER, name="a_second_person_confirms_a_fact"),
        ]


class FactCorrection(SecondPersonRequest):
    """A request to correct value and source of a fact of the profile; `reason` is the document.

    `values` is a JSON object, `base` the digest of the fact that the page showed. From `ended_at` on, the correction
    does not hold: it was taken back, or a later one with the same first day replaced it.
    """

    path = models.CharField(max_length=120)
    base = models.CharField(max_length=64)
    values = models.TextField()
    source = models.CharField(max_length=500)
    from_on = models.DateField()
    lawyer = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=80, blank=True)

    class Meta(SecondPersonRequest.Meta):
        constraints = [
            models.UniqueConstraint(fields=["path"], condition=Q(outcome=""), name="one_open_correction_per_fact"),
            models.UniqueConstraint(
                fields=["path", "from_on"],
                condition=Q(outcome="given", ended_at=None),
                name="one_correction_per_fact_and_day",
            ),
            models.CheckConstraint(condition=GIVEN_BY_ANOTHER, name="a_second_person_corrects_a_fact"),
        ]


class AttemptCounter(models.Model):
    """Attempts of one account or from one address, and until when more are refused.

    The key is a keyed hash: the table holds no user name and no address. A limit per hour also needs the times of the
    `recent` attempts, in seconds since 1970.
    """

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    recent = models.JSONField(default=list, blank=True)
    last_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["last_at"], name="attempts_by_time")]


class UsedCode(models.Model):
    """A one-time code that was used, kept until it has expired. The key is a keyed hash."""

    key = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)


class AccessReview(models.Model):
    """Review of all roles in one agency in one quarter.

    Roles that nobody confirmed until `due_on` end. `confirmed` has the reviewer's label by id of the assignment.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="access_reviews")
    quarter = models.CharField(max_length=7)  # 2026-Q4
    opened_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField()
    confirmed = models.JSONField(default=dict, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-quarter"]
        constraints = [models.UniqueConstraint(fields=["agency", "quarter"], name="one_review_per_agency_and_quarter")]


class Installation(models.Model):
    """A single row that says whether this register holds invented people. It is written once."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_installation")]

    @classmethod
    def is_demo(cls) -> bool:
        """Return whether the register was filled by the demo generator."""
        return cls.objects.filter(id=1, demo=True).exists()

    @classmethod
    def mark(cls, *, demo: bool) -> None:
        """Mark the register as demo or production once; raise ValueError when it is marked otherwise."""
        row, is_new = cls.objects.get_or_create(id=1, defaults={"demo": demo})
        if not is_new and row.demo != demo:
            raise ValueError("this register is already marked otherwise")
