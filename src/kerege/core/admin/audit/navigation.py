"""Menu item of the audit log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.web.navigation import NavItem, navigation

navigation.add(NavItem("audit:trail", _("Audit log"), {"auditor"}, order=63))
