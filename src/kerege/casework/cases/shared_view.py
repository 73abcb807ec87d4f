"""View of a case for another agency: only the data categories that are shared with it.

`sections` builds both the page of a shared case and the preview before a referral, so that they show the same.
A list shows a shared case through `mask_unshared`. An app adds rows to a category as an entry of `shared_rows` in its
`case_panels`. The entry has the category as its name, and a function of the case and the shared categories.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from kerege.base.registry import Entry, Registry
from kerege.casework.cases import identity_mapping
from kerege.casework.cases.models.case import Case, Exploitation
from kerege.casework.cases.services.emergency_access import running_emergencies
from kerege.casework.cases.services.shares import running_shares
from kerege.casework.vault.identity import ContactRules, Identity, PaperDocument
from kerege.casework.vault.queries.field_access import IN_EMERGENCY, narrow
from kerege.core.authorization import Actor
from kerege.core.authorization.actor import OPERATOR
from kerege.vocabulary import codes
from kerege.web.templatetags.kerege import code, day

# data category that shows each coded field of a case; only the owner sees the other fields
FIELDS: dict[str, set[str]] = {
    "identity": {"gender", "sex", "age_band", "citizenships", "origin_country"},
    "exploitation": {"social_status"},
    "needs": {"risk_level"},
    "proceedings": {"police_status"},
}
OWNER_FIELDS = {"route", "region", "closure_reason", "caseworker_id"}


@dataclass(frozen=True)
class Row:
    """A label with its values. The page blurs `private` values when another person approaches."""

    label: str
    values: list[str]
    private: bool = False


@dataclass(frozen=True)
class Section:
    """The rows of one data category."""

    category: str
    rows: list[Row]


shared_rows: Registry[Entry[Callable[[Case, frozenset[str]], list[Row]]]] = Registry("categories with further rows")


def granted(actor: Actor, case: Case) -> frozenset[str] | None:
    """Return the data categories that the actor's agency sees of a case; None means all of them."""
    return shared_categories_by_case(actor, [case])[case.pk]


def shared_categories_by_case(actor: Actor, cases: Collection[Case]) -> dict[UUID, frozenset[str] | None]:
    """Return the data categories by case id for several cases, with two queries."""
    sees_all = OPERATOR in actor.roles
    categories_by_case: dict[UUID, frozenset[str] | None] = {
        case.pk: None if sees_all or case.agency_id == actor.agency_id else frozenset() for case in cases
    }
    unowned = [pk for pk, categories in categories_by_case.items() if categories is not None]
    if unowned:
        rows = running_shares().filter(agency=actor.agency_id, case__in=unowned)
        for pk, categories in rows.values_list("case", "categories"):
            categories_by_case[pk] = (categories_by_case[pk] or frozenset()) | frozenset(categories)
        for pk in running_emergencies(actor).filter(case__in=unowned).values_list("case", flat=True):
            categories_by_case[pk] = (categories_by_case[pk] or frozenset()) | IN_EMERGENCY
    return categories_by_case


def sees_category(actor: Actor, category: str) -> Q:
    """Return a filter for cases whose data category the actor may see.

    Filters use it, so that a user cannot find out by a filter what no page shows them.
    """
    with_text = running_shares().annotate(categories_text=Cast("categories", TextField()))
    shared = with_text.filter(agency=actor.agency_id, categories_text__contains=f'"{category}"')
    return Q(agency=actor.agency_id) | Q(pk__among=shared.values("case"))


def mask_unshared(case: Case, categories: frozenset[str] | None) -> Case:
    """Return the case without the fields that are not shared: a copy that cannot be saved.

    Returns the case itself when all categories are visible (None).
    """
    if categories is None:
        return case
    masked = copy.copy(case)
    masked._state = copy.copy(case._state)
    masked._state.fields_cache = {k: v for k, v in case._state.fields_cache.items() if k != "caseworker"}
    hidden = OWNER_FIELDS.union(*(names for category, names in FIELDS.items() if category not in categories))
    for name in hidden:
        setattr(masked, name, [] if name == "citizenships" else None if name.endswith("_id") else "")
    masked._prefetched_objects_cache = dict(getattr(case, "_prefetched_objects_cache", {}))  # type: ignore[attr-defined]
    if "exploitation" not in categories:
        masked._prefetched_objects_cache["exploitations"] = Exploitation.objects.none()  # type: ignore[attr-defined]
    masked.save = _refuse_save  # type: ignore[method-assign]
    return masked


def _refuse_save(*args: Any, **kwargs: Any) -> None:
    """Raise TypeError: a masked case must not be saved."""
    raise TypeError("what another agency sees of a case is not stored")


