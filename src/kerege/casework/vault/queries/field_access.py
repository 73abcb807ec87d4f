"""Field-level access: another agency reads only the fields of the data categories shared with it.

Every read of an identity passes here (`queries.identities.read_many`), so that lists, searches and exports cannot
show more than the page of the case.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import cast
from uuid import UUID

from django.db.models import Q

from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.audit import clock
from kerege.core.authorization import Actor
from kerege.core.authorization.actor import OPERATOR

# field of an identity -> data categories; one shared category is enough to read it. Other fields are not shared.
FIELDS: dict[str, set[str]] = {
    "names": {"identity"},
    "birth_date": {"identity"},
    "gender": {"identity"},
    "citizenships": {"identity"},
    "documents": {"identity"},
    "languages": {"identity", "contact"},
    "phones": {"contact"},
    "email": {"contact"},
    "address": {"contact"},
    "safe_contact": {"contact"},
    "contact_rules": {"contact"},
}

# data categories that emergency access opens: those that help the person now, not the proceedings
IN_EMERGENCY = frozenset({"identity", "contact", "exploitation", "health", "needs", "services", "family"})


def narrow(identity: Identity, categories: Collection[str]) -> Identity:
    """Return the fields of an identity that belong to the categories."""
    fields = {name: value for name, value in identity.items() if FIELDS.get(name, set()) & set(categories)}
    return cast(Identity, fields)


def narrowed(actor: Actor, identities: dict[UUID, Identity], elsewhere: Collection[UUID]) -> dict[UUID, Identity]:
    """Reduce the identities of the records `elsewhere` (of other agencies) to the shared fields.

    Operators, and agencies that own a case of the record, read the full identity.
    """
    if OPERATOR in actor.roles or not elsewhere:
        return identities
    owned = set(
        IdentityRecord.objects.filter(pk__in=elsewhere, cases__agency=actor.agency_id).values_list("pk", flat=True)
    )
    shared = _shared_categories(actor, [pk for pk in elsewhere if pk not in owned])
    return {
        pk: narrow(identity, shared.get(pk, ())) if pk in elsewhere and pk not in owned else identity
        for pk, identity in identities.items()
    }


def _shared_categories(actor: Actor, record_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """Return the data categories that are shared with the actor's agency now, by record.

    The union of the running shares and of the actor's emergency access.
    """
    rows = IdentityRecord.objects.filter(running(), pk__in=record_ids, cases__shares__agency=actor.agency_id)
    categories: dict[UUID, set[str]] = {}
    for pk, shared in rows.values_list("pk", "cases__shares__categories"):
        categories.setdefault(pk, set()).update(shared)
    for pk in IdentityRecord.objects.filter(opened_by(actor), pk__in=record_ids).values_list("pk", flat=True):
        categories.setdefault(pk, set()).update(IN_EMERGENCY)
    return categories


def opened_by(actor: Actor) -> Q:
    """Return the condition for records of a case with running emergency access of the actor."""
    is_running = Q(cases__emergencies__ended_at=None, cases__emergencies__until__gt=clock.now())
    return is_running & Q(cases__emergencies__user=actor.user_id, cases__emergencies__agency=actor.agency_id)


def running() -> Q:
    """Return the condition for records of a case with a share that runs now."""
    now = clock.now()
    return (Q(cases__shares__to_at=None) | Q(cases__shares__to_at__gt=now)) & Q(cases__shares__from_at__lte=now)
