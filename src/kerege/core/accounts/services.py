"""Services that create and change agencies and users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kerege.base.errors import BadInput, Fault, Refused
from kerege.core import audit, authorization
from kerege.core.accounts import sessions
from kerege.core.accounts.models import Agency, Installation, Role, User
from kerege.core.accounts.role_requests import give_or_request, request_again, request_role
from kerege.core.accounts.role_rules import check_roles
from kerege.core.accounts.second_person import agency_and_below
from kerege.core.authorization import Actor
from kerege.core.database.fields import check_code
from kerege.vocabulary import languages


@dataclass(frozen=True)
class NewAgency:
    """Data of a new agency; `names` by language, and the languages in which it helps."""

    code: str
    kind: str
    names: dict[str, str]
    region: str = ""
    country: str = ""
    languages: Sequence[str] = ()


@dataclass(frozen=True)
class NewUser:
    """Data of a new user."""

    username: str
    full_name: str
    language: str = field(default_factory=languages.default)
    email: str = ""  # where an invitation goes; without one the administrator hands a link over


def set_up(actor: Actor, agency: NewAgency, user: NewUser) -> str:
    """Create the first agency and its administrator; return the path where they choose a password.

    Raise Refused unless the register is empty. It is marked as a production register.
    """
    with audit.act(actor, "system.set_up") as event:
        authorization.require(actor, "system.set_up")
        if Agency.objects.exists() or User.objects.exists() or Installation.is_demo():
            raise Refused("this register is not empty: its administrator creates further users")
        Installation.mark(demo=False)
        first_agency = _make_agency(agency, national=True)
        administrator = _make_user(user)
        administrator.assignments.create(agency=first_agency, role=Role.ADMINISTRATOR)
        event.target = f"agency:{first_agency.pk}"
        event.note(user=str(administrator.pk))
        return password_path(administrator)


def set_offer(actor: Actor, agency: Agency, services: list[str], accepting: bool) -> Agency:
    """Set the services that an agency offers to referred persons, and whether it accepts referrals now."""
    with audit.act(actor, "agencies.offer", target=f"agency:{agency.pk}") as event:
        authorization.require(actor, "agencies.offer", agency)
        for code in services:
            check_code("service", code)
        agency.services, agency.accepting = services, accepting
        agency.save(update_fields=["services", "accepting"])
        event.note(services=services, accepting=accepting)
    return agency


def mark_national(actor: Actor, agency: Agency, *, national: bool, reason: str) -> None:
    """Mark whether users of an agency may hold national roles; the operator states a reason."""
    with audit.act(actor, "agencies.mark_national", f"agency:{agency.pk}") as event:
        authorization.require(actor, "agencies.mark_national")
        if not reason.strip():
            raise BadInput(Fault("the reason is empty", "write why"))
        Agency.objects.filter(pk=agency.pk).update(national=national)
        event.note(national=national, reason=reason.strip()[:500])


def add_user(actor: Actor, agency: Agency, new: NewUser, roles: Iterable[str], reason: str = "") -> str:
    """Create a user and request their roles in an agency; return the path where they choose a password.

    The administrator sees this path, so a second person confirms every role.
    """
    with audit.act(actor, "users.manage") as event:
        authorization.require(actor, "agencies.manage", agency)
        return password_path(start_user(actor, agency, new, roles=roles, reason=reason, event=event))


def start_user(
    actor: Actor, agency: Agency, new: NewUser, *, roles: Iterable[str], reason: str, event: audit.PendingAuditEvent
) -> User:
    """Create a user and request their roles in an agency; call it in an act."""
    check_roles(None, agency, _choose_roles(roles))
    user = _make_user(new, link_by=actor.user_id)
    requested = give_or_request(actor, user, agency, roles, reason)
    event.target = f"user:{user.pk}"
    event.note(agency=str(agency.pk), requested=requested)
    return user


def add_agency(actor: Actor, parent: Agency, new: NewAgency, administrator: NewUser) -> str:
    """Create an agency below another one, and request its administrator.

    The agency starts when a second person confirms the administrator. Return the path where they choose a password.
    """
    with audit.act(actor, "agencies.manage") as event:
        authorization.require(actor, "agencies.manage", parent)
        user = start_agency(actor, parent, new, administrator, event)
        return password_path(user)


def start_agency(
    actor: Actor, parent: Agency, new: NewAgency, administrator: NewUser, event: audit.PendingAuditEvent
) -> User:
    """Create an agency below another one, and request its administrator; call it in an act."""
    agency = _make_agency(new, parent, active=False)
    user = _make_user(administrator, link_by=actor.user_id)
    requested = give_or_request(actor, user, agency, {Role.ADMINISTRATOR}, "")
    event.target = f"agency:{agency.pk}"
    event.note(user=str(user.pk), requested=requested)
    return user


def new_link(actor: Actor, user: User) -> str:
    """Return a new path where a user chooses a password, which ends their sessions.

    The administrator sees the link. It opens an account without a second factor, so a user without one loses their
    roles, which a second person confirms again. `recovery` does the same where the factor is removed after a link.
    """
    with audit.act(actor, "users.manage", f"user:{user.pk}") as event:
        authorization.require(actor, "users.manage", user)
        _require_whole_user(actor, user)
        event.note(link=True)
        user.link_by_id, user.link_at = actor.user_id, timezone.now()
        user.save(update_fields=["link_by", "link_at"])
        user.links.create(by_id=actor.user_id, at=user.link_at)
        user.invitations.filter(used_at=None, ended_at=None).update(ended_at=user.link_at)
        if not Authenticator.objects.filter(user=user).exists():
            event.note(requested=request_again(actor.label, user))
        return password_path(user)


def set_active(actor: Actor, user: User, active: bool) -> None:
    """Activate or deactivate a user. Deactivation ends all their sessions at once."""
    with audit.act(actor, "users.manage", f"user:{user.pk}") as event:
        authorization.require(actor, "users.manage", user)
        _require_whole_user(actor, user)
        if user.pk == actor.user_id:
            raise Refused(_("You cannot lock yourself out."))
        user.is_active = active
        user.save(update_fields=["is_active"])
        event.note(active=active, sessions=0 if active else sessions.end_all(user))


def change_roles(actor: Actor, user: User, agency: Agency, roles: Iterable[str], reason: str = "") -> list[str]:
    """Replace the roles of a user in an agency. Return the roles that wait for a second person.

    Raises BadInput without a role: `remove_user` ends all of them.
    """
    with audit.act(actor, "users.manage", f"user:{user.pk}") as event:
        _require_other_user(actor, user, agency)
        new_roles = _choose_roles(roles)
        before = set(user.assignments.filter(agency=agency).values_list("role", flat=True))
        check_roles(user, agency, new_roles)
        user.assignments.filter(agency=agency).exclude(role__in=new_roles).delete()
        requested = give_or_request(actor, user, agency, new_roles, reason)
        event.note(agency=str(agency.pk), roles=sorted(new_roles), before=sorted(before), requested=requested)
    return requested


def remove_user(actor: Actor, user: User, agency: Agency) -> None:
    """End all roles of a user in an agency; end all sessions of a user without any role."""
    with audit.act(actor, "users.manage", f"user:{user.pk}") as event:
        _require_other_user(actor, user, agency)
        before = set(user.assignments.filter(agency=agency).values_list("role", flat=True))
        user.assignments.filter(agency=agency).delete()
        event.note(agency=str(agency.pk), roles=[], before=sorted(before))
        if not user.assignments.exists():
            event.note(sessions=sessions.end_all(user))


def _require_whole_user(actor: Actor, user: User) -> None:
    """Raise Refused when the user also works outside the actor's agency and the agencies below it."""
    agencies = set(user.assignments.values_list("agency", flat=True))
    if actor.agency_id is None or not agencies <= agency_and_below(actor.agency_id):
        raise Refused(_("This user also works in another agency. End their roles in your agency instead."))


