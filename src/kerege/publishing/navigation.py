"""The releases in the staff navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.web.navigation import NavItem, navigation

navigation.add(NavItem("releases:list", _("Releases"), {"analyst", "publisher", "auditor"}, order=58))
navigation.add(NavItem("releases:announced", _("Release calendar"), {"coordinator", "publisher"}, order=59))
