"""Tokens of the links with which users choose a password; a clock that is set back keeps none valid."""

from __future__ import annotations

from datetime import datetime

from allauth.account.forms import EmailAwarePasswordResetTokenGenerator
from django.utils import timezone

from kerege.core.audit import clock


class LinkTokenGenerator(EmailAwarePasswordResetTokenGenerator):  # type: ignore[misc]
    """Token generator of allauth whose time never runs backwards."""

    def _now(self) -> datetime:
        """Return the local time, as Django counts the age of a token."""
        return timezone.make_naive(clock.now())
