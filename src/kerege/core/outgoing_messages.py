"""Messages that leave the system by e-mail or SMS gateway.

A message holds a fixed sentence, a reference and a link only.

`KEREGE_EMAIL_URL` switches e-mail on; a gateway is a function named in the setting `MESSAGE_SENDERS`, which takes the
user, the subject and the text.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.mail import send_mail
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from kerege.core.accounts.models import User

Sender = Callable[[User, str, str], None]
logger = logging.getLogger(__name__)


def senders() -> list[Sender]:
    """Return the senders named in `MESSAGE_SENDERS`; none by default."""
    return [import_string(name) for name in settings.MESSAGE_SENDERS]


def send(user: User, reference: str, sentence: str, path: str = "") -> None:
    """Send a user a fixed sentence, a reference and a link.

    A failing sender is logged and does not stop the others.
    """
    link = f"{settings.SITE_URL}{path}" if settings.SITE_URL and path else _("Sign in to read it.")
    text = "\n\n".join(filter(None, (f"{sentence}.", reference, link)))
    for sender in senders():
        try:
            sender(user, f"Kerege {reference}".strip(), text)
        except Exception:
            logger.warning("a message could not be sent", exc_info=False)


def by_email(user: User, subject: str, text: str) -> None:
    """Send the message by e-mail if the user has a confirmed address."""
    if user.email:
        send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [user.email])
