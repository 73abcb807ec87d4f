"""Who may read and write identities: the people of the agency that was told, and those with whom it shares."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries.field_access import opened_by, running
from kerege.core.authorization import Actor, Grant, Rule, everything, own_agency
from kerege.core.authorization.rules import rules

CASEWORK = {"caseworker", "supervisor", "identifying_officer"}


def own_or_shared(actor: Actor) -> Q:
    """Records of the actor's agency, and those with a case that she owns or that is shared with her."""
    hers = Q(cases__agency=actor.agency_id) | Q(cases__shares__agency=actor.agency_id) & running()
    # asked of one record at a time, and only of those that other agencies were told
    return Q(agency=actor.agency_id) | Q(Exists(IdentityRecord.objects.filter(hers, pk=OuterRef("pk"))))


def own_or_named(actor: Actor) -> Q:
    """Records of the actor's agency, and those of which a share that runs tells her the name."""
    told = running() & Q(cases__shares__agency=actor.agency_id, cases__shares__named=True)
    hers = IdentityRecord.objects.filter(Q(cases__agency=actor.agency_id) | told, pk=OuterRef("pk"))
    return Q(agency=actor.agency_id) | Q(Exists(hers))


def in_emergency(actor: Actor) -> Q:
    """Records with a case that the actor herself opened in an emergency, while it lasts."""
    opened = IdentityRecord.objects.filter(opened_by(actor), pk=OuterRef("pk"))
    return Q(Exists(opened))


def carried(actor: Actor) -> Q:
    """Records of the actor's agency with a case that she carries herself."""
    carrying = IdentityRecord.objects.filter(cases__caseworker=actor.user_id, pk=OuterRef("pk"))
    return Q(agency=actor.agency_id) & Q(Exists(carrying))


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
    # what pages hide (masking.py) is shown on request to whoever works with her
    Rule(
        "vault.reveal",
        IdentityRecord,
        [
            Grant({"caseworker"}, own_or_shared),
            Grant({"supervisor"}, carried),
            Grant({"identifying_officer"}, own_agency("agency")),
            Grant(CASEWORK, in_emergency),
        ],
    ),
    # and to whoever looks from further away only for a reason that she names
    Rule("vault.reveal_for_reason", IdentityRecord, [Grant({"supervisor", "identifying_officer"}, own_or_shared)]),
    # by name or document: never a person whose name is not shared
    Rule("vault.find", IdentityRecord, [Grant(CASEWORK, own_or_named), Grant({"operator"}, everything)]),
    Rule("vault.change", IdentityRecord, [Grant(CASEWORK, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule("vault.write", None, [Grant(CASEWORK | {"operator"}, everything)]),
    Rule("vault.link", IdentityRecord, [Grant({"coordinator", "operator"}, everything)]),
    Rule("vault.erase", None, [Grant({"coordinator", "operator"}, everything)]),
    Rule("vault.replay", None, [Grant({"operator"}, everything)]),
)
