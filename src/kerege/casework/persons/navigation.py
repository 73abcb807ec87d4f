"""Menu entries of this app in the staff navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.web.navigation import NavItem, navigation

navigation.add(
    NavItem("persons:queue", _("Same person?"), {"supervisor", "coordinator"}, order=36),
    NavItem("persons:quality", _("Quality of matching"), {"auditor"}, order=61),
)