def sections(case: Case, identity: Identity, categories: Collection[str]) -> list[Section]:
    """Return the visible data of a case, one section per category, in the order of the code list."""
    visible, visible_identity = set(categories), narrow(identity, categories)
    rows: dict[str, list[Row]] = {
        "identity": _identity(case, visible_identity),
        "contact": _contact(visible_identity),
        "exploitation": _exploitation(case),
        "needs": [_row(_("Risk"), code(case.risk_level, "risk_level"))],
        "proceedings": [_row(_("Status, police track"), code(case.police_status, "victim_status"))],
    }
    order = [name for name in codes.code_list("data_category").codes if name in visible]
    for entry in shared_rows.all():
        if entry.name in visible:
            rows.setdefault(entry.name, []).extend(entry.value(case, frozenset(visible)))
    return [Section(name, [row for row in rows.get(name, []) if row.values]) for name in order]


def _row(label: str, *values: str, private: bool = False) -> Row:
    return Row(label, [value for value in values if value], private)


def _codes(values: Iterable[str], list_name: str) -> str:
    return ", ".join(code(value, list_name) for value in values)


def _identity(case: Case, identity: Identity) -> list[Row]:
    born = identity_mapping.birth(identity)
    return [
        _row(_("Name"), *map(identity_mapping.written, identity_mapping.main_names(identity)), private=True),
        _row(_("Other name"), *map(identity_mapping.written, identity_mapping.aliases(identity)), private=True),
        _row(_("Date of birth"), day(born.date, born.precision) if born else code(case.age_band, "age_band")),
        _row(_("Gender"), code(identity.get("gender", "") or case.gender, "gender")),
        _row(_("Citizenship"), _codes(identity.get("citizenships") or case.citizenships, "country")),
        _row(_("Best language"), _codes(identity.get("languages", []), "language")),
        _row(_("Identity document"), *map(_document, identity.get("documents", [])), private=True),
    ]


def _document(document: PaperDocument) -> str:
    kind, country = code(document.get("kind", ""), "document_kind"), code(document.get("country", ""), "country")
    return " ".join(filter(None, (kind, document.get("number", ""), country)))


def _contact(identity: Identity) -> list[Row]:
    """Return the contact rows: the safe contact rules first, because they apply to each number below."""
    rules, safe = identity.get("contact_rules", ContactRules()), identity.get("safe_contact", "")
    address = identity.get("address", {})
    full_address = ", ".join(filter(None, map(str, address.values())))
    unknown = "" if rules or safe else _("Safe contact is not recorded: ask before you call.")
    return [
        *_rules(rules),
        _row(_("Safe contact"), unknown) if unknown else _row(_("Safe contact"), safe, private=True),
        _row(_("Telephone"), *identity.get("phones", []), private=True),
        _row(_("E-mail"), identity.get("email", ""), private=True),
        _row(_("Address"), full_address, private=True),
        # the identity section shows the language where it is shared
        _row(_("Best language"), "" if "names" in identity else _codes(identity.get("languages", []), "language")),
    ]


def _rules(rules: ContactRules) -> list[Row]:
    return [
        _row(_("Never say or write"), rules.get("never_say", ""), private=True),
        _row(_("Allowed ways"), _codes(rules.get("channels", []), "person_channel")),
        _row(_("When"), rules.get("times", ""), private=True),
        _row(_("Who may answer"), rules.get("answerers", ""), private=True),
        _row(_("Code word"), rules.get("code_word", ""), private=True),
    ]


def _exploitation(case: Case) -> list[Row]:
    rows = [_row(_("Status, social track"), code(case.social_status, "victim_status"))]
    for episode in case.exploitations.order_by("-main", "started_on", "pk"):
        rows += _episode(episode)
    return rows


def _episode(episode: Exploitation) -> Iterable[Row]:
    place = (code(episode.exploitation_country, "country"), code(episode.exploitation_region, "region"))
    period = [day(value) if value else "…" for value in (episode.started_on, episode.ended_on)]
    return [
        _row(_("Main form"), code(episode.main_form, "exploitation_form")),
        _row(_("All forms"), _codes(episode.forms if len(episode.forms) > 1 else [], "exploitation_form")),
        _row(_("Country of exploitation"), ", ".join(filter(None, place))),
        _row(_("Branch of the economy"), _codes(episode.labour_sections, "labour_section")),
        _row(_("Kind"), _codes(episode.sexual_kinds, "sexual_kind")),
        _row(_("By what means"), _codes(episode.means, "means")),
        _row(_("Means of control"), _codes(episode.means_of_control, "means_of_control")),
        _row(_("Recruitment"), _codes(episode.recruitment_methods, "recruitment_method")),
        _row(_("Period"), " – ".join(period) if period != ["…", "…"] else ""),
    ]
