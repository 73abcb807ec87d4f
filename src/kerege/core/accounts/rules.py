"""What every signed-in user may do with her own account, and who manages agencies and users."""

from __future__ import annotations

from kerege.core.access import Grant, Rule, everything, own_agency
from kerege.core.accounts.models import Agency, Role, RoleAssignment

ANYBODY = frozenset(Role.values)

RULES = [
    Rule("accounts.start", None, [Grant(ANYBODY)]),
    Rule("accounts.choose_agency", None, [Grant(ANYBODY)]),
    Rule("agencies.manage", Agency, [Grant({Role.ADMINISTRATOR}, own_agency("pk")), Grant({"operator"}, everything)]),
    Rule(
        "roles.manage",
        RoleAssignment,
        [Grant({Role.ADMINISTRATOR}, own_agency("agency")), Grant({"operator"}, everything)],
    ),
    Rule("audit.verify", None, [Grant({Role.AUDITOR, "operator"})]),
    Rule("keys.rotate", None, [Grant({"operator"})]),
    Rule("keys.reindex", None, [Grant({"operator"})]),
    Rule("system.backup", None, [Grant({"operator"})]),
    Rule("system.set_up", None, [Grant({"operator"})]),
]
