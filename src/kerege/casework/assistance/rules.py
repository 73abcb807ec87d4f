"""Authorization rules of the assistance app."""

from __future__ import annotations

from django.db.models import Q

from kerege.casework.assistance.models.handovers import Handover, HandoverOffer, TransferRequest
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.models.shelter import Bed, Stay
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.rules import CASEWORK, owned_or_shared
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor, Grant, Rule, any_of, everything, own_agency
from kerege.core.authorization.rules import rules

WORKERS = {"caseworker", "supervisor"}
EITHER_AGENCY = any_of(own_agency("from_agency"), own_agency("to_agency"))


def passed_on_to_owner(actor: Actor) -> Q:
    """Return a filter for transfer requests about the actor's cases that the coordinator passed on."""
    return Q(case__agency=actor.agency_id, status="passed_on")


def owned_or_accepted(actor: Actor) -> Q:
    """Return a filter for the agency's own cases and shared cases whose referral it accepted."""
    accepted = Referral.objects.filter(to_agency=actor.agency_id, status__in=["accepted", "started"])
    return Q(agency=actor.agency_id) | Q(pk__among=accepted.values("case")) & owned_or_shared(actor)


def sent_or_received(actor: Actor) -> Q:
    """Return a filter for referrals that the agency sent or received, or of cases that it owns now."""
    owned = Case.objects.filter(agency=actor.agency_id)
    return Q(from_agency=actor.agency_id) | Q(to_agency=actor.agency_id) | Q(case__in=owned.values("pk"))


rules.add(
    Rule("services.add", Case, [Grant(WORKERS, owned_or_accepted), Grant({"operator"}, everything)]),
    Rule("services.add_many", None, [Grant({"operator"}, everything)]),
    Rule(
        "services.view", Service, [Grant(CASEWORK, own_agency("case__agency")), Grant(WORKERS, own_agency("provider"))]
    ),
    # no other agency sees the beds of a centre, not even their number
    Rule("beds.use", Bed, [Grant(WORKERS, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule("beds.change", Agency, [Grant({"supervisor"}, own_agency("pk")), Grant({"operator"}, everything)]),
    Rule("stays.view", Stay, [Grant(CASEWORK, own_agency("case__agency")), Grant(WORKERS, own_agency("agency"))]),
    Rule("stays.change", Stay, [Grant(WORKERS, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule("stays.extend", Stay, [Grant({"supervisor"}, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule(
        "referrals.answer",
        Referral,
        [Grant(CASEWORK | {"coordinator", "api:referrals"}, own_agency("to_agency")), Grant({"operator"}, everything)],
    ),
    # a handover moves a whole case to another agency, so only supervisors of the two agencies decide on it
    Rule("handovers.offer", Case, [Grant({"supervisor"}, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule("handovers.view", HandoverOffer, [Grant({"supervisor"}, EITHER_AGENCY), Grant({"operator"}, everything)]),
    Rule("handovers.read", Handover, [Grant({"supervisor"}, EITHER_AGENCY), Grant({"operator"}, everything)]),
    Rule("handovers.undo", Handover, [Grant({"supervisor"}, EITHER_AGENCY), Grant({"operator"}, everything)]),
    Rule(
        "handovers.answer", Handover, [Grant({"supervisor"}, own_agency("to_agency")), Grant({"operator"}, everything)]
    ),
    Rule(
        "handovers.withdraw",
        Handover,
        [Grant({"supervisor"}, own_agency("from_agency")), Grant({"operator"}, everything)],
    ),
    Rule("transfers.request", Agency, [Grant(CASEWORK, own_agency("pk")), Grant({"operator"}, everything)]),
    Rule("transfers.follow", TransferRequest, [Grant(CASEWORK, own_agency("agency"))]),
    Rule("transfers.pass_on", TransferRequest, [Grant({"coordinator"}, everything), Grant({"operator"}, everything)]),
    Rule(
        "transfers.answer",
        TransferRequest,
        [Grant({"supervisor"}, passed_on_to_owner), Grant({"operator"}, everything)],
    ),
    Rule("referrals.follow", Referral, [Grant(CASEWORK | {"coordinator"}, own_agency("from_agency"))]),
    # the roles that may send a referral may withdraw it; the receiver may not
    Rule(
        "referrals.withdraw",
        Referral,
        [Grant(WORKERS | {"api:referrals"}, own_agency("from_agency")), Grant({"operator"}, everything)],
    ),
    Rule("referrals.view", Referral, [Grant(CASEWORK | {"coordinator", "api:referrals"}, sent_or_received)]),
    # the coordinator sees references, agencies and due dates of all referrals, never the person
    Rule("referrals.chase", Referral, [Grant({"coordinator"}, everything)]),
)
