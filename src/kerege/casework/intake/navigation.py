"""Entries of intake in the staff navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.casework.intake.rules import SENDERS
from kerege.web.navigation import NavItem, navigation

navigation.add(
    NavItem("intake:queue", _("Decisions"), {"identifying_officer"}, order=23),
    NavItem("intake:signal-list", _("Signals"), SENDERS, order=25),
    NavItem("intake:statuses", _("Two tracks"), {"coordinator", "analyst"}, order=60),
)
