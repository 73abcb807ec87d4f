"""Policy rules of the home pages. The coordinator counts the cases of all agencies and opens none."""

from __future__ import annotations

from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.cases.models.case import Case
from kerege.core.accounts.models import Role
from kerege.core.authorization import Actor, Grant, Rule, everything
from kerege.core.authorization.rules import rules

BOARD_ONLY = frozenset({Role.MINISTER})  # roles whose work is reading their board


def has_home(actor: Actor) -> bool:
    """Return whether a user has work on the home page; a minister has a board instead."""
    return actor.roles != BOARD_ONLY


rules.add(
    Rule("desk.home", None, [Grant(frozenset(Role.values))]),
    Rule("desk.count_cases", Case, [Grant({"coordinator", "analyst"}, everything)]),
    Rule("desk.process", None, [Grant({"coordinator"})]),
    Rule("desk.supervisor_board", None, [Grant({"supervisor"})]),
    Rule("desk.coordinator_board", None, [Grant({"coordinator"})]),
    # whole months of all agencies, small counts masked: for roles that may open no case
    Rule("desk.ministry_board", None, [Grant({"minister", "publisher"})]),
    Rule("targets.set", None, [Grant({"coordinator", "publisher"})]),
    Rule("desk.quality", None, [Grant({"supervisor", "coordinator", "analyst"})]),
    # monthly figures read the cases of one agency only
    Rule("desk.month", None, [Grant({"caseworker", "supervisor"})]),
    Rule("desk.count_referrals", Referral, [Grant({"coordinator"}, everything)]),
)
