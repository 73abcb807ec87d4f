"""Menu item of the page of the law."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.web.navigation import NavItem, navigation

navigation.add(NavItem("law:law", _("Law"), {"coordinator", "administrator", "auditor"}, order=64))
