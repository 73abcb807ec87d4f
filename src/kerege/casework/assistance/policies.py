"""Row-level security of consents, services, referrals, handovers, shelter and return.

An agency reads the rows of the cases that it can see, and the rows that it wrote, sent or received.
"""

from __future__ import annotations

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.contact import Contact
from kerege.casework.assistance.models.documents import Document
from kerege.casework.assistance.models.handovers import Handover, HandoverOffer, OwnerChange, TransferRequest
from kerege.casework.assistance.models.needs import Assessment
from kerege.casework.assistance.models.plans import Goal, Plan, PlanReview
from kerege.casework.assistance.models.provision import Interruption, Service, ServiceDelivery
from kerege.casework.assistance.models.referrals import Referral, ReferralStep
from kerege.casework.assistance.models.returns import FollowUp, Return
from kerege.casework.assistance.models.shelter import Bed, Stay
from kerege.casework.cases.policies import OF_A_CASE, OWN, OWN_OR_OF_A_CASE
from kerege.core.row_security.policies import Policies, TablePolicy, child_of, policies

EITHER_AGENCY = "from_agency_id = (SELECT kerege_agency()) OR to_agency_id = (SELECT kerege_agency())"
OF_A_PLAN, OF_A_SERVICE = child_of(Plan, "plan_id"), child_of(Service, "service_id")

# the receiver of a referral or of a handover reads the consent on which it rests
OF_A_TRANSFER = (
    "EXISTS (SELECT 1 FROM assistance_handover h WHERE h.consent_id = assistance_consent.id)"
    " OR EXISTS (SELECT 1 FROM assistance_referral r WHERE r.consent_id = assistance_consent.id)"
)

GUARDS = (
    TablePolicy(Consent, f"recipient_id = (SELECT kerege_agency()) OR {OF_A_CASE} OR {OF_A_TRANSFER}"),
    TablePolicy(Contact, OWN_OR_OF_A_CASE),
    TablePolicy(Document, OF_A_CASE),
    TablePolicy(HandoverOffer, EITHER_AGENCY),
    TablePolicy(Handover, f"{EITHER_AGENCY} OR {OF_A_CASE}"),
    TablePolicy(OwnerChange, f"{EITHER_AGENCY} OR {OF_A_CASE}"),
    TablePolicy(TransferRequest, OWN_OR_OF_A_CASE),
    TablePolicy(Assessment, OF_A_CASE),
    TablePolicy(Plan, OF_A_CASE),
    TablePolicy(Goal, OF_A_PLAN),
    TablePolicy(PlanReview, OF_A_PLAN),
    TablePolicy(Service, f"provider_id = (SELECT kerege_agency()) OR {OF_A_CASE}"),
    TablePolicy(ServiceDelivery, OF_A_SERVICE),
    TablePolicy(Interruption, OF_A_SERVICE),
    TablePolicy(Referral, f"{EITHER_AGENCY} OR {OF_A_CASE}"),
    TablePolicy(ReferralStep, f"{OWN} OR {child_of(Referral, 'referral_id')}"),
    TablePolicy(Return, f"received_by_id = (SELECT kerege_agency()) OR {OF_A_CASE}"),
    TablePolicy(FollowUp, child_of(Return, "journey_id")),
    TablePolicy(Bed, OWN),
    TablePolicy(Stay, OWN_OR_OF_A_CASE),
)

policies.add(Policies("assistance", GUARDS, order=50))
