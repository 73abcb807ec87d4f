"""Messages that leave the system by e-mail or SMS gateway.

A message holds a fixed sentence, a reference and a link only. It waits in the database until it is sent
(`accounts.message_queue`).

`KEREGE_EMAIL_URL` switches e-mail on; a gateway is a function named in the setting `MESSAGE_SENDERS`, which takes the
user, the subject, the text and a key, and raises an error when the message did not leave. A message that is sent again
has the same key.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from kerege.core.accounts.email_letters import send_email
from kerege.core.accounts.message_queue import NothingToSend, WayNotConfigured
from kerege.core.accounts.models import OutgoingMessage, User

Sender = Callable[[User, str, str, str], None]


def ways() -> list[str]:
    """Return the dotted names of the senders; none by default."""
    return list(settings.MESSAGE_SENDERS)


def send(message: OutgoingMessage, reference: str, sentence: str, path: str = "") -> None:
    """Send a fixed sentence, a reference and a link by the message's way: e-mail or a gateway.

    Raises WayNotConfigured for a way that the settings do not name: the worker may lack a setting that the server has.
    """
    if message.way not in ways():
        raise WayNotConfigured
    link = f"{settings.SITE_URL}{path}" if settings.SITE_URL and path else _("Sign in to read it.")
    text = "\n\n".join(filter(None, (f"{sentence}.", reference, link)))
    sender: Sender = import_string(message.way)
    sender(message.user, f"Kerege {reference}".strip(), text, str(message.pk))


def by_email(user: User, subject: str, text: str, key: str) -> None:
    """Send the message by e-mail if the user has a confirmed address."""
    if not user.email:
        raise NothingToSend
    send_email(user.email, subject, text, key)
