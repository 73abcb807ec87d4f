"""Victims of a snapshot: one row for each person, deduplicated by the memberships of their records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kerege.casework.assistance.models.provision import Service
from kerege.casework.cases.models.case import Case, Decision, Exploitation
from kerege.casework.exchange.snapshots.rights_columns import codes_on, rights_columns
from kerege.casework.vault.models.identities import Membership
from kerege.vocabulary import codes
from kerege.vocabulary.dates import quarter

BEGUN = ("ongoing", "completed", "interrupted")
DUPLICATE = "duplicate"
CHILD = "child"
STATES = frozenset({"unknown", "not_asked", "refused", "no"})
# columns merged over all cases of a person -> fields of an exploitation
MERGED = {
    "labour_section": ("labour_sections",),
    "sexual_kind": ("sexual_kinds",),
    "act": ("acts",),
    "means": ("means",),
    "means_of_control": ("means_of_control",),
    "recruitment_method": ("recruitment_methods",),
    "platform": ("recruitment_platforms", "exploitation_platforms"),
}
CASE_FIELDS = (
    "pk",
    "record_id",
    "registered_on",
    "region",
    "status",
    "closure_reason",
    "ended_on",
    "closed_on",
    "sex",
    "age_band",
    "citizenships",
    "origin_country",
    "detected_independently",
    "agency__kind",
    "registered_by_agency__kind",
)
Values = dict[str, Any]


@dataclass
class CaseState:
    """Data of one case as of the day."""

    case: Values
    episodes: list[Values] = field(default_factory=list)
    services: list[Values] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=lambda: {"social": "presumed"})

    @property
    def assisted_on(self) -> date | None:
        """Return the day on which the first service began; None without services."""
        return min((row["started_on"] for row in self.services), default=None)


def victim_rows(as_of: date) -> list[tuple[UUID, Values]]:
    """Return (person id, row) of every person with a case registered on or before the day."""
    person_of = persons_on(as_of)
    cases: dict[UUID, list[CaseState]] = defaultdict(list)
    for state in cases_on(as_of):
        cases[person_of[state.case["record_id"]]].append(state)
    rights = codes_on(as_of)
    rows = []
    for person, states in sorted(cases.items(), key=lambda item: item[0].hex):
        row = victim_row(states, as_of)
        own = rights_columns(rights, (state.case["pk"] for state in states), is_child=row["age_group"] == CHILD)
        rows.append((person, row | own))
    return rows


def persons_on(as_of: date) -> dict[UUID, UUID]:
    """Return the person of each record at the end of the day.

    A record with a later first membership (imported history) belongs to its first known person.
    """
    end = timezone.make_aware(datetime.combine(as_of, time.max))
    person_by_record: dict[UUID, UUID] = {}
    entered: dict[UUID, datetime] = {}
    rows = Membership.objects.order_by("from_at", "pk").values_list("record_id", "person_id", "from_at")
    for record, person, from_at in rows:
        if from_at <= end or entered.setdefault(record, from_at) > end:
            person_by_record[record] = person
    return person_by_record


def cases_on(as_of: date) -> list[CaseState]:
    """Return the cases registered until the day, with the data known then."""
    cases = Case.objects.filter(registered_on__lte=as_of).order_by("registered_on", "reference")
    states = {row["pk"]: CaseState(dict(row)) for row in cases.values(*CASE_FIELDS)}
    for episode in Exploitation.objects.order_by("-main", "pk").values():
        if state := states.get(episode["case_id"]):
            state.episodes.append({**episode})
    has_begun = Q(status__in=BEGUN, started_on__lte=as_of)
    for service in (
        Service.objects.filter(has_begun)
        .order_by("started_on", "created_at", "pk")
        .values("case_id", "kind", "payer", "started_on")
    ):
        if state := states.get(service["case_id"]):
            state.services.append({**service})
    decisions = Decision.objects.filter(decided_on__lte=as_of).order_by("decided_on", "created_at", "pk")
    for case, track, status in decisions.values_list("case_id", "track", "resulting_status"):
        if state := states.get(case):
            state.statuses[track] = status
    return list(states.values())


def victim_row(cases: list[CaseState], as_of: date) -> Values:
    """Return the row of one person, from the case that was assisted first, else from the first case."""
    assisted = [state for state in cases if state.assisted_on]
    # min keeps the case registered first, of two assisted on one day
    first = min(assisted, key=lambda state: state.assisted_on or date.max) if assisted else cases[0]
    day = first.assisted_on or first.case["registered_on"]
    services = [row for state in cases for row in state.services]
    return {
        "year": str(day.year),
        "quarter": quarter(day),
        "programme": programme_of(first),
        "assisted": "yes" if assisted else "no",
        "services": distinct_codes(f"{row['kind']}:{row['payer']}" for row in services if row["payer"]),
        "service_kinds": distinct_codes(row["kind"] for row in services),
        "payers": distinct_codes(row["payer"] for row in services),
        "detected_by": distinct_codes(
            state.case["registered_by_agency__kind"] for state in cases if state.case["detected_independently"]
        ),
        **case_attributes(first),
        **case_state(surviving_case(first, cases), as_of),
        "police_status": police_status(first, cases),
        **main_episode(first),
        **merged_columns([episode for state in cases for episode in state.episodes]),
    }


def surviving_case(first: CaseState, cases: list[CaseState]) -> CaseState:
    """Return the case whose state counts: not one that ended as a duplicate, if another one exists."""
    lasting = (state for state in [first, *cases] if state.case["closure_reason"] != DUPLICATE)
    return next(lasting, first)


def police_status(first: CaseState, cases: list[CaseState]) -> str:
    """Return the police status from the first case that has one; the assisting case often has none."""
    return next((status for state in [first, *cases] if (status := state.statuses.get("police", ""))), "")


def programme_of(first: CaseState) -> str:
    """Return the payer of the first service, if it is IOM or the state; '' otherwise."""
    payer = first.services[0]["payer"] if first.services else ""
    return payer if payer in {"iom", "state"} else ""


def case_attributes(state: CaseState) -> Values:
    """Return the attributes of the person and of the agency in a case."""
    case = state.case
    band = case["age_band"]
    group = band if band in STATES or not band else codes.code_list("age_band").codes[band].parent
    return {
        "agency_kind": case["agency__kind"],
        "region": case["region"],
        "sex": case["sex"],
        "age_band": band,
        "age_group": group,
        "citizenship": next(iter(case["citizenships"]), ""),
        "origin": case["origin_country"],
    }


def case_state(state: CaseState, as_of: date) -> Values:
    """Return statuses and lifecycle as of the day, without later changes."""
    case = state.case
    status, reason = case["status"], case["closure_reason"]
    if status == "closed" and case["closed_on"] > as_of:
        status = "ended"
    if status in {"ended", "follow_up"} and case["ended_on"] and case["ended_on"] > as_of:
        status = "open"
    return {
        "social_status": state.statuses.get("social", ""),
        "case_status": status,
        "closure_reason": reason if status != "open" else "",
    }


def main_episode(state: CaseState) -> Values:
    """Return the columns of the main exploitation; {} when there is none."""
    main = next((episode for episode in state.episodes if episode["main"]), None)
    if main is None:
        return {}
    form = main["main_form"]
    group = form if form in STATES or not form else codes.code_list("exploitation_form").codes[form].parent
    return {
        "destination": main["exploitation_country"],
        "exploitation": group,
        "exploitation_form": form,
        "recruiter_relation": main["recruiter_relation"],
    }


def merged_columns(episodes: list[Values]) -> Values:
    """Return multi-valued columns over all cases; an answer state counts only without any code."""
    forms = [form for episode in episodes for form in [*episode["forms"], episode["main_form"]]]
    values = {
        column: distinct_codes(code for episode in episodes for name in fields for code in episode[name])
        for column, fields in MERGED.items()
    }
    return values | {"exploitation_forms": distinct_codes(forms)}


def distinct_codes(values: Iterable[str]) -> list[str]:
    """Return the distinct codes, sorted; answer states only when there is no other code."""
    distinct = sorted({value for value in values if value})
    known = [value for value in distinct if value not in STATES]
    return known or distinct
