"""Row-level security of commissions: an agency sees those that it keeps, or of which it is a member."""

from __future__ import annotations

from kerege.coordination.commissions.models import (
    AgendaItem,
    Commission,
    CommissionMember,
    Meeting,
    Resolution,
    ResolutionBody,
)
from kerege.core.row_security.policies import Policies, TablePolicy, helper, policies

OWN = "agency_id = (SELECT kerege_agency())"
FUNCTIONS = (
    helper(
        "kerege_commission_of(wanted uuid)",
        "boolean",
        """EXISTS (SELECT 1 FROM commissions_commission c WHERE c.id = wanted AND c.agency_id = kerege_agency())
        OR EXISTS (SELECT 1 FROM commissions_commissionmember m
        WHERE m.commission_id = wanted AND m.agency_id = kerege_agency())""",
    ),
    helper(
        "kerege_meeting_of(wanted uuid)",
        "boolean",
        "EXISTS (SELECT 1 FROM commissions_meeting m WHERE m.id = wanted AND kerege_commission_of(m.commission_id))",
    ),
    helper(
        "kerege_resolution_of(wanted uuid)",
        "boolean",
        "EXISTS (SELECT 1 FROM commissions_resolution r WHERE r.id = wanted AND kerege_meeting_of(r.meeting_id))",
    ),
)
GUARDS = (
    TablePolicy(Commission, f"{OWN} OR kerege_commission_of(id)"),
    TablePolicy(CommissionMember, f"{OWN} OR kerege_commission_of(commission_id)"),
    TablePolicy(Meeting, "kerege_commission_of(commission_id)"),
    TablePolicy(AgendaItem, "kerege_meeting_of(meeting_id)"),
    TablePolicy(Resolution, "kerege_meeting_of(meeting_id)"),
    TablePolicy(ResolutionBody, f"{OWN} OR kerege_resolution_of(resolution_id)"),
)

policies.add(Policies("commissions", GUARDS, FUNCTIONS, order=82))
