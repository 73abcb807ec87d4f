"""Parsing of rows into persons, their cases, and the group rows of each case."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from kerege.casework.exchange.agency_lookup import AgencyLookup
from kerege.casework.exchange.htcds.columns import (
    GROUPS,
    BadValue,
    FileColumn,
    canonical,
    code_of,
    file_columns,
    is_same_value,
    name_of,
)
from kerege.casework.exchange.htcds.field_mapping import (
    DECIDERS,
    POLICE_TRACK,
    TRAFFICKING,
    Groups,
    Values,
    as_day,
    is_day,
)
from kerege.casework.exchange.htcds.read_file import Faults, FileTable
from kerege.core.accounts.models import Agency
from kerege.vocabulary import codes

OLDEST_VICTIM = 120
# an id that Kerege exported: it identifies nobody
OWN_ID = re.compile(r"kerege-([0-9a-f]{32})")
# kinds whose cells repeat from row to row: parsed values are cached
REPEATING = {"code", "codes", "flag", "number", "language", "place", "date"}


@dataclass(slots=True)
class ParsedCase:
    """Case of a file. `key` is the agency's case id, or the hash of its only row."""

    key: str
    row: int
    values: Values = field(default_factory=dict)
    groups: Groups = field(default_factory=dict)
    rows: int = 0
    source: bytes = b""  # keyed hash by which the register knows it

    def all_decisions(self) -> list[Values]:
        """Return the decisions, with the one that the HTCDS status implies unless it is among them."""
        decisions = self.groups.get("dec", [])
        implied = implied_decision(self.values)
        if implied is None or any(decision["dec_Status"] == implied["dec_Status"] for decision in decisions):
            return decisions
        return [*decisions, implied]

    @property
    def by_row(self) -> bool:
        """Return whether only its row identifies the case: then it is stored completely or not at all."""
        return self.key.startswith("row:")


@dataclass(slots=True)
class ParsedPerson:
    """Person of one agency in a file."""

    agency: Agency
    key: str
    row: int
    values: Values = field(default_factory=dict)
    cases: dict[str, ParsedCase] = field(default_factory=dict)
    source: bytes = b""


def parse_persons(table: FileTable, parties: AgencyLookup, agency: Agency | None) -> list[ParsedPerson]:
    """Parse a whole table; raise BadInput with every fault of every row."""
    persons: dict[tuple[str, str], ParsedPerson] = {}
    case_owner: dict[tuple[str, str], tuple[str, int]] = {}
    seen: Counter[str] = Counter()
    for number, values in canonical_rows(table):
        owning_agency = agency or find_owner(values, parties)
        person_key, case_key = keys_of(values, seen)
        case_person = case_owner.setdefault((owning_agency.code, case_key), (person_key, number))
        if values.get("cas_Id") and not values.get("prs_Id"):
            person_key = case_person[0]
        elif case_person[0] != person_key:
            what = f"this case belongs to another person in row {case_person[1]}"
            table.faults.add(what, "correct one of the two ids", number, "cas_Id")
            continue
        person = persons.get((owning_agency.code, person_key))
        if person is None:
            person = persons[owning_agency.code, person_key] = ParsedPerson(owning_agency, person_key, number)
        case = person.cases.get(case_key)
        if case is None:
            case = person.cases[case_key] = ParsedCase(case_key, number)
        case.rows += 1
        sort_values(table.faults, parties, number=number, values=values, person=person, case=case)
    for person in persons.values():
        for case in person.cases.values():
            check_case(table.faults, case)
    table.faults.stop()
    return list(persons.values())


def canonical_rows(table: FileTable) -> Iterator[tuple[int, Values]]:
    """Yield (row number, canonical values); unreadable cells are added to the faults and left out."""
    known, mapping = file_columns(), table.mapping
    cache: dict[str, dict[str, str]] = {name: {} for name, column in known.items() if column.kind in REPEATING}
    for number, raw in table.rows:
        values: Values = {}
        for name, text in raw.items():
            if name in mapping.values:
                text = mapping.values_of(name, text) if known[name].multiple else mapping.value(name, text)
            cached = cache.get(name)
            value = cached.get(text) if cached is not None else None
            if value is None:
                try:
                    value = canonical(known[name], text)
                except BadValue as error:
                    table.faults.add(error.what, error.todo, number, name)
                    continue
                if cached is not None and len(cached) < 50_000:
                    cached[text] = value
            if value:
                values[name] = value
        yield number, values


def find_owner(values: Values, parties: AgencyLookup) -> Agency:
    """Return the agency that a row names, or a new one; the default agency for a row without a name."""
    name = values.get("org_Name", "")
    if not name:
        return parties.default()
    kind = code_of("agency_kind", values.get("org_Kind", "")) or agency_kind(values.get("org_Type", ""))
    return parties.named(name) or parties.named_or_new(name, kind)


