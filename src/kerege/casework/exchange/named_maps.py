"""Maps that an agency keeps under a name, for the next file of the same kind."""

from __future__ import annotations

import json

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.exchange.formats.stated_facts import FILE_ONLY
from kerege.casework.exchange.htcds.column_renaming import ColumnMap, MapTree, check_map, map_of
from kerege.casework.exchange.htcds.columns import file_columns
from kerege.casework.exchange.models import LONGEST_NAME, NamedMap
from kerege.core import audit, authorization
from kerege.core.accounts.actors import agency_of
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor

LARGEST, MOST = 200_000, 100  # characters of a map, maps of an agency


def checked_map(tree: MapTree) -> ColumnMap:
    """Return the map of a tree; raise BadInput with a fault for each unusable entry."""
    if faults := check_map(tree, (*file_columns(), *FILE_ONLY), "map"):
        raise BadInput(faults)
    return map_of(tree)


def save_map(actor: Actor, name: str, tree: MapTree) -> NamedMap:
    """Save a map of the actor's agency; a map with the same name is replaced."""
    agency, name = agency_of(actor), " ".join(name.split())
    with audit.act(actor, "exchange.save_map", f"agency:{agency.pk}") as event:
        authorization.require(actor, "exchange.import_own", agency)
        checked_map(tree)
        is_new = not NamedMap.objects.filter(agency=agency, name=name).exists()
        if not name or len(name) > LONGEST_NAME:
            raise BadInput(
                Fault(gettext_noop("the name is empty or too long"), gettext_noop("use at most 60 characters"))
            )
        if len(json.dumps(tree)) > LARGEST:
            raise BadInput(Fault(gettext_noop("the map is too large"), gettext_noop("leave values out")))
        if is_new and NamedMap.objects.filter(agency=agency).count() >= MOST:
            raise BadInput(Fault(gettext_noop("there are too many maps"), gettext_noop("use the name of an old one")))
        changed = {"content": tree, "saved_at": timezone.now()}
        row, _created = NamedMap.objects.update_or_create(agency=agency, name=name, defaults=changed)
        event.note(columns=len(tree.get("columns", {})), replaced=not is_new)
    return row


def maps_of(actor: Actor) -> QuerySet[NamedMap]:
    """Return the maps of the actor's agency, by name."""
    agency = agency_of(actor)
    authorization.require(actor, "exchange.import_own", agency)
    return NamedMap.objects.filter(agency=agency)


def map_of_agency(agency: Agency | None, name: str) -> ColumnMap:
    """Return the map with a name, of an agency; raise BadInput if there is none."""
    row = NamedMap.objects.filter(agency=agency, name=name).first() if agency else None
    if row is None:
        todo = "name a map file, or a map that the agency of --agency saved"
        raise BadInput(Fault(f"there is no map {name}", todo))
    return checked_map(row.content)
