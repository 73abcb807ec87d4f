"""Entries of the home page in the staff navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.web.navigation import NavItem, navigation

navigation.add(
    NavItem("desk:home", _("Today"), order=10, start=True),
    NavItem("desk:team", _("Team"), {"supervisor"}, order=27),
    NavItem("desk:process", _("Process"), {"coordinator"}, order=28),
)
