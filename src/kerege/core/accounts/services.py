"""Services that create and change agencies and users."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from kerege.base.errors import BadInput, Fault, Refused
from kerege.core import audit, authorization
from kerege.core.accounts import sessions
from kerege.core.accounts.models import Agency, Installation, Role, User
from kerege.core.authorization import Actor
from kerege.core.database.fields import check_code


@dataclass(frozen=True)
class NewAgency:
    """Data of a new agency; `names` by language."""

    code: str
    kind: str
    names: dict[str, str]


@dataclass(frozen=True)
class NewUser:
    """Data of a new user."""

    username: str
    full_name: str
    language: str = "kk"


def set_up(actor: Actor, agency: NewAgency, user: NewUser) -> str:
    """Create the first agency and its administrator; return the path where they choose a password.

    Raise Refused unless the register is empty. It is marked as a production register.
    """
    with audit.act(actor, "system.set_up") as event:
        authorization.require(actor, "system.set_up")
        if Agency.objects.exists() or User.objects.exists() or Installation.is_demo():
            raise Refused("this register is not empty: its administrator makes further users")
        Installation.mark(demo=False)
        first_agency = _make_agency(agency)
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


def add_user(actor: Actor, agency: Agency, new: NewUser, roles: Iterable[str]) -> str:
    """Create a user with roles in an agency; return the path where they choose a password."""
    with audit.act(actor, "users.manage") as event:
        authorization.require(actor, "agencies.manage", agency)
        user = _make_user(new)
        _assign_roles(user, agency, set(roles))
        event.target = f"user:{user.pk}"
        event.note(agency=str(agency.pk), roles=sorted(roles))
        return password_path(user)


def add_agency(actor: Actor, parent: Agency, new: NewAgency, administrator: NewUser) -> str:
    """Create an agency below another one, with its administrator.

    Return the path where they choose a password.
    """
    with audit.act(actor, "agencies.manage") as event:
        authorization.require(actor, "agencies.manage", parent)
        agency = _make_agency(new, parent)
        user = _make_user(administrator)
        _assign_roles(user, agency, {Role.ADMINISTRATOR})
        event.target = f"agency:{agency.pk}"
        event.note(user=str(user.pk))
        return password_path(user)


def new_link(actor: Actor, user: User) -> str:
    """Return a new path where a user chooses a password, which ends their sessions."""
    with audit.act(actor, "users.manage", f"user:{user.pk}") as event:
        authorization.require(actor, "users.manage", user)
        event.note(link=True)
        return password_path(user)


def set_active(actor: Actor, user: User, active: bool) -> None:
    """Activate or deactivate a user. Deactivation ends all their sessions at once."""
    with audit.act(actor, "users.manage", f"user:{user.pk}") as event:
        authorization.require(actor, "users.manage", user)
        if user.pk == actor.user_id:
            raise Refused(_("You cannot lock yourself out."))
        user.is_active = active
        user.save(update_fields=["is_active"])
        event.note(active=active, sessions=0 if active else sessions.end_all(user))


def change_roles(actor: Actor, user: User, agency: Agency, roles: Iterable[str]) -> None:
    """Replace the roles of a user in an agency at once; end all sessions of a user without any role."""
    with audit.act(actor, "users.manage", f"user:{user.pk}") as event:
        authorization.require(actor, "agencies.manage", agency)
        authorization.require(actor, "users.manage", user)
        if user.pk == actor.user_id:
            raise Refused(_("You cannot change your own roles."))
        new_roles = set(roles)
        before = set(user.assignments.filter(agency=agency).values_list("role", flat=True))
        user.assignments.filter(agency=agency).delete()
        if new_roles:
            _assign_roles(user, agency, new_roles)
        event.note(agency=str(agency.pk), roles=sorted(new_roles), before=sorted(before))
        if not user.assignments.exists():
            event.note(sessions=sessions.end_all(user))


def end_sessions(actor: Actor, user: User) -> int:
    """End all sessions of a user; return their number."""
    with audit.act(actor, "accounts.end_sessions", f"user:{user.pk}") as event:
        authorization.require(actor, "users.manage", user)
        count = sessions.end_all(user)
        event.note(sessions=count)
    return count


def _assign_roles(user: User, agency: Agency, roles: set[str]) -> None:
    if not roles or (Role.ADMINISTRATOR in roles and len(roles) > 1):
        todo = _("choose one or more roles; an administrator has no other")
        raise BadInput(Fault(_("these roles do not go together"), todo, column="roles"))
    for role in sorted(roles):
        user.assignments.create(agency=agency, role=role)


def _make_agency(new: NewAgency, parent: Agency | None = None) -> Agency:
    row = Agency(
        code=new.code,
        kind=new.kind,
        parent=parent,
        **{f"name_{language}": name for language, name in new.names.items()},
    )
    try:
        row.full_clean()
    except ValidationError as error:
        raise _faults(error) from None
    row.save()
    return row


def _make_user(new: NewUser) -> User:
    try:
        return User.objects.create_user(new.username, None, full_name=new.full_name, language=new.language)
    except ValidationError as error:
        raise _faults(error) from None


def _faults(error: ValidationError) -> BadInput:
    pairs = [(column, message) for column, messages in error.message_dict.items() for message in messages]
    return BadInput(Fault(str(message).rstrip("."), "correct it", column=column) for column, message in pairs)


def password_path(user: User) -> str:
    """Return the path where a user chooses a password; it works once, for one day."""
    key = default_token_generator.make_token(user)
    with translation.override(user.language):
        return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
