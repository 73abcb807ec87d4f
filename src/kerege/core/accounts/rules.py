"""Authorization rules for a user's own account and for the management of agencies and users."""

from __future__ import annotations

from kerege.core.accounts.models import Agency, Role, User
from kerege.core.authorization import Grant, Rule, everything, own_agency
from kerege.core.authorization.rules import rules

ANYBODY = frozenset(Role.values)

rules.add(
    Rule("accounts.start", None, [Grant(ANYBODY)]),
    Rule("accounts.choose_agency", None, [Grant(ANYBODY)]),
    Rule("accounts.step_up", None, [Grant(ANYBODY)]),
    Rule("accounts.password", None, [Grant(ANYBODY)]),
    Rule("accounts.sessions", None, [Grant(ANYBODY)]),
    # administrators manage users of their own agency and agencies below it; they have no access to cases
    Rule("users.manage", User, [Grant({Role.ADMINISTRATOR}, own_agency("assignments__agency"))]),
    Rule("agencies.manage", Agency, [Grant({Role.ADMINISTRATOR}, own_agency("pk"))]),
    # services that an agency offers to referred persons
    Rule(
        "agencies.offer",
        Agency,
        [Grant({Role.SUPERVISOR, Role.ADMINISTRATOR}, own_agency("pk")), Grant({"operator"}, everything)],
    ),
    Rule("audit.verify", None, [Grant({Role.AUDITOR, "operator"})]),
    Rule("keys.rotate", None, [Grant({"operator"})]),
    Rule("keys.reindex", None, [Grant({"operator"})]),
    Rule("system.backup", None, [Grant({"operator"})]),
    Rule("system.set_up", None, [Grant({"operator"})]),
)
