"""Menu item of the page of connected systems."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.web.navigation import NavItem, navigation

navigation.add(NavItem("systems:tokens", _("Connected systems"), {"administrator"}, order=92))
