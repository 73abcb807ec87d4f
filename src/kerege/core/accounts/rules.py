"""Authorization rules for a user's own account and for the management of agencies and users."""

from __future__ import annotations

from django.db.models import Q

from kerege.core.accounts.access_reviews import reviewable
from kerege.core.accounts.agency_changes import closable, confirmable_changes, movable
from kerege.core.accounts.agency_details import own_or_below
from kerege.core.accounts.fact_confirmations import confirmable_facts, national_agency
from kerege.core.accounts.models import (
    Agency,
    AgencyChange,
    FactConfirmation,
    FactCorrection,
    FactorReset,
    Role,
    RoleAssignment,
    RoleRequest,
    User,
)
from kerege.core.accounts.recovery import confirmable_resets
from kerege.core.accounts.role_requests import confirmable
from kerege.core.authorization import Actor, Grant, Rule, any_of, everything, nothing, own_agency
from kerege.core.authorization.rules import rules

ANYBODY = frozenset(Role.values)
CONFIRMERS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR})


def requested(actor: Actor) -> Q:
    """Return the condition on users without a role for whom the actor's agency asked for one."""
    if actor.agency_id is None:
        return nothing(actor)
    return Q(role_requests__agency=actor.agency_id, assignments__isnull=True)


rules.add(
    Rule("accounts.start", None, [Grant(ANYBODY)]),
    Rule("accounts.choose_agency", None, [Grant(ANYBODY)]),
    Rule("accounts.step_up", None, [Grant(ANYBODY)]),
    Rule("accounts.password", None, [Grant(ANYBODY)]),
    Rule("accounts.address", None, [Grant(ANYBODY)]),
    Rule("accounts.sessions", None, [Grant(ANYBODY)]),
    # administrators manage users of their own agency and agencies below it; they have no access to cases
    Rule(
        "users.manage",
        User,
        [
            Grant({Role.ADMINISTRATOR}, any_of(own_agency("assignments__agency"), requested)),
            Grant({"operator"}, everything),
        ],
    ),
    # roles that nobody gives alone: the second person
    Rule(
        "roles.confirm",
        RoleRequest,
        [Grant({Role.ADMINISTRATOR}, confirmable), Grant({"operator"}, everything)],
    ),
    Rule("agencies.edit", Agency, [Grant({Role.ADMINISTRATOR}, own_or_below), Grant({"operator"}, everything)]),
    # a move or a closing: one administrator asks, another one confirms
    Rule("agencies.move", Agency, [Grant({Role.ADMINISTRATOR}, movable), Grant({"operator"}, everything)]),
    Rule("agencies.close", Agency, [Grant({Role.ADMINISTRATOR}, closable), Grant({"operator"}, everything)]),
    Rule(
        "agencies.confirm_change",
        AgencyChange,
        [Grant({Role.ADMINISTRATOR}, confirmable_changes), Grant({"operator"}, everything)],
    ),
    Rule("agencies.manage", Agency, [Grant({Role.ADMINISTRATOR}, own_agency("pk"))]),
    # services that an agency offers to referred persons
    Rule(
        "agencies.offer",
        Agency,
        [Grant({Role.SUPERVISOR, Role.ADMINISTRATOR}, own_agency("pk")), Grant({"operator"}, everything)],
    ),
    # a lost second factor: one person asks with the right to manage the user, a second one confirms
    Rule(
        "users.recover",
        FactorReset,
        [Grant({Role.ADMINISTRATOR}, confirmable_resets), Grant({"operator"}, everything)],
    ),
    # facts of the country profile: two people of national agencies confirm one
    Rule("law.view", None, [Grant(ANYBODY - {Role.MINISTER})]),
    Rule("facts.request", Agency, [Grant(CONFIRMERS, national_agency), Grant({"operator"}, everything)]),
    Rule("facts.confirm", FactConfirmation, [Grant(CONFIRMERS, confirmable_facts), Grant({"operator"}, everything)]),
    Rule("facts.correct", FactCorrection, [Grant(CONFIRMERS, confirmable_facts), Grant({"operator"}, everything)]),
    Rule("access.review", RoleAssignment, [Grant({Role.ADMINISTRATOR}, reviewable)]),
    Rule("access.close_review", None, [Grant({"operator"})]),
    Rule("agencies.mark_national", None, [Grant({"operator"})]),
    Rule("audit.verify", None, [Grant({Role.AUDITOR, "operator"})]),
    Rule("keys.rotate", None, [Grant({"operator"})]),
    Rule("keys.retire", None, [Grant({"operator"})]),
    Rule("keys.reseal", None, [Grant({"operator"})]),
    Rule("keys.seal", None, [Grant({"operator"})]),
    Rule("keys.reindex", None, [Grant({"operator"})]),
    Rule("system.backup", None, [Grant({"operator"})]),
    Rule("system.set_up", None, [Grant({"operator"})]),
)
