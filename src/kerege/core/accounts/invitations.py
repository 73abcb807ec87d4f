"""Invitations by e-mail: within 72 hours a new user chooses a password with the link that they get.

The letter names nobody: neither the user, nor the agency, nor a role. The administrator does not see the link, but
chose the address, so a second person confirms the roles as for a link on the screen. The first password confirms the
address. A newer invitation, or a link on the screen, ends an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kerege.base.errors import BadInput, Fault, Refused
from kerege.core import audit, authorization
from kerege.core.accounts import addresses, attempts, message_queue, services
from kerege.core.accounts.email_letters import send_email
from kerege.core.accounts.models import Agency, Invitation, OutgoingMessage, User
from kerege.core.accounts.services import NewAgency, NewUser
from kerege.core.audit import clock
from kerege.core.authorization import Actor

INVITE = "accounts.invite"  # kind of the message with the link
SALT = "kerege.accounts.invitation"
LASTS = timedelta(hours=72)


def invite_user(actor: Actor, agency: Agency, new: NewUser, roles: Iterable[str], reason: str = "") -> Invitation:
    """Create a user, request their roles in an agency and send them an invitation.

    Raises BadInput for a wrong address, user name or role.
    """
    with audit.act(actor, "users.invite") as event:
        authorization.require(actor, "agencies.manage", agency)
        user = services.start_user(actor, agency, new, roles=roles, reason=reason, event=event)
        return _store(user, new.email)


def invite_agency(actor: Actor, parent: Agency, new: NewAgency, administrator: NewUser) -> Invitation:
    """Create an agency below another one, and send its administrator an invitation."""
    with audit.act(actor, "agencies.manage") as event:
        authorization.require(actor, "agencies.manage", parent)
        user = services.start_agency(actor, parent, new, administrator, event)
        return _store(user, administrator.email)


def send_again(actor: Actor, user: User) -> Invitation:
    """Send a new invitation to the same address; the earlier link ends.

    Raises Refused without an open invitation.
    """
    attempts.begin([attempts.Counted("letter", str(user.pk))])
    with audit.act(actor, "users.invite", f"user:{user.pk}"):
        authorization.require(actor, "users.manage", user)
        return _store(user, _open_invitation(user).address)


def withdraw(actor: Actor, user: User) -> None:
    """End an invitation and the account behind it. Raises Refused without an open invitation."""
    with audit.act(actor, "users.withdraw_invitation", f"user:{user.pk}") as event:
        authorization.require(actor, "users.manage", user)
        row = _open_invitation(user)
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])
        user.is_active, user.new_email = False, ""
        user.save(update_fields=["is_active", "new_email"])
        event.note(requests=user.role_requests.filter(outcome="").delete()[0])


def _open_invitation(user: User) -> Invitation:
    row = user.invitations.filter(used_at=None, ended_at=None).first()
    if row is None:
        raise Refused(_("No invitation of this user is open."))
    return row


def _store(user: User, address: str) -> Invitation:
    """Store an invitation and the message with its link; call it in an act."""
    if not addresses.can_send():
        raise Refused(_("This installation sends no e-mail."))
    address = address.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise BadInput(Fault(_("this is not an e-mail address"), _("correct it"), column="email")) from None
    now = clock.now()
    user.invitations.filter(used_at=None, ended_at=None).update(ended_at=now)
    user.new_email = address
    user.save(update_fields=["new_email"])
    row = Invitation.objects.create(user=user, address=address, sent_at=now, expires_at=now + LASTS)
    message_queue.drop(INVITE, user)
    message_queue.put([OutgoingMessage(user=user, kind=INVITE, object_id=str(row.pk))])
    return row


def send_invitation(message: OutgoingMessage) -> None:
    """Send the link of an invitation, in the language of the user."""
    row = _valid(message.object_id)
    if row is None:
        raise message_queue.NothingToSend
    if not addresses.can_send():
        raise message_queue.WayNotConfigured
    with translation.override(message.user.language):
        path = reverse("accounts:invitation", query={"token": signing.dumps(str(row.pk), salt=SALT)})
        sentence = _("You are invited to use Kerege. Open this address within 72 hours and choose a password:")
        otherwise = _("If you do not expect this message, delete it.")
        text = f"{sentence}\n\n{settings.SITE_URL}{path}\n\n{otherwise}\n"
        send_email(row.address, _("Invitation to Kerege"), text, str(message.pk))


def find_invitation(token: str) -> Invitation | None:
    """Return the open invitation of a link; None if the link is wrong, old, used or ended."""
    try:
        return _valid(signing.loads(token, salt=SALT))
    except signing.BadSignature:
        return None


def _valid(pk: str) -> Invitation | None:
    rows = Invitation.objects.filter(used_at=None, ended_at=None, expires_at__gt=clock.now(), user__is_active=True)
    return rows.select_related("user").filter(pk=pk).first()


def accept(sender: object, user: User, **kwargs: object) -> None:
    """Mark the open invitation of a user as used, when they chose their password, and confirm its address."""
    row = user.invitations.filter(used_at=None, ended_at=None).first()
    if row is None:
        return
    row.used_at = clock.now()
    row.save(update_fields=["used_at"])
    if user.new_email == row.address:
        user.email, user.new_email = row.address, ""
        user.save(update_fields=["email", "new_email"])
