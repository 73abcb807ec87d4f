"""An administrator connects the systems of her agency."""

from __future__ import annotations

from kerege.core.access import Grant, Rule, own_agency
from kerege.core.access.rules import rules
from kerege.core.accounts.models import Agency, Role

rules.add(Rule("systems.manage", Agency, [Grant({Role.ADMINISTRATOR}, own_agency("pk"))]))
