"""Authorization rule: an administrator connects the systems of their agency."""

from __future__ import annotations

from kerege.core.accounts.models import Agency, Role
from kerege.core.authorization import Grant, Rule, own_agency
from kerege.core.authorization.rules import rules

rules.add(Rule("systems.manage", Agency, [Grant({Role.ADMINISTRATOR}, own_agency("pk"))]))
