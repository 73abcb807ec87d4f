"""Navigation items of the rights app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.web.navigation import NavItem, navigation

navigation.add(
    NavItem("rights:stays", _("Right to stay"), {"caseworker", "supervisor"}, order=33),
    NavItem("rights:legal-aid-list", _("Legal aid and charges"), {"caseworker", "supervisor"}, order=34),
    NavItem("rights:survey", _("Five questions"), {"supervisor"}, order=35),
)
