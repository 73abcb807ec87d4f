"""E-mail over TLS that verifies the mail server, with the CA and certificate of the operator."""

from __future__ import annotations

import ssl

from django.conf import settings
from django.core.mail.backends import smtp
from django.utils.functional import cached_property

from kerege.base import tls


class EmailBackend(smtp.EmailBackend):
    """Django's backend with the context of `KEREGE_EMAIL_CA` and `KEREGE_EMAIL_CERT`."""

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        """Return the context of TLS."""
        return tls.client_context(settings.EMAIL_CA, settings.EMAIL_CERT)