def agency_kind(org_type: str) -> str:
    """Return the first kind of agency with this HTCDS type of organisation; ngo if there is none."""
    kinds = (code.code for code in codes.code_list("agency_kind").codes.values() if code.htcds == org_type)
    return next(kinds, "ngo") if org_type and org_type != "NGO" else "ngo"


def keys_of(values: Values, seen: Counter[str]) -> tuple[str, str]:
    """Return the keys of person and case: their ids, else the hash of the row.

    The second of two equal rows gets a key of its own.
    """
    person, case = values.get("prs_Id", ""), values.get("cas_Id", "")
    if not case:
        items = sorted(item for item in values.items() if item[0] not in {"org_Name", "org_Kind"})
        row = hashlib.sha256(json.dumps(items, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()
        agency = values.get("org_Name", "")
        seen[agency + row] += 1
        case = f"row:{row}" if seen[agency + row] == 1 else f"row:{row}:{seen[agency + row]}"
    return person or (f"case:{case}" if values.get("cas_Id") else case), case


def sort_values(
    faults: Faults, parties: AgencyLookup, number: int, values: Values, person: ParsedPerson, case: ParsedCase
) -> None:
    """Add the values of a row to its person, its case and the groups of the case."""
    known = file_columns()
    groups: Groups = {}
    for name, text in values.items():
        column = known[name]
        if column.level == "person":
            merge_cell(faults, number, column=column, values=person.values, text=text, what="person", first=person.row)
        elif column.level in GROUPS:
            groups.setdefault(column.level, [{}])[0][name] = text
        else:
            merge_cell(faults, number, column=column, values=case.values, text=text, what="case", first=case.row)
    for level, (group,) in groups.items():
        finisher = FINISH.get(level)
        known_rows = case.groups.setdefault(level, [])
        for part in each_service(group):
            finished = finisher(faults, parties, number, part) if finisher else part
            if finished is not None and finished not in known_rows:
                known_rows.append(finished)


def each_service(group: Values) -> Iterator[Values]:
    """Yield a group for each service that its cell names; the other cells hold for each of them."""
    kinds = group.get("svc_Type", "").split(";")
    yield from (group | {"svc_Type": kind} for kind in kinds) if len(kinds) > 1 else [group]


def merge_cell(
    faults: Faults, number: int, column: FileColumn, values: Values, text: str, what: str, first: int
) -> None:
    """Add a value: multi-select values are joined, a single value must agree with earlier rows."""
    earlier = values.get(column.name)
    if earlier is None or earlier == text:
        values[sys.intern(column.name)] = text
    elif column.multiple:
        joined = ";".join(dict.fromkeys([*earlier.split(";"), *text.split(";")]))
        try:
            values[column.name] = canonical(column, joined)
        except BadValue as error:
            faults.add(error.what + f" (rows of one {what}, from row {first})", error.todo, number, column.name)
    elif not is_same_value(column, earlier, text):
        faults.add(
            f"says something else than an earlier row of the same {what} (from row {first})",
            "keep one of the two values",
            number,
            column.name,
        )


def check_case(faults: Faults, case: ParsedCase) -> None:
    """Add faults for impossible days and ages of a case."""
    values = case.values
    first = values.get("cas_RegistrationDate", "")
    for column in ("cas_EndDate", "cas_ClosureDate"):
        if is_day(first) and is_day(values.get(column, "")) and values[column] < first:
            faults.add("is before the case was registered", "correct one of the two days", case.row, column)
    begin, end = values.get("vic_ExploitationStartDate", ""), values.get("vic_ExploitationEndDate", "")
    if is_day(begin) and is_day(end) and end < begin:
        todo = "correct one of the two days"
        faults.add("is before the exploitation began", todo, case.row, "vic_ExploitationEndDate")
    age = values.get("vic_AgeWhenTrafficked", "")
    if age.isdigit() and int(age) > OLDEST_VICTIM:
        faults.add("is an age of more than 120 years", "correct it", case.row, "vic_AgeWhenTrafficked")
    check_victim(faults, case)


def check_victim(faults: Faults, case: ParsedCase) -> None:
    """Add a fault for a row that describes only a perpetrator: it would count as a victim."""
    is_victim = any(name.startswith(("vic_", "con_")) for name in case.values)
    if any(name.startswith("per_") for name in case.values) and not is_victim and not case.groups:
        faults.add(
            "describes a perpetrator and nothing of a victim",
            "take this row out; suspects are registered with their crime",
            case.row,
            "per_RoleInProcess",
        )


def finish_service(faults: Faults, parties: AgencyLookup, number: int, group: Values) -> Values | None:
    """Return a complete service, or None with its faults: kind, status, provider and order of days."""
    is_valid = check_days(faults, number, group)
    if "svc_Type" not in group:
        faults.add("a service without its kind", "fill svc_Type", number, "svc_Type")
        return None
    started, ended = group.get("svc_StartDate", ""), group.get("svc_EndDate", "")
    status = group.setdefault("svc_Status", "completed" if ended else "ongoing" if started else "requested")
    if status in {"ongoing", "completed"} and not started:
        what = "a service that has begun needs the day on which it began"
        faults.add(what, "fill svc_StartDate", number, "svc_StartDate")
        is_valid = False
    if started and ended and ended < started:
        faults.add("the service ends before it begins", "correct one of the two days", number, "svc_EndDate")
        is_valid = False
    if name := group.get("svc_Provider"):
        name_party(parties, group, name, "svc_Provider", "svc_ProviderKind")
    return group if is_valid else None


def finish_decision(faults: Faults, parties: AgencyLookup, number: int, group: Values) -> Values | None:
    """Return a complete decision, or None with its faults: conclusion, track and authority."""
    is_valid = check_days(faults, number, group)
    if group.get("dec_Status", "") not in codes.code_list("victim_status").codes and not known_status(group):
        faults.add("a decision without its conclusion", "fill dec_Status with a status", number, "dec_Status")
        return None
    if name := group.get("dec_Authority"):
        name_party(parties, group, name, "dec_Authority", "dec_AuthorityKind")
    is_police = code_of("agency_kind", group.get("dec_AuthorityKind", "")) in POLICE_TRACK
    group.setdefault("dec_Track", "police" if is_police else "social")
    decided_on, notified_on = group.get("dec_Date", ""), group.get("dec_NotificationDate", "")
    if decided_on and notified_on and notified_on < decided_on:
        faults.add("is before the decision", "correct one of the two days", number, "dec_NotificationDate")
        is_valid = False
    return group if is_valid else None


def known_status(group: Values) -> bool:
    """Return whether a decision's conclusion is an HTCDS status and not an answer state."""
    return group.get("dec_Status", "") in TRAFFICKING


def name_party(parties: AgencyLookup, group: Values, name: str, column: str, kind_column: str) -> None:
    """Replace an agency's name by its exported name, and its kind by the registered one."""
    agency = parties.named_or_new(name, code_of("agency_kind", group.get(kind_column, "")))
    group[column], group[kind_column] = agency.name_in("en"), name_of("agency_kind", agency.kind)


def check_days(faults: Faults, number: int, group: Values) -> bool:
    """Add a fault for each date of a service or decision that is not a day; return whether all are days."""
    not_days = [name for name, text in group.items() if file_columns()[name].kind == "date" and not is_day(text)]
    for name in not_days:
        faults.add("needs a day", "write a day or leave it empty", number, name)
    return not not_days


Finish = Callable[[Faults, AgencyLookup, int, Values], Values | None]
FINISH: dict[str, Finish] = {"svc": finish_service, "dec": finish_decision}


def implied_decision(values: Values) -> Values | None:
    """Return the decision that an identified or not identified HTCDS status implies; it has no day."""
    status = TRAFFICKING.get(values.get("vic_TraffickingStatus", ""), "presumed")
    if status == "presumed":
        return None
    kind = DECIDERS.get(values.get("vic_TraffickingStatusDecisionMakingOrg", ""), "")
    decision_kind = "formal_identification" if status == "identified" else "refusal"
    name = "ActualVictimOfTrafficking" if status == "identified" else "NotAVictimOfTrafficking"
    track = "police" if kind in POLICE_TRACK else "social"
    decision = {"dec_Track": track, "dec_Status": name, "dec_Type": decision_kind}
    return decision | ({"dec_AuthorityKind": name_of("agency_kind", kind)} if kind else {})


def registered_on(values: Values, groups: Groups, today: date) -> date:
    """Return the registration day: as given, else the incoming referral, first service, or any other day.

    Only a case without any day gets `today`. The day is never later than the end of the case.
    """
    if given_day := as_day(values.get("cas_RegistrationDate", "")):
        return given_day
    starts = days_of(groups.get("svc", []), "svc_StartDate")
    first = as_day(values.get("cas_IncomingReferralDate", "")) or min(starts, default=None)
    other_days = [
        *days_of(groups.get("dec", []), "dec_Date"),
        *days_of(groups.get("svc", []), "svc_RequestDate"),
        *days_of(groups.get("ref", []), "cas_OutgoingReferralDate"),
    ]
    ends = [day for column in ("cas_EndDate", "cas_ClosureDate") if (day := as_day(values.get(column, "")))]
    return min([first or min(other_days, default=today), *ends])


def days_of(rows: Iterable[Values], column: str) -> Iterator[date]:
    """Yield the days in one column of a group."""
    return (day for group in rows if (day := as_day(group.get(column, ""))))
