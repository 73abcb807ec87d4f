"""Navigation items of the awareness app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.casework.awareness.rules import HOTLINE
from kerege.web.navigation import NavItem, navigation

navigation.add(
    NavItem("awareness:contacts", _("Hotline contacts"), HOTLINE, order=62),
    NavItem("awareness:list", _("Campaigns"), {"coordinator", "analyst", "publisher"}, order=64),
)
