"""Menu entries of the exchange in the staff navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.web.navigation import NavItem, navigation

navigation.add(NavItem("exchange:figures", _("Figures"), {"analyst", "coordinator"}, order=59))
navigation.add(NavItem("exchange:import", _("Bring in a file"), {"supervisor"}, order=58))
