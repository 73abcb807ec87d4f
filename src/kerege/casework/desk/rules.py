"""Everybody has a home page. The coordinator counts the cases of all agencies; she opens none."""

from __future__ import annotations

from kerege.casework.assistance.models import Referral
from kerege.casework.cases.models import Case
from kerege.core.access import Grant, Rule, everything
from kerege.core.accounts.models import Role

RULES = [
    Rule("desk.home", None, [Grant(frozenset(Role.values))]),
    Rule("desk.count_cases", Case, [Grant({"coordinator"}, everything)]),
    Rule("desk.count_referrals", Referral, [Grant({"coordinator"}, everything)]),
]
