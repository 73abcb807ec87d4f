"""Navigation items of the plan of measures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kerege.web.navigation import NavItem, navigation

navigation.add(
    NavItem(
        "measures:plans",
        _("Plan of measures"),
        {"coordinator", "analyst", "publisher", "secretary"},
        order=70,
    ),
    NavItem("measures:own", _("My reports"), {"secretary"}, order=71),
)
