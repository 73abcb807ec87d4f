"""Names, region, country and languages of an agency, which administrators change at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from django.db.models import Count, Max, Q, QuerySet

from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency, Role
from kerege.core.accounts.second_person import agency_and_below
from kerege.core.authorization import Actor
from kerege.core.database.fields import check_code
from kerege.vocabulary import codes
from kerege.web.templatetags.kerege import code


@dataclass(frozen=True)
class AgencyDetails:
    """Details of an agency that one administrator can change: all except its kind and its parent agency."""

    names: Mapping[str, str]
    region: str = ""
    country: str = ""
    languages: Sequence[str] = ()


def own_or_below(actor: Actor) -> Q:
    """Return the condition on the actor's agency and every agency below it."""
    if actor.agency_id is None:
        return authorization.nothing(actor)
    return Q(pk__in=agency_and_below(actor.agency_id))


def list_tree(actor: Actor) -> QuerySet[Agency]:
    """Return the actor's agency and those below it.

    Each row has the numbers of active `users` and `administrators`, and the `last_sign_in`.
    """
    rows = authorization.scope(actor, Agency, action="agencies.edit")
    is_used, administers = Q(assignments__user__is_active=True), Q(assignments__role=Role.ADMINISTRATOR)
    return rows.annotate(
        users=Count("assignments__user", filter=is_used, distinct=True),
        administrators=Count("assignments__user", filter=is_used & administers, distinct=True),
        last_sign_in=Max("assignments__user__last_login"),
    ).order_by("code")


def current_details(agency: Agency) -> Mapping[str, object]:
    """Return the details of an agency by name of the field."""
    return {column.name: getattr(agency, column.name) for column in fields(AgencyDetails)}


def edit_agency(actor: Actor, agency: Agency, details: AgencyDetails) -> list[str]:
    """Change the details of an agency; return the names of the changed fields.

    Raises ValidationError for a code of no list. The audit event names the fields, not the values.
    """
    with audit.act(actor, "agencies.edit", f"agency:{agency.pk}") as event:
        authorization.require(actor, "agencies.edit", agency)
        for spoken in details.languages:
            check_code("language", spoken)
        row = Agency.objects.select_for_update().get(pk=agency.pk)
        new_values = {column.name: getattr(details, column.name) for column in fields(details)}
        new_values["languages"] = list(details.languages)
        new_values["names"] = {**row.names, **details.names}
        changed = [name for name, value in new_values.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, new_values[name])
        row.full_clean()
        row.save(update_fields=changed)
        event.note(changed=changed)
    return changed


def list_abilities(kind: str) -> str:
    """Return in words what agencies of a kind may do, by the column `may` of the code list."""
    entry = codes.code_list("agency_kind").codes.get(kind)
    return ", ".join(code(ability, "agency_ability") for ability in entry.extras["may"].split()) if entry else ""
