"""Making agencies and users."""

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
    """An agency to be made; `names` by language."""

    code: str
    kind: str
    names: dict[str, str]


@dataclass(frozen=True)
class NewUser:
    """A user to be made."""

    username: str
    full_name: str
    language: str = "kk"


def set_up(actor: Actor, agency: NewAgency, user: NewUser) -> str:
    """Make the first agency and its administrator; returns the path at which she chooses her password.

    Only in an empty register, which is then one of real people.
    """
    with audit.act(actor, "system.set_up") as event:
        authorization.require(actor, "system.set_up")
        if Agency.objects.exists() or User.objects.exists() or Installation.is_demo():
            raise Refused("this register is not empty: its administrator makes further users")
        Installation.mark(demo=False)
        made = _make_agency(agency)
        administrator = _make_user(user)
        administrator.assignments.create(agency=made, role=Role.ADMINISTRATOR)
        event.target = f"agency:{made.pk}"
        event.note(user=str(administrator.pk))
        return password_path(administrator)


def set_offer(actor: Actor, agency: Agency, services: list[str], accepting: bool) -> Agency:
    """Say what an agency offers to persons whom others refer, and whether it has room now."""
    with audit.act(actor, "agencies.offer", target=f"agency:{agency.pk}") as event:
        authorization.require(actor, "agencies.offer", agency)
        for code in services:
            check_code("service", code)
        agency.services, agency.accepting = services, accepting
        agency.save(update_fields=["services", "accepting"])
        event.note(services=services, accepting=accepting)
    return agency


def add_user(actor: Actor, agency: Agency, new: NewUser, roles: Iterable[str]) -> str:
    """Make a user with roles in an agency; returns the path at which she chooses her password."""
    with audit.act(actor, "users.manage") as event:
        authorization.require(actor, "agencies.manage", agency)
        user = _make_user(new)
        _give(user, agency, set(roles))
        event.target = f"user:{user.pk}"
        event.note(agency=str(agency.pk), roles=sorted(roles))
        return password_path(user)


def add_agency(actor: Actor, parent: Agency, new: NewAgency, administrator: NewUser) -> str:
    """Make an agency below another one, with its administrator; returns the path for her password."""
    with audit.act(actor, "agencies.manage") as event:
        authorization.require(actor, "agencies.manage", parent)
        agency = _make_agency(new, parent)
        user = _make_user(administrator)
        _give(user, agency, {Role.ADMINISTRATOR})
        event.target = f"agency:{agency.pk}"
        event.note(user=str(user.pk))
        return password_path(user)


def new_link(actor: Actor, user: User) -> str:
    """A new path at which a user chooses a password; her sessions end when she does."""
    with audit.act(actor, "users.manage", f"user:{user.pk}") as event:
        authorization.require(actor, "users.manage", user)
        event.note(link=True)
        return password_path(user)


def set_active(actor: Actor, user: User, active: bool) -> None:
    """Let a user in, or keep her out: at once, in every session she has."""
    with audit.act(actor, "users.manage", f"user:{user.pk}") as event:
        authorization.require(actor, "users.manage", user)
        if user.pk == actor.user_id:
            raise Refused(_("You cannot lock yourself out."))
        user.is_active = active
        user.save(update_fields=["is_active"])
        event.note(active=active, sessions=0 if active else sessions.end_all(user))


def change_roles(actor: Actor, user: User, agency: Agency, roles: Iterable[str]) -> None:
    """Give a user other roles in an agency, at once; whoever has none left anywhere is signed out everywhere."""
    with audit.act(actor, "users.manage", f"user:{user.pk}") as event:
        authorization.require(actor, "agencies.manage", agency)
        authorization.require(actor, "users.manage", user)
        if user.pk == actor.user_id:
            raise Refused(_("You cannot change your own roles."))
        wanted = set(roles)
        before = set(user.assignments.filter(agency=agency).values_list("role", flat=True))
        user.assignments.filter(agency=agency).delete()
        if wanted:
            _give(user, agency, wanted)
        event.note(agency=str(agency.pk), roles=sorted(wanted), before=sorted(before))
        if not user.assignments.exists():
            event.note(sessions=sessions.end_all(user))


def end_sessions(actor: Actor, user: User) -> int:
    """Sign a user out everywhere."""
    with audit.act(actor, "accounts.end_sessions", f"user:{user.pk}") as event:
        authorization.require(actor, "users.manage", user)
        count = sessions.end_all(user)
        event.note(sessions=count)
    return count


def _give(user: User, agency: Agency, roles: set[str]) -> None:
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
    found = [(column, message) for column, messages in error.message_dict.items() for message in messages]
    return BadInput(Fault(str(message).rstrip("."), "correct it", column=column) for column, message in found)


def password_path(user: User) -> str:
    """The address, good once and for a day, at which a user chooses her password."""
    key = default_token_generator.make_token(user)
    with translation.override(user.language):
        return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
