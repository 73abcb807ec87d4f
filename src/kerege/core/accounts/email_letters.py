"""Letters by e-mail, each with a fixed id: a mail server can drop a repetition of it."""

from __future__ import annotations

from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage


def send_email(to: str, subject: str, text: str, key: str) -> None:
    """Send a letter; raise the error of the connection or of the mail server. `key` makes its id."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    headers = {"Message-ID": f"<{key}@{domain}>"}
    EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [to], headers=headers).send()
