"""Navigation items of the assistance app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.rules import CASEWORK
from kerege.web.navigation import NavItem, navigation

navigation.add(
    NavItem("assistance:referral-inbox", _("Referrals"), CASEWORK, order=30),
    NavItem("assistance:silent", _("Without an answer"), {"coordinator"}, order=30),
    NavItem("assistance:shelter", _("Shelter"), {"caseworker", "supervisor"}, order=32),
    NavItem("assistance:handovers", _("Handovers"), {"supervisor"}, order=34),
    NavItem("assistance:transfer-queue", _("Transfer requests"), {"coordinator"}, order=34),
)
