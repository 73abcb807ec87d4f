"""Authorization rules of crimes: only justice officers of the agency see that one exists."""

from __future__ import annotations

from kerege.casework.justice.models import CaseLink, Compensation, Crime, Hearing, ProtectionMeasure, Suspect
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Grant, Rule, everything, own_agency
from kerege.core.authorization.rules import rules

OFFICER = {"justice_officer"}
OPERATOR = Grant({"operator"}, everything)

rules.add(
    Rule("crimes.record", Agency, [Grant(OFFICER, own_agency("pk")), OPERATOR]),
    Rule("crimes.view", Crime, [Grant(OFFICER, own_agency("agency")), OPERATOR]),
    Rule("crimes.change", Crime, [Grant(OFFICER, own_agency("agency")), OPERATOR]),
    Rule("suspects.change", Suspect, [Grant(OFFICER, own_agency("crime__agency")), OPERATOR]),
    Rule("hearings.change", Hearing, [Grant(OFFICER, own_agency("crime__agency")), OPERATOR]),
    Rule("protections.change", ProtectionMeasure, [Grant(OFFICER, own_agency("crime__agency")), OPERATOR]),
    Rule("compensations.change", Compensation, [Grant(OFFICER, own_agency("crime__agency")), OPERATOR]),
    Rule("links.change", CaseLink, [Grant(OFFICER, own_agency("crime__agency")), OPERATOR]),
    # national counts by source, without access to single crimes
    Rule("crimes.count", None, [Grant(OFFICER | {"coordinator", "analyst"}), OPERATOR]),
)
