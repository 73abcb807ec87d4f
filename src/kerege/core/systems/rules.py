"""An administrator connects the systems of her agency."""

from __future__ import annotations

from kerege.core.access import Grant, Rule, own_agency
from kerege.core.accounts.models import Agency, Role

RULES = [Rule("systems.manage", Agency, [Grant({Role.ADMINISTRATOR}, own_agency("pk"))])]
