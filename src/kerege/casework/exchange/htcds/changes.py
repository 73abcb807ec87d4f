"""What a file adds to a case that the register knows, and where the two contradict each other."""

from __future__ import annotations

from dataclasses import dataclass, field

from kerege.casework.assistance.models.provision import Service
from kerege.casework.exchange.htcds.columns import BadValue, canonical, file_columns, is_same_value
from kerege.casework.exchange.htcds.existing_cases import StoredCase
from kerege.casework.exchange.htcds.field_mapping import Groups, Values, country_code
from kerege.casework.exchange.htcds.parsed_cases import ParsedCase, ParsedPerson
from kerege.casework.exchange.htcds.read_file import Faults

# what a status decision says is compared with the decisions; ids have led here
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
    """What is to be added to a known case."""

    stored: StoredCase
    person: Values = field(default_factory=dict)  # merged values, {} where nothing changes
    values: Values = field(default_factory=dict)
    groups: Groups = field(default_factory=dict)  # only new rows
    progress: list[tuple[Service, Values]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.person or self.values or self.groups or self.progress)


def compare_case(faults: Faults, person: ParsedPerson, told: ParsedCase, stored: StoredCase) -> CaseChange:
    """Compare one case by its values and by the rows of its groups."""
    change = CaseChange(stored)
    change.person = merge_values(faults, told.row, person.values, stored.person)
    change.values = merge_values(faults, told.row, told.values, stored.values)
    for level in ("hte", "ref", "spl", "cco"):
        if fresh := [row for row in told.groups.get(level, []) if not is_stored(row, stored.groups[level])]:
            change.groups[level] = fresh
    if fresh := [row for row in told.all_decisions() if not any(map(SameDecision(row), stored.groups["dec"]))]:
        change.groups["dec"] = fresh
    for row in told.groups.get("svc", []):
        compare_service(faults, told.row, row, stored, change)
    return change


def is_stored(row: Values, stored: list[Values]) -> bool:
    """Whether a stored row says all that this row says; a country may be written as code or name."""
    return any(all(is_same_cell(before.get(name, ""), text, name) for name, text in row.items()) for before in stored)


def is_same_cell(before: str, text: str, name: str) -> bool:
    """Whether two cells of a repeatable group say the same."""
    return before == text or (name == "hte_Country" and country_code(text) == country_code(before) != "")


def merge_values(faults: Faults, row: int, told: Values, stored: Values) -> Values:
    """The stored values with those of the file; {} when the file adds nothing. Contradictions are faults."""
    result, changed, known = dict(stored), False, file_columns()
    for name, text in told.items():
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
    """Both sets of values of a multi-select cell."""
    together = ";".join(dict.fromkeys([*before.split(";"), *text.split(";")]))
    try:
        return canonical(file_columns()[name], together)
    except BadValue as bad:
        faults.add(f"{bad.what} in the register", bad.todo, row, name)
        return before


class SameDecision:
    """Whether a stored decision is the told one: same track and conclusion, and the same day if one is told."""

    def __init__(self, told: Values) -> None:
        self.told = told

    def __call__(self, stored: Values) -> bool:
        keys = DECISION_KEY if "dec_Date" not in self.told else (*DECISION_KEY, "dec_Date")
        return all(self.told.get(key, "") == stored.get(key, "") for key in keys)


def first_day(row: Values) -> str:
    """The day that tells one service of a kind from another."""
    return row.get("svc_StartDate") or row.get("svc_RequestDate", "")


def is_same_service(row: Values, before: Values) -> bool:
    """Whether two rows are of one service."""
    return first_day(row) == first_day(before) and all(row.get(key, "") == before.get(key, "") for key in SERVICE_KEY)


def compare_service(faults: Faults, number: int, row: Values, stored: StoredCase, change: CaseChange) -> None:
    """A service of the same kind, payer, provider and first day is known; the file may tell of its progress."""
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
