"""Row-level security of the risk assessment: an agency writes its own rounds and judgements."""

from __future__ import annotations

from kerege.coordination.risk.models import RiskFactor, RiskJudgement, RiskRound, RiskValue
from kerege.core.row_security.policies import Policies, TablePolicy, child_of, policies

OWN = "agency_id = (SELECT kerege_agency())"
GUARDS = (
    TablePolicy(RiskRound, OWN),
    TablePolicy(RiskFactor, child_of(RiskRound, "round_id")),
    TablePolicy(RiskValue, child_of(RiskFactor, "factor_id")),
    TablePolicy(RiskJudgement, OWN),
)

policies.add(Policies("risk", GUARDS, order=84))
