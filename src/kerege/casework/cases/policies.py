"""Row-level security of cases and shares, with the same scope as `rules.owned_or_shared`."""

from __future__ import annotations

from kerege.casework.cases.models.case import Case, Decision, Event, Exploitation, Note, Share, Task
from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.models.records import CaseFile, ErasureRequest, LegalHold
from kerege.casework.cases.models.workload import Approval, Cover, Reassignment
from kerege.core.row_security.policies import Policies, TablePolicy, helper, policies

# running shares, and emergencies that have not ended
LENT = """SELECT s.case_id FROM cases_share s WHERE s.agency_id = kerege_agency()
        AND s.from_at <= kerege_now() AND (s.to_at IS NULL OR s.to_at > kerege_now())
    UNION ALL SELECT e.case_id FROM cases_emergency e WHERE e.user_id = kerege_user()
        AND e.agency_id = kerege_agency() AND e.ended_at IS NULL AND e.until > kerege_now()"""

FUNCTIONS = (
    # all cases that the agency may see without owning them, computed once per query
    helper("kerege_lent()", "uuid[]", f"ARRAY({LENT})"),
    # True if this holds for one case
    helper("kerege_borrows(wanted uuid)", "boolean", f"wanted IN ({LENT})"),
    helper(
        "kerege_owns(wanted uuid)",
        "boolean",
        "EXISTS (SELECT 1 FROM cases_case c WHERE c.id = wanted AND c.agency_id = kerege_agency())",
    ),
)

OWN = "agency_id = (SELECT kerege_agency())"
# A session that may count all cases skips the check of each row, which would be slow.
OF_A_CASE = "(SELECT kerege_whole('cases_case')) OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)"
# An agency keeps access to what it wrote, also after the share of the case has ended.
OWN_OR_OF_A_CASE = f"{OWN} OR {OF_A_CASE}"

GUARDS = (
    TablePolicy(Case, f"{OWN} OR id = ANY ((SELECT kerege_lent())::uuid[])"),
    TablePolicy(Share, f"{OWN} OR kerege_owns(case_id)"),
    TablePolicy(Emergency, f"{OWN} OR owner_id = (SELECT kerege_agency())"),
    TablePolicy(Exploitation, OF_A_CASE),
    TablePolicy(CaseFile, OF_A_CASE),
    TablePolicy(LegalHold, OF_A_CASE),
    TablePolicy(Decision, f"authority_id = (SELECT kerege_agency()) OR {OF_A_CASE}"),
    TablePolicy(Note, OWN_OR_OF_A_CASE),
    TablePolicy(Event, OWN_OR_OF_A_CASE),
    TablePolicy(Task, OWN_OR_OF_A_CASE),
    TablePolicy(Approval, OF_A_CASE),
    TablePolicy(Cover, OWN),
    TablePolicy(Reassignment, OWN),
    TablePolicy(ErasureRequest, OWN),
    TablePolicy(Notice, OWN),
)

policies.add(Policies("cases", GUARDS, FUNCTIONS, order=20))