def move_user(actor: Actor, user: User, agency: Agency, to: Agency, roles: Iterable[str], reason: str) -> list[str]:
    """End all roles of a user in an agency, and request roles in another one; return the requested roles.

    An administrator of the other agency confirms them. The account and its past roles stay; no case goes with the
    user. Raises BadInput for a closed agency or a role that the user may not hold there.
    """
    with audit.act(actor, "users.move", f"user:{user.pk}") as event:
        _require_other_user(actor, user, agency)
        if not to.active or to.pk == agency.pk:
            raise BadInput(Fault(_("this agency cannot be chosen"), _("choose another one"), column="to"))
        new_roles = _choose_roles(roles)
        before = set(user.assignments.filter(agency=agency).values_list("role", flat=True))
        user.assignments.filter(agency=agency).delete()
        user.role_requests.filter(agency=agency, outcome="").delete()
        check_roles(user, to, new_roles)
        for role in sorted(new_roles):
            request_role(actor.label, user, to, role, reason)
        event.note(agency=str(agency.pk), to=str(to.pk), before=sorted(before), requested=sorted(new_roles))
        if not user.assignments.exists():
            event.note(sessions=sessions.end_all(user))
    return sorted(new_roles)


def _require_other_user(actor: Actor, user: User, agency: Agency) -> None:
    """Raise Denied or Refused unless the actor manages both the agency and the user, and is not the user."""
    authorization.require(actor, "agencies.manage", agency)
    authorization.require(actor, "users.manage", user)
    if user.pk == actor.user_id:
        raise Refused(_("You cannot change your own roles."))


def end_sessions(actor: Actor, user: User) -> int:
    """End all sessions of a user; return their number."""
    with audit.act(actor, "accounts.end_sessions", f"user:{user.pk}") as event:
        authorization.require(actor, "users.manage", user)
        count = sessions.end_all(user)
        event.note(sessions=count)
    return count


def _choose_roles(roles: Iterable[str]) -> set[str]:
    """Return the chosen roles; raise BadInput when there is none."""
    if chosen := set(roles):
        return chosen
    raise BadInput(Fault(_("no role is chosen"), _("choose one or more roles"), column="roles"))


def _make_agency(
    new: NewAgency, parent: Agency | None = None, *, national: bool = False, active: bool = True
) -> Agency:
    row = Agency(
        code=new.code,
        kind=new.kind,
        region=new.region,
        country=new.country,
        languages=list(new.languages),
        parent=parent,
        national=national,
        active=active,
        names=new.names,
    )
    try:
        row.full_clean()
    except ValidationError as error:
        raise _faults(error) from None
    row.save()
    return row


def _make_user(new: NewUser, link_by: UUID | None = None) -> User:
    """Create a user who chooses a password later. Raises BadInput for a user name that is taken or wrong."""
    fields = {"full_name": new.full_name, "language": new.language, "link_by_id": link_by, "link_at": timezone.now()}
    try:
        user = User.objects.create_user(new.username, None, **fields)
    except ValidationError as error:
        raise _faults(error) from None
    user.links.create(by_id=link_by)
    return user


def _faults(error: ValidationError) -> BadInput:
    pairs = [(column, message) for column, messages in error.message_dict.items() for message in messages]
    return BadInput(Fault(str(message).rstrip("."), "correct it", column=column) for column, message in pairs)


def password_path(user: User) -> str:
    """Return the path where a user chooses a password; it works once, for one day."""
    key = default_token_generator.make_token(user)
    with translation.override(user.language):
        return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
