"""What of an identity another agency reads: only the fields of the categories that are shared with it.

Every read of an identity passes here (`queries.read_many`), so that lists, searches and exports cannot show more than
the page of the case.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import cast
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.authorization import Actor
from kerege.core.authorization.actor import OPERATOR

# field of an identity -> the categories of data of which one lets another agency read it; a field not named: none
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

# what an emergency opens: whatever helps her now, and no proceedings
IN_EMERGENCY = frozenset({"identity", "contact", "exploitation", "health", "needs", "services", "family"})


def narrow(identity: Identity, categories: Collection[str]) -> Identity:
    """The part of an identity that these categories hold."""
    held = {name: value for name, value in identity.items() if FIELDS.get(name, set()) & set(categories)}
    return cast(Identity, held)


def narrowed(actor: Actor, found: dict[UUID, Identity], elsewhere: Collection[UUID]) -> dict[UUID, Identity]:
    """The identities with those `elsewhere` (told to other agencies) cut down to what is shared with the actor's."""
    if OPERATOR in actor.roles or not elsewhere:
        return found
    owned = set(
        IdentityRecord.objects.filter(pk__in=elsewhere, cases__agency=actor.agency_id).values_list("pk", flat=True)
    )
    shared = _categories(actor, [pk for pk in elsewhere if pk not in owned])
    return {
        pk: narrow(identity, shared.get(pk, ())) if pk in elsewhere and pk not in owned else identity
        for pk, identity in found.items()
    }


def _categories(actor: Actor, record_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """What is shared with the actor's agency now, by record: the union of the shares that run."""
    rows = IdentityRecord.objects.filter(running(), pk__in=record_ids, cases__shares__agency=actor.agency_id)
    found: dict[UUID, set[str]] = {}
    for pk, categories in rows.values_list("pk", "cases__shares__categories"):
        found.setdefault(pk, set()).update(categories)
    for pk in IdentityRecord.objects.filter(opened_by(actor), pk__in=record_ids).values_list("pk", flat=True):
        found.setdefault(pk, set()).update(IN_EMERGENCY)
    return found


def opened_by(actor: Actor) -> Q:
    """Records of a case that the actor opened in an emergency that lasts."""
    lasting = Q(cases__emergencies__ended_at=None, cases__emergencies__until__gt=timezone.now())
    return lasting & Q(cases__emergencies__user=actor.user_id, cases__emergencies__agency=actor.agency_id)


def running() -> Q:
    """Records of a case with a share that runs now."""
    now = timezone.now()
    return (Q(cases__shares__to_at=None) | Q(cases__shares__to_at__gt=now)) & Q(cases__shares__from_at__lte=now)
