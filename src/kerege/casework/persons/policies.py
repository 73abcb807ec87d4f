"""The second wall around pairs and merges: an agency's own, by the agency they stand under.

What lies between agencies stands under none; the coordinator's rules open these tables to her as a whole.
"""

from __future__ import annotations

from kerege.casework.persons.models import MatchCandidate, MatchDue, Merge, PairDecision, Review
from kerege.core.row_security.policies import Guard, Policies, policies

OWN = "agency_id = (SELECT kerege_agency())"
OF_A_PAIR = "EXISTS (SELECT 1 FROM persons_matchcandidate c WHERE c.id = candidate_id)"
OF_OWN_RECORD = (
    "EXISTS (SELECT 1 FROM vault_identityrecord r WHERE r.id = record_id AND r.agency_id = (SELECT kerege_agency()))"
)

GUARDS = (
    Guard(MatchCandidate, OWN),
    Guard(Review, OF_A_PAIR),
    Guard(PairDecision, OWN),
    Guard(Merge, OWN),
    # whoever stores a record says that it is to be matched; the machine reads what waits
    Guard(MatchDue, OF_OWN_RECORD),
)

policies.add(Policies("persons", GUARDS, order=10))
