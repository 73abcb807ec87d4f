"""Navigation items of commissions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.web.navigation import NavItem, navigation

navigation.add(
    NavItem("commissions:list", _("Commissions"), {"coordinator", "secretary"}, order=73),
    NavItem("commissions:own", _("My decisions"), {"secretary"}, order=74),
)
