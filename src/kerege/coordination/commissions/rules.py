"""Authorization rules of commissions.

A body sees the commissions that it keeps, or of which it is a member. A regional commission sees its region and no
other. The coordinator sees all.
"""

from __future__ import annotations

from kerege.coordination.commissions.models import (
    AgendaItem,
    Commission,
    CommissionMember,
    Meeting,
    Resolution,
    ResolutionBody,
)
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Grant, Rule, any_of, everything, own_agency
from kerege.core.authorization.rules import Within, rules

KEEPERS, READERS = {"coordinator", "secretary"}, {"coordinator"}


def of_commission(path: str = "") -> Within:
    """Return the scope of commissions that the actor's agency keeps, or of which it is a member."""
    return any_of(own_agency(f"{path}agency"), own_agency(f"{path}members__agency"))


def _read(path: str) -> tuple[Grant, Grant]:
    return Grant(READERS, everything), Grant({"secretary"}, of_commission(path))


RULES = (
    Rule("commissions.set_up", Agency, [Grant(READERS | {"operator"}, everything)]),
    Rule("commissions.read", Commission, _read("")),
    Rule("commissions.keep", Commission, [Grant(KEEPERS, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule("commissions.list_members", CommissionMember, _read("commission__")),
    Rule("commissions.read_meeting", Meeting, _read("commission__")),
    Rule(
        "commissions.keep_meeting",
        Meeting,
        [Grant(KEEPERS, own_agency("commission__agency")), Grant({"operator"}, everything)],
    ),
    Rule("commissions.list_items", AgendaItem, _read("meeting__commission__")),
    Rule("commissions.list_resolutions", Resolution, _read("meeting__commission__")),
    Rule("commissions.list_bodies", ResolutionBody, _read("resolution__meeting__commission__")),
    Rule("commissions.report", ResolutionBody, [Grant(KEEPERS, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule(
        "commissions.decide",
        ResolutionBody,
        [Grant(KEEPERS, own_agency("resolution__meeting__commission__agency")), Grant({"operator"}, everything)],
    ),
)
rules.add(*RULES)
