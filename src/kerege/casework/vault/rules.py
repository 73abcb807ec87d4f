"""Rules for reading and writing identities: the record's agency and agencies with a share."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries.field_access import opened_by, running
from kerege.core.authorization import Actor, Grant, Rule, everything, own_agency
from kerege.core.authorization.rules import rules

CASEWORK = {"caseworker", "supervisor", "identifying_officer"}


def own_or_shared(actor: Actor) -> Q:
    """Return the condition for own records, and records with a case that the agency owns or shares."""
    by_case = Q(cases__agency=actor.agency_id) | Q(cases__shares__agency=actor.agency_id) & running()
    # a correlated subquery: evaluated only for records of other agencies
    return Q(agency=actor.agency_id) | Q(Exists(IdentityRecord.objects.filter(by_case, pk=OuterRef("pk"))))


def own_or_named(actor: Actor) -> Q:
    """Return the condition for own records, and records whose name a running share or an own case shows."""
    is_named = running() & Q(cases__shares__agency=actor.agency_id, cases__shares__named=True)
    by_case = IdentityRecord.objects.filter(Q(cases__agency=actor.agency_id) | is_named, pk=OuterRef("pk"))
    return Q(agency=actor.agency_id) | Q(Exists(by_case))


def in_emergency(actor: Actor) -> Q:
    """Return the condition for records with running emergency access of the actor."""
    opened = IdentityRecord.objects.filter(opened_by(actor), pk=OuterRef("pk"))
    return Q(Exists(opened))


def assigned(actor: Actor) -> Q:
    """Return the condition for own records with a case that is assigned to the actor."""
    assigned = IdentityRecord.objects.filter(cases__caseworker=actor.user_id, pk=OuterRef("pk"))
    return Q(agency=actor.agency_id) & Q(Exists(assigned))


rules.add(
    Rule(
        "vault.read",
        IdentityRecord,
        [
            Grant({*CASEWORK, "api:referrals"}, own_or_shared),
            Grant(CASEWORK, in_emergency),
            Grant({"operator"}, everything),
        ],
    ),
    # staff who work with the person reveal masked fields (masking.py) without a reason
    Rule(
        "vault.reveal",
        IdentityRecord,
        [
            Grant({"caseworker"}, own_or_shared),
            Grant({"supervisor"}, assigned),
            Grant({"identifying_officer"}, own_agency("agency")),
            Grant(CASEWORK, in_emergency),
        ],
    ),
    # other supervisors and identifying officers have to give a reason
    Rule("vault.reveal_for_reason", IdentityRecord, [Grant({"supervisor", "identifying_officer"}, own_or_shared)]),
    # search by name or document finds no person whose name is not shared
    Rule("vault.find", IdentityRecord, [Grant(CASEWORK, own_or_named), Grant({"operator"}, everything)]),
    Rule("vault.change", IdentityRecord, [Grant(CASEWORK, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule("vault.write", None, [Grant(CASEWORK | {"operator"}, everything)]),
    Rule("vault.link", IdentityRecord, [Grant({"coordinator", "operator"}, everything)]),
    Rule("vault.erase", None, [Grant({"coordinator", "operator"}, everything)]),
    Rule("vault.replay", None, [Grant({"operator"}, everything)]),
)
