"""Authorization rules of the risk assessment: its figures are public, so all its roles read them."""

from __future__ import annotations

from kerege.coordination.commissions.models import Commission
from kerege.coordination.risk.models import RiskFactor, RiskJudgement, RiskRound, RiskValue
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Grant, Rule, everything, own_agency
from kerege.core.authorization.rules import rules

READERS, EDITORS = {"coordinator", "analyst", "publisher", "secretary"}, {"coordinator", "analyst"}
ALL = (Grant(READERS, everything),)

RULES = (
    Rule("risk.set_up", Agency, [Grant(EDITORS, own_agency("pk")), Grant({"operator"}, everything)]),
    Rule("risk.read", RiskRound, ALL),
    Rule("risk.edit", RiskRound, [Grant(EDITORS, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule("risk.list_factors", RiskFactor, ALL),
    Rule(
        "risk.edit_factor", RiskFactor, [Grant(EDITORS, own_agency("round__agency")), Grant({"operator"}, everything)]
    ),
    Rule("risk.list_values", RiskValue, ALL),
    Rule("risk.list_judgements", RiskJudgement, ALL),
    # the secretary of a regional commission records how it judges its own region
    Rule("risk.judge", Commission, [Grant({"secretary"}, own_agency("agency")), Grant({"operator"}, everything)]),
)
rules.add(*RULES)
