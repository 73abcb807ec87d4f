"""Everybody has a home page. The coordinator counts the cases of all agencies; she opens none."""

from __future__ import annotations

from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.cases.models.case import Case
from kerege.core.accounts.models import Role
from kerege.core.authorization import Grant, Rule, everything
from kerege.core.authorization.rules import rules

rules.add(
    Rule("desk.home", None, [Grant(frozenset(Role.values))]),
    Rule("desk.count_cases", Case, [Grant({"coordinator", "analyst"}, everything)]),
    Rule("desk.process", None, [Grant({"coordinator"})]),
    Rule("desk.quality", None, [Grant({"supervisor", "coordinator", "analyst"})]),
    # the month counts the agency's own cases; nobody else's are read for it
    Rule("desk.month", None, [Grant({"caseworker", "supervisor"})]),
    Rule("desk.count_referrals", Referral, [Grant({"coordinator"}, everything)]),
)
