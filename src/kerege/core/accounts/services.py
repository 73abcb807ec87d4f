"""Making agencies and users."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from kerege.core import access, audit
from kerege.core.access import Actor
from kerege.core.accounts.models import Agency, Installation, Role, User
from kerege.standard.faults import BadInput, Fault, Refused


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
        access.require(actor, "system.set_up")
        if Agency.objects.exists() or User.objects.exists() or Installation.is_demo():
            raise Refused("this register is not empty: its administrator makes further users")
        Installation.mark(demo=False)
        made = _make_agency(agency)
        administrator = _make_user(user)
        administrator.assignments.create(agency=made, role=Role.ADMINISTRATOR)
        event.target = f"agency:{made.pk}"
        event.note(user=str(administrator.pk))
        return password_path(administrator)


def _make_agency(new: NewAgency) -> Agency:
    row = Agency(code=new.code, kind=new.kind, **{f"name_{language}": name for language, name in new.names.items()})
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
