"""What of a case another agency sees: only the categories of data that are shared with it.

The page of a shared case and the preview before a referral are drawn by `sections`, so that they cannot differ. A list
shows a shared case through `seen`. A room adds its rows to a category as an entry of `shared_rows`, in its
`case_tabs`: the category, and a function of the case and the categories shared that returns rows.
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

# coded fields of a case and the category that shows them; the rest of its fields belong to the owner alone
FIELDS: dict[str, set[str]] = {
    "identity": {"gender", "sex", "age_band", "citizenships", "origin_country"},
    "exploitation": {"social_status"},
    "needs": {"risk_level"},
    "proceedings": {"police_status"},
}
OWNERS = {"route", "region", "closure_reason", "caseworker_id"}


@dataclass(frozen=True)
class Row:
    """One thing told: its label and its values; `private` ones are blurred when somebody walks in."""

    label: str
    values: list[str]
    private: bool = False


@dataclass(frozen=True)
class Section:
    """What is told of one category."""

    category: str
    rows: list[Row]


shared_rows: Registry[Entry[Callable[[Case, frozenset[str]], list[Row]]]] = Registry("categories with further rows")


def granted(actor: Actor, case: Case) -> frozenset[str] | None:
    """The categories that the actor's agency sees of a case; None when all of it is hers to see."""
    return granted_many(actor, [case])[case.pk]


def granted_many(actor: Actor, cases: Collection[Case]) -> dict[UUID, frozenset[str] | None]:
    """The same for the cases of a page, asked at once."""
    whole = OPERATOR in actor.roles
    found: dict[UUID, frozenset[str] | None] = {
        case.pk: None if whole or case.agency_id == actor.agency_id else frozenset() for case in cases
    }
    elsewhere = [pk for pk, categories in found.items() if categories is not None]
    if elsewhere:
        rows = running_shares().filter(agency=actor.agency_id, case__in=elsewhere)
        for pk, categories in rows.values_list("case", "categories"):
            found[pk] = (found[pk] or frozenset()) | frozenset(categories)
        for pk in running_emergencies(actor).filter(case__in=elsewhere).values_list("case", flat=True):
            found[pk] = (found[pk] or frozenset()) | IN_EMERGENCY
    return found


def told_of(actor: Actor, category: str) -> Q:
    """Cases of which the actor sees a category: nobody may find by a filter what no page would show her."""
    rows = running_shares().annotate(told=Cast("categories", TextField()))
    shared = rows.filter(agency=actor.agency_id, told__contains=f'"{category}"')
    return Q(agency=actor.agency_id) | Q(pk__among=shared.values("case"))


def seen(case: Case, categories: frozenset[str] | None) -> Case:
    """The case as a list may show it: a copy without what is not shared. It is for reading and cannot be saved."""
    if categories is None:
        return case
    row = copy.copy(case)
    row._state = copy.copy(case._state)
    row._state.fields_cache = {k: v for k, v in case._state.fields_cache.items() if k != "caseworker"}
    hidden = OWNERS.union(*(names for category, names in FIELDS.items() if category not in categories))
    for name in hidden:
        setattr(row, name, [] if name == "citizenships" else None if name.endswith("_id") else "")
    row._prefetched_objects_cache = dict(getattr(case, "_prefetched_objects_cache", {}))  # type: ignore[attr-defined]
    if "exploitation" not in categories:
        row._prefetched_objects_cache["exploitations"] = Exploitation.objects.none()  # type: ignore[attr-defined]
    row.save = _never  # type: ignore[method-assign]
    return row


def _never(*args: Any, **kwargs: Any) -> None:
    raise TypeError("what another agency sees of a case is not stored")


def sections(case: Case, identity: Identity, categories: Collection[str]) -> list[Section]:
    """What another agency sees of a case, a section for each category in the order of the list."""
    shown, told = set(categories), narrow(identity, categories)
    rows: dict[str, list[Row]] = {
        "identity": _identity(case, told),
        "contact": _contact(told),
        "exploitation": _exploitation(case),
        "needs": [_row(_("Risk"), code(case.risk_level, "risk_level"))],
        "proceedings": [_row(_("Status, police track"), code(case.police_status, "victim_status"))],
    }
    order = [name for name in codes.code_list("data_category").codes if name in shown]
    for entry in shared_rows.all():
        if entry.name in shown:
            rows.setdefault(entry.name, []).extend(entry.value(case, frozenset(shown)))
    return [Section(name, [row for row in rows.get(name, []) if row.values]) for name in order]


def _row(label: str, *values: str, private: bool = False) -> Row:
    return Row(label, [value for value in values if value], private)


def _codes(values: Iterable[str], list_name: str) -> str:
    return ", ".join(code(value, list_name) for value in values)


def _identity(case: Case, told: Identity) -> list[Row]:
    born = identity_mapping.birth(told)
    return [
        _row(_("Name"), *map(identity_mapping.written, identity_mapping.mains(told)), private=True),
        _row(_("Other name"), *map(identity_mapping.written, identity_mapping.aliases(told)), private=True),
        _row(_("Date of birth"), day(born.date, born.precision) if born else code(case.age_band, "age_band")),
        _row(_("Gender"), code(told.get("gender", "") or case.gender, "gender")),
        _row(_("Citizenship"), _codes(told.get("citizenships") or case.citizenships, "country")),
        _row(_("Best language"), _codes(told.get("languages", []), "language")),
        _row(_("Identity document"), *map(_document, told.get("documents", [])), private=True),
    ]


def _document(paper: PaperDocument) -> str:
    kind, country = code(paper.get("kind", ""), "document_kind"), code(paper.get("country", ""), "country")
    return " ".join(filter(None, (kind, paper.get("number", ""), country)))


def _contact(told: Identity) -> list[Row]:
    """The rules first, as at the top of the page of a case: whoever finds a number has read how it may be used."""
    rules, safe = told.get("contact_rules", ContactRules()), told.get("safe_contact", "")
    address = told.get("address", {})
    where = ", ".join(filter(None, map(str, address.values())))
    unknown = "" if rules or safe else _("Safe contact is not recorded: ask before you call.")
    return [
        *_rules(rules),
        _row(_("Safe contact"), unknown) if unknown else _row(_("Safe contact"), safe, private=True),
        _row(_("Telephone"), *told.get("phones", []), private=True),
        _row(_("E-mail"), told.get("email", ""), private=True),
        _row(_("Address"), where, private=True),
        # the identity tells it where it is shared
        _row(_("Best language"), "" if "names" in told else _codes(told.get("languages", []), "language")),
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
    for episode in case.exploitations.order_by("-main", "started_on"):
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
