"""Entries of the app cases in the staff navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.rules import CASEWORK
from kerege.web.navigation import NavItem, navigation

navigation.add(
    NavItem("cases:list", _("Cases"), CASEWORK, order=20),
    NavItem("cases:search", _("Search"), CASEWORK, order=22),
    NavItem("cases:emergencies", _("Emergencies"), {"auditor"}, order=61),
    NavItem("cases:register", _("Register a person"), CASEWORK, order=24),
    NavItem("cases:tasks", _("Tasks"), CASEWORK, order=26),
    NavItem("cases:erasures", _("Erasure"), {"coordinator"}, order=70),
    NavItem("cases:retention", _("Retention"), {"coordinator", "auditor"}, order=72),
)
