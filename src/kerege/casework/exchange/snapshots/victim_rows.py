"""The victims of a snapshot: a row a person, unduplicated by the memberships of her records."""

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
from kerege.casework.vault.models.identities import Membership
from kerege.vocabulary import codes
from kerege.vocabulary.dates import quarter

BEGUN = ("ongoing", "completed", "interrupted")
DUPLICATE = "duplicate"
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
    """What the register holds of one case as of the day."""

    case: Values
    episodes: list[Values] = field(default_factory=list)
    services: list[Values] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=lambda: {"social": "presumed"})

    @property
    def assisted_on(self) -> date | None:
        """When the first service began."""
        return min((row["started_on"] for row in self.services), default=None)


def victim_rows(as_of: date) -> list[tuple[UUID, Values]]:
    """(person id, row) of every person with a case registered on or before the day."""
    person_of = persons_on(as_of)
    cases: dict[UUID, list[CaseState]] = defaultdict(list)
    for told in cases_on(as_of):
        cases[person_of[told.case["record_id"]]].append(told)
    return [(person, victim_row(told, as_of)) for person, told in sorted(cases.items(), key=lambda item: item[0].hex)]


def persons_on(as_of: date) -> dict[UUID, UUID]:
    """The person to whom each record belonged at the end of the day.

    A record that entered the register later (history that was imported) is read with what is known of it now.
    """
    end = timezone.make_aware(datetime.combine(as_of, time.max))
    found: dict[UUID, UUID] = {}
    entered: dict[UUID, datetime] = {}
    rows = Membership.objects.order_by("from_at", "pk").values_list("record_id", "person_id", "from_at")
    for record, person, begun in rows:
        if begun <= end or entered.setdefault(record, begun) > end:
            found[record] = person
    return found


def cases_on(as_of: date) -> list[CaseState]:
    """Cases registered until the day, with what was known of them then."""
    cases = Case.objects.filter(registered_on__lte=as_of).order_by("registered_on", "reference")
    known = {row["pk"]: CaseState(dict(row)) for row in cases.values(*CASE_FIELDS)}
    for episode in Exploitation.objects.order_by("-main", "pk").values():
        if told := known.get(episode["case_id"]):
            told.episodes.append({**episode})
    begun = Q(status__in=BEGUN, started_on__lte=as_of)
    for service in (
        Service.objects.filter(begun)
        .order_by("started_on", "created_at", "pk")
        .values("case_id", "kind", "payer", "started_on")
    ):
        if told := known.get(service["case_id"]):
            told.services.append({**service})
    decisions = Decision.objects.filter(decided_on__lte=as_of).order_by("decided_on", "created_at", "pk")
    for case, track, status in decisions.values_list("case_id", "track", "resulting_status"):
        if told := known.get(case):
            told.statuses[track] = status
    return list(known.values())


def victim_row(cases: list[CaseState], as_of: date) -> Values:
    """The row of one person: attributes of the case in which she was first assisted, else of her first case."""
    assisted = [told for told in cases if told.assisted_on]
    # of two cases assisted on one day the earlier registered one counts
    first = min(assisted, key=lambda told: told.assisted_on or date.max) if assisted else cases[0]
    day = first.assisted_on or first.case["registered_on"]
    services = [row for told in cases for row in told.services]
    return {
        "year": str(day.year),
        "quarter": quarter(day),
        "programme": programme_of(first),
        "assisted": "yes" if assisted else "no",
        "services": distinct_codes(f"{row['kind']}:{row['payer']}" for row in services if row["payer"]),
        "service_kinds": distinct_codes(row["kind"] for row in services),
        "payers": distinct_codes(row["payer"] for row in services),
        "detected_by": distinct_codes(
            told.case["registered_by_agency__kind"] for told in cases if told.case["detected_independently"]
        ),
        **case_attributes(first),
        **case_state(surviving_case(first, cases), as_of),
        "police_status": police_status(first, cases),
        **main_episode(first),
        **merged_columns([episode for told in cases for episode in told.episodes]),
    }


def surviving_case(first: CaseState, cases: list[CaseState]) -> CaseState:
    """The case whose state is hers: one that ended as a duplicate says nothing of her where another goes on."""
    lasting = (told for told in [first, *cases] if told.case["closure_reason"] != DUPLICATE)
    return next(lasting, first)


def police_status(first: CaseState, cases: list[CaseState]) -> str:
    """What the police concluded, wherever it did: her helpers' case often does not say."""
    return next((status for told in [first, *cases] if (status := told.statuses.get("police", ""))), "")


def programme_of(first: CaseState) -> str:
    """Who paid her first service: IOM or the state; '' for anybody else."""
    payer = first.services[0]["payer"] if first.services else ""
    return payer if payer in {"iom", "state"} else ""


def case_attributes(told: CaseState) -> Values:
    """What a case says of the person, and of the agency that helps her."""
    case = told.case
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


def case_state(told: CaseState, as_of: date) -> Values:
    """Statuses and lifecycle as of the day: what happened to the case later is not known yet."""
    case = told.case
    status, reason = case["status"], case["closure_reason"]
    if status == "closed" and case["closed_on"] > as_of:
        status = "ended"
    if status in {"ended", "follow_up"} and case["ended_on"] and case["ended_on"] > as_of:
        status = "open"
    return {
        "social_status": told.statuses.get("social", ""),
        "case_status": status,
        "closure_reason": reason if status != "open" else "",
    }


def main_episode(told: CaseState) -> Values:
    """The main exploitation of a case."""
    main = next((episode for episode in told.episodes if episode["main"]), None)
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
    """Multi-valued columns over all cases; an answer state counts only where no case knows more."""
    forms = [form for episode in episodes for form in [*episode["forms"], episode["main_form"]]]
    values = {
        column: distinct_codes(code for episode in episodes for name in fields for code in episode[name])
        for column, fields in MERGED.items()
    }
    return values | {"exploitation_forms": distinct_codes(forms)}


def distinct_codes(values: Iterable[str]) -> list[str]:
    """The distinct codes, sorted; answer states only when they are alone."""
    found = sorted({value for value in values if value})
    known = [value for value in found if value not in STATES]
    return known or found
