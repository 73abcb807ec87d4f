"""Row-level security of pairs and merges: an agency reads the rows that have its id.

Rows between agencies have no agency id. The coordinator's rules open these tables in full.
"""

from __future__ import annotations

from kerege.casework.persons.models import MatchBasis, MatchCandidate, MatchDue, Merge, PairDecision, PairReview
from kerege.core.row_security.policies import Policies, TablePolicy, policies

OWN_ROWS = "agency_id = (SELECT kerege_agency())"
VISIBLE_PAIR = "EXISTS (SELECT 1 FROM persons_matchcandidate c WHERE c.id = candidate_id)"
OWN_RECORD = (
    "EXISTS (SELECT 1 FROM vault_identityrecord r WHERE r.id = record_id AND r.agency_id = (SELECT kerege_agency()))"
)

GUARDS = (
    TablePolicy(MatchCandidate, OWN_ROWS),
    TablePolicy(PairReview, VISIBLE_PAIR),
    TablePolicy(PairDecision, OWN_ROWS),
    TablePolicy(Merge, OWN_ROWS),
    # an agency queues its own records; the matching job bypasses the policy
    TablePolicy(MatchDue, OWN_RECORD),
    TablePolicy(MatchBasis, OWN_RECORD),
)

policies.add(Policies("persons", GUARDS, order=10))
