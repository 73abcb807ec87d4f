"""Navigation items of the justice app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.web.navigation import NavItem, navigation

navigation.add(
    NavItem("justice:crime-list", _("Crimes"), {"justice_officer"}, order=40),
    NavItem("justice:figures", _("Crimes by source"), {"justice_officer", "coordinator", "analyst"}, order=42),
)
