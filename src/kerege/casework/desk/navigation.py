"""Entries of the home page in the staff navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.casework.desk.rules import BOARD_ONLY
from kerege.core.accounts.models import Role
from kerege.web.navigation import NavItem, navigation

navigation.add(
    NavItem("desk:home", _("Today"), set(Role.values) - BOARD_ONLY, order=10, start=True),
    NavItem("desk:team", _("Team"), {"supervisor"}, order=27),
    NavItem("desk:process", _("Process"), {"coordinator"}, order=28),
)
navigation.add(
    NavItem("desk:supervisor-board", _("Board"), {"supervisor"}, order=26),
    NavItem("desk:coordinator-board", _("Board"), {"coordinator"}, order=27),
    NavItem("desk:ministry-board", _("Board"), {"minister", "publisher"}, order=27),
)
