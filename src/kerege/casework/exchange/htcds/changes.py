"""Comparison of a file with a stored case: additions and contradictions."""

from __future__ import annotations

from dataclasses import dataclass, field

from kerege.casework.assistance.models.provision import Service
from kerege.casework.exchange.htcds.columns import BadValue, canonical, file_columns, is_same_value
from kerege.casework.exchange.htcds.existing_cases import StoredCase
from kerege.casework.exchange.htcds.field_mapping import Groups, Values, country_code
from kerege.casework.exchange.htcds.parsed_cases import ParsedCase, ParsedPerson
from kerege.casework.exchange.htcds.read_file import Faults

# the status is compared by its decisions; ids and agency identify the case
NOT_COMPARED = {
    "vic_TraffickingStatus",
    "vic_TraffickingStatusDecisionMakingOrg",
    "prs_Id",
    "cas_Id",
    "org_Name",
    "org_Kind",
}
SERVICE_KEY = ("svc_Type", "svc_Payer", "svc_Provider")
PROGRESS = {"requested": 0, "ongoing": 1, "completed": 2, "declined": 2, "interrupted": 2}
DECISION_KEY = ("dec_Track", "dec_Status")


@dataclass
class CaseChange:
    """Additions to a stored case."""

    stored: StoredCase
    person: Values = field(default_factory=dict)  # merged values, {} where nothing changes
    values: Values = field(default_factory=dict)
    groups: Groups = field(default_factory=dict)  # only new rows
    progress: list[tuple[Service, Values]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.person or self.values or self.groups or self.progress)


def compare_case(faults: Faults, person: ParsedPerson, parsed: ParsedCase, stored: StoredCase) -> CaseChange:
    """Compare a case of a file with the stored one, by values and group rows; return the additions."""
    change = CaseChange(stored)
    change.person = merge_values(faults, parsed.row, person.values, stored.person)
    change.values = merge_values(faults, parsed.row, parsed.values, stored.values)
    for level in ("hte", "ref", "spl", "cco"):
        if new_rows := [row for row in parsed.groups.get(level, []) if not is_stored(row, stored.groups[level])]:
            change.groups[level] = new_rows
    if new_rows := [row for row in parsed.all_decisions() if not any(map(SameDecision(row), stored.groups["dec"]))]:
        change.groups["dec"] = new_rows
    for row in parsed.groups.get("svc", []):
        compare_service(faults, parsed.row, row, stored, change)
    return change


def is_stored(row: Values, stored: list[Values]) -> bool:
    """Return whether a stored row contains every cell of this row."""
    return any(
        all(is_same_cell(stored_row.get(name, ""), text, name) for name, text in row.items()) for stored_row in stored
    )


def is_same_cell(before: str, text: str, name: str) -> bool:
    """Return whether two cells of a group are equal; countries may be written as code or name."""
    return before == text or (name == "hte_Country" and country_code(text) == country_code(before) != "")


def merge_values(faults: Faults, row: int, file_values: Values, stored: Values) -> Values:
    """Return the stored values with the additions; {} without any. Contradictions are added to `faults`."""
    result, changed, known = dict(stored), False, file_columns()
    for name, text in file_values.items():
        before = stored.get(name, "")
        if name in NOT_COMPARED or is_same_value(known[name], before, text):
            continue
        if known[name].multiple and before:
            text = union_of_cells(faults, row, name, before, text)
            if text == before:
                continue
        elif before:
            todo = "correct the file, or change the register by hand and leave the cell empty"
            faults.add("contradicts what the register holds", todo, row, name)
            continue
        result[name], changed = text, True
    return result if changed else {}


def union_of_cells(faults: Faults, row: int, name: str, before: str, text: str) -> str:
    """Return the union of two multi-select cells; the stored cell when the union is not valid."""
    joined = ";".join(dict.fromkeys([*before.split(";"), *text.split(";")]))
    try:
        return canonical(file_columns()[name], joined)
    except BadValue as error:
        faults.add(f"{error.what} in the register", error.todo, row, name)
        return before


class SameDecision:
    """Predicate for the stored decision that equals a parsed one: track, conclusion, and the day if given."""

    def __init__(self, file_values: Values) -> None:
        self.file_values = file_values

    def __call__(self, stored: Values) -> bool:
        keys = DECISION_KEY if "dec_Date" not in self.file_values else (*DECISION_KEY, "dec_Date")
        return all(self.file_values.get(key, "") == stored.get(key, "") for key in keys)


def first_day(row: Values) -> str:
    """Return the start day of a service, else the day of its request, else ''."""
    return row.get("svc_StartDate") or row.get("svc_RequestDate", "")


def is_same_service(row: Values, before: Values) -> bool:
    """Return whether two rows describe the same service."""
    return first_day(row) == first_day(before) and all(row.get(key, "") == before.get(key, "") for key in SERVICE_KEY)


def compare_service(faults: Faults, number: int, row: Values, stored: StoredCase, change: CaseChange) -> None:
    """Add a new service to the change, or the progress of a known one.

    A service is known by kind, payer, provider and first day. Two different end days are a fault.
    """
    known = next(
        (pair for pair in zip(stored.services, stored.groups["svc"], strict=True) if is_same_service(row, pair[1])),
        None,
    )
    if known is None:
        change.groups.setdefault("svc", []).append(row)
        return
    service, before = known
    ended, ends = before.get("svc_EndDate", ""), row.get("svc_EndDate", "")
    if ended and ends and ended != ends:
        faults.add("contradicts what the register holds", "correct the file or the register", number, "svc_EndDate")
    elif PROGRESS.get(row["svc_Status"], 0) > PROGRESS.get(before["svc_Status"], 0):
        change.progress.append((service, row))
