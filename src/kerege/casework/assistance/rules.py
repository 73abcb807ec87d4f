"""Services are added by the owner of the case and by an agency with which it is shared."""

from __future__ import annotations

from kerege.casework.assistance.models import Bed, Referral, Service, Stay
from kerege.casework.cases.models import Case
from kerege.casework.cases.rules import CASEWORK, owned_or_shared
from kerege.core.access import Grant, Rule, everything, own_agency
from kerege.core.accounts.models import Agency

WORKERS = {"caseworker", "supervisor"}

RULES = [
    Rule("services.add", Case, [Grant(WORKERS, owned_or_shared), Grant({"operator"}, everything)]),
    Rule("services.add_many", None, [Grant({"operator"}, everything)]),
    Rule(
        "services.view", Service, [Grant(CASEWORK, own_agency("case__agency")), Grant(WORKERS, own_agency("provider"))]
    ),
    # the beds of a centre are its own business: not even their number is seen from outside
    Rule("beds.use", Bed, [Grant(WORKERS, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule("beds.change", Agency, [Grant({"supervisor"}, own_agency("pk")), Grant({"operator"}, everything)]),
    Rule("stays.view", Stay, [Grant(CASEWORK, own_agency("case__agency")), Grant(WORKERS, own_agency("agency"))]),
    Rule("stays.change", Stay, [Grant(WORKERS, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule("stays.extend", Stay, [Grant({"supervisor"}, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule(
        "referrals.answer",
        Referral,
        [Grant(CASEWORK | {"coordinator"}, own_agency("to_agency")), Grant({"operator"}, everything)],
    ),
    Rule("referrals.follow", Referral, [Grant(CASEWORK | {"coordinator"}, own_agency("from_agency"))]),
]
