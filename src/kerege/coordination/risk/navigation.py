"""Navigation item of the risk assessment."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.web.navigation import NavItem, navigation

navigation.add(
    NavItem("risk:rounds", _("Regional risk"), {"coordinator", "analyst", "publisher", "secretary"}, order=76)
)
