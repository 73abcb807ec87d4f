"""E-mail addresses of users: a link confirms each, and messages go to confirmed ones alone.

The user or their administrator enters one. `User.email` holds the confirmed address and `User.new_email` one that
waits. The worker sends the link. Only the user opens it, signed in: a letter that goes astray confirms nothing.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from kerege.base.errors import BadInput, Fault, Refused
from kerege.core import audit, authorization
from kerege.core.accounts import attempts, message_queue
from kerege.core.accounts.email_letters import send_email
from kerege.core.accounts.models import OutgoingMessage, User
from kerege.core.audit import clock
from kerege.core.authorization import Actor

SEND = "accounts.confirm_address"  # kind of the message with the link
SALT = "kerege.accounts.address"
LASTS = 24 * 3600  # seconds


def can_send() -> bool:
    """Return whether this installation sends e-mail with links."""
    return bool(settings.EMAIL_URL and settings.SITE_URL)


def enter_own_address(actor: Actor, user: User, address: str) -> None:
    """Let a user enter their address, and send the link; raise BadInput, Refused or TooManyAttempts."""
    attempts.begin([attempts.Counted("letter", str(user.pk))])
    with audit.act(actor, "accounts.address", f"user:{user.pk}") as event:
        authorization.require(actor, "accounts.address")
        if user.pk != actor.user_id:
            raise Refused(_("This is the address of another user."))
        enter_address(user, address)
        event.note(entered=True)


def enter_address_of_user(actor: Actor, user: User, address: str) -> None:
    """Let an administrator enter the address of a user, and send the link to it."""
    attempts.begin([attempts.Counted("letter", str(user.pk))])
    with audit.act(actor, "users.manage", f"user:{user.pk}") as event:
        authorization.require(actor, "users.manage", user)
        enter_address(user, address)
        event.note(address_entered=True)


def enter_address(user: User, address: str) -> None:
    """Store an address that waits for confirmation, and the message with the link; call it in an act."""
    if not can_send():
        raise Refused(_("This installation sends no e-mail."))
    address = address.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise BadInput(Fault(_("this is not an e-mail address"), _("correct it"), column="email")) from None
    user.new_email = address
    user.save(update_fields=["new_email"])
    message_queue.drop(SEND, user)
    message_queue.put([OutgoingMessage(user=user, kind=SEND)])


def remove_own_address(actor: Actor, user: User) -> None:
    """Remove the addresses of the acting user: no message is sent any more."""
    with audit.act(actor, "accounts.address", f"user:{user.pk}") as event:
        authorization.require(actor, "accounts.address")
        user.email = user.new_email = ""
        user.save(update_fields=["email", "new_email"])
        event.note(removed=True)


def confirm_address(actor: Actor, user: User, token: str) -> None:
    """Confirm the waiting address of a user; raise Refused for a link that is old or of another user."""
    with audit.act(actor, "accounts.address", f"user:{user.pk}") as event:
        authorization.require(actor, "accounts.address")
        if not is_valid(user, token):
            raise Refused(_("This link does not work any more. Enter the address again."))
        user.email, user.new_email = user.new_email, ""
        user.save(update_fields=["email", "new_email"])
        event.note(confirmed=True)


def is_valid(user: User, token: str) -> bool:
    """Return whether a link confirms the waiting address of a user now."""
    try:
        content = signing.loads(token, salt=SALT)
        age = clock.now().timestamp() - float(content["at"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return False
    is_waiting = bool(user.new_email) and content.get("address") == user.new_email
    return is_waiting and content.get("user") == str(user.pk) and age < LASTS


def queue_link(user_id: str) -> None:
    """Store the message of a task that an earlier version queued."""
    user = User.objects.filter(pk=user_id).first()
    message_queue.put([OutgoingMessage(user=user, kind=SEND)] if user else [])


def send_link(message: OutgoingMessage) -> None:
    """Send the link to the waiting address of a user, in their language."""
    user = message.user
    if not user.new_email:
        raise message_queue.NothingToSend
    if not can_send():
        raise message_queue.WayNotConfigured  # Django would discard the letter and report it as sent
    content = {"user": str(user.pk), "address": user.new_email, "at": clock.now().timestamp()}
    with translation.override(user.language):
        path = reverse("accounts:confirm-address", query={"token": signing.dumps(content, salt=SALT)})
        sentence = _("Open this address within 24 hours to confirm that Kerege may send messages to you here:")
        otherwise = _("If you do not use Kerege, delete this message.")
        text = f"{sentence}\n\n{settings.SITE_URL}{path}\n\n{otherwise}\n"
        send_email(user.new_email, _("Confirm your e-mail address"), text, str(message.pk))
