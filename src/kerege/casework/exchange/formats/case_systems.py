"""Records of case management systems: Primero with its default forms, CommCare with a map of the user."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from kerege.casework.exchange.formats.primero_labels import code_of, field_labels
from kerege.casework.exchange.formats.sheets import FileSheet
from kerege.casework.exchange.htcds.read_file import FileTable, JsonPairs, Row, cell_text
from kerege.vocabulary.dates import age_band
from kerege.vocabulary.labels import fold_label

PRIMERO, COMMCARE = "primero", "commcare"
NOT_REPORTED = frozenset({"", "---", "*******"})
# a text that begins with one of these gets an apostrophe in a workbook of Primero
GUARDED = ("'=", "'+", "'-", "'@", "'|", "'%")
LIST_BARS = "|||"
SUBFORM = "services_section"
STRANGERS = f"{SUBFORM} of cases that the file lacks"  # rows of a sheet of services without their case
Record = dict[str, object]

# field of Primero's default forms -> (label in English, column of the exchange); primeroIMS/primero, db/forms/case
PRIMERO_FIELDS: Mapping[str, tuple[str, str]] = {
    "id": ("ID", ""),
    "case_id": ("Long ID", ""),
    "short_id": ("Short ID", ""),
    "case_id_display": ("Case ID", ""),
    "name": ("Full Name", ""),
    "name_first": ("First Name", "prs_FirstName"),
    "name_middle": ("Middle Name", "prs_MiddleName"),
    "name_last": ("Surname", "prs_SecondName"),
    "sex": ("Sex", "prs_Gender"),
    "date_of_birth": ("Date of Birth", "prs_Birthdate"),
    "estimated": ("Is the age estimated?", ""),
    "age": ("Age", ""),
    "nationality": ("Nationality", "prs_Citizenship"),
    "maritial_status": ("Current Civil/Marital Status", "prs_MaritalStatus"),
    "national_id_no": ("National ID Number", "prs_IdentityNumber"),
    "address_current": ("Current Address", "prs_MailingStreet"),
    "telephone_current": ("Current Telephone", "prs_MobilePhone"),
    "registration_date": ("Date of Registration", "cas_RegistrationDate"),
    "status": ("Status", "cas_Status"),
    "child_status": ("Case Status", "cas_Status"),
    "date_closure": ("Date of Closure", "cas_ClosureDate"),
    "closure_reason": ("Closure Reason", "cas_ReasonForCaseClosure"),
    "risk_level": ("Risk Level", "cas_RiskLevel"),
}
SERVICE_FIELDS = {
    "service_type": "Type of Service",
    "service_appointment_date": "Appointment Date",
    "service_implemented_day_time": "Service Implemented On",
}
COMMCARE_METADATA = frozenset(
    {
        *("domain", "case_type", "case_name", "external_id", "owner_id", "user_id", "date_opened", "date_closed"),
        *("last_modified", "closed", "indices", "server_last_modified", "indexed_on"),
    }
)
# columns of CommCare that need no map
COMMCARE_COLUMNS = {"case_id": "cas_Id", "parent_id": "prs_Id"}
# its workbook names the case so, and has these columns beside the properties
WORKBOOK_CASE = "caseid"
WORKBOOK_METADATA = frozenset(
    {
        *("number", "name", "case_link", "owner_id", "owner_name", "closed", "closed_by_user_id", "closed_date"),
        *("closed_by_username", "opened_by_user_id", "opened_by_username", "opened_date", "last_modified_date"),
        *("last_modified_by_user_id", "last_modified_by_user_username", "server_last_modified_date"),
    }
)
IDS = ("id", "case_id", "short_id", "case_id_display")
# fields that only Primero names so; one of them and two more make a file an export of Primero
MARKS = frozenset(
    {"case_id_display", "short_id", "maritial_status", "telephone_current", "address_current", "owned_by", "module_id"}
)
LEAST_FIELDS = 3
# folded values of Primero -> names of the exchange; '' where the exchange has no single value
VALUES: Mapping[str, Mapping[str, str]] = {
    "cas_Status": {"open": "Active", "closed": "Closed", "transferred": "ClosedReferred"},
    "prs_MaritalStatus": {"marriedcohabitating": "Married", "divorcedseparated": ""},
}
# beginnings of folded kinds of service -> our kinds
SERVICES = {
    "safehouse": "shelter",
    "shelter": "shelter",
    "health": "medical_care",
    "psychosocial": "psychological_support",
    "psycosocial": "psychological_support",
    "legal": "legal_aid",
    "livelihood": "employment",
    "education": "education",
    "nficlothes": "material_aid",
    "food": "material_aid",
    "socialsupport": "social_counselling",
}


def primero_records(tree: object) -> list[Record] | None:
    """Return the records of an export of Primero as JSON; None for another file."""
    entries = _entries(tree, "data")
    records = [_opened(entry, "data") for entry in entries]
    return records if records and all(_is_primero(record) for record in records) else None


def commcare_records(tree: object) -> list[Record] | None:
    """Return the cases of CommCare's interface for cases as JSON; None for another file."""
    entries = _entries(tree, "cases")
    if not entries or not all({"case_id", "properties"} <= entry.keys() for entry in entries):
        return None
    return [_opened(entry, "properties") for entry in entries]


def _entries(tree: object, key: str) -> list[Record]:
    if isinstance(tree, JsonPairs):
        tree = dict(tree).get(key)
    if not isinstance(tree, list) or isinstance(tree, JsonPairs):
        return []
    # a list with anything else is read as another file, which names the entry that is no object
    return [dict(entry) for entry in tree] if all(isinstance(entry, JsonPairs) for entry in tree) else []


def _opened(entry: Record, key: str) -> Record:
    """Return a record with the members of an inner object beside its own."""
    inner = entry.get(key)
    own = {name: value for name, value in entry.items() if name != key}
    return own | dict(inner) if isinstance(inner, JsonPairs) else own


def _is_primero(record: Iterable[str]) -> bool:
    fields = set(record)
    return bool(MARKS & fields) and len((MARKS | PRIMERO_FIELDS.keys()) & fields) >= LEAST_FIELDS


def looks_like_primero(heads: Iterable[Sequence[str]]) -> bool:
    """Return whether the first row of a sheet has the fields of Primero, or its labels behind an ID."""
    for titles in heads:
        is_labelled = bool(titles) and titles[0] == "ID"
        if _is_primero(map(_field_of, titles) if is_labelled else titles):
            return True
    return False


def records_of_sheets(sheets: Iterable[FileSheet]) -> list[Record]:
    """Return the records of Primero's CSV, or of its workbook with a sheet for each form."""
    by_id: dict[str, Record] = {}
    services: dict[str, list[object]] = {}
    for sheet in sheets:
        rows = list(sheet.records)
        fields = [_field_of(title) for title in rows[0][1]] if rows else []
        for _, cells in rows[1:]:
            record = {name: cell for name, cell in zip(fields, cells, strict=False) if cell.strip()}
            record_id = next((record[name] for name in IDS if name in record), "")
            if "service_type" in record:
                services.setdefault(record_id, []).append(JsonPairs(record.items()))
            elif record:
                by_id.setdefault(record_id, {}).update(record)
    strangers = [entry for record_id in services.keys() - by_id.keys() for entry in services[record_id]]
    records = [record | {SUBFORM: services.get(record_id, [])} for record_id, record in by_id.items()]
    return records + ([{STRANGERS: strangers}] if strangers else [])


def _field_of(title: str) -> str:
    """Return the field of a heading: its name, or its default label in English, French or Arabic."""
    labels = {fold_label(label): name for name, (label, _) in PRIMERO_FIELDS.items()}
    labels |= {fold_label(label): name for name, label in SERVICE_FIELDS.items()}
    folded = fold_label(title)
    return title if title in PRIMERO_FIELDS else labels.get(folded) or field_labels().get(folded, title)


def rows_of_primero(records: Sequence[Record], table: FileTable) -> Iterator[Row]:
    """Yield the rows of Primero's records, and one more for each service; note what is left out."""
    left_out: Counter[str] = Counter()
    for number, record in enumerate(records, start=1):
        if isinstance(strangers := record.get(STRANGERS), list):
            left_out[STRANGERS] += len(strangers)
            continue
        case_id = next((text for name in IDS if (text := _text(record.get(name)))), "")
        values = _values(record, left_out) | {"cas_Id": case_id}
        yield number, {name: text for name, text in values.items() if text}
        for service in _services(record, left_out):
            yield number, {"cas_Id": case_id} | service
    for name, times in sorted((+left_out).items()):
        table.notes.append(f"the field {name} has no counterpart and is left out ({times} records)")


def _values(record: Record, left_out: Counter[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in record.items():
        column = PRIMERO_FIELDS.get(name, ("", ""))[1]
        text = code_of(name, _text(value)) if column else _text(value)
        if column and text:
            values[column] = VALUES.get(column, {}).get(fold_label(text), text)
        if text and (name not in PRIMERO_FIELDS or (column and not values[column])) and name != SUBFORM:
            left_out[name] += 1
        left_out[name] += name != SUBFORM and _is_subform(value)
    _settle_name(record, values)
    _settle_birth(record, values)
    return values


def _is_subform(value: object) -> bool:
    """Return whether a value is a list of records, such as the members of the family."""
    return isinstance(value, list) and any(isinstance(entry, JsonPairs) for entry in value)


def _settle_name(record: Record, values: dict[str, str]) -> None:
    """Keep a name that is not divided whole; a person divides it later."""
    if not {"prs_FirstName", "prs_SecondName"} & values.keys() and (whole := _text(record.get("name"))):
        values["prs_FirstName"] = whole


def _settle_birth(record: Record, values: dict[str, str]) -> None:
    """Keep only the year of an estimated date of birth, and the age band where there is no date."""
    birth = values.get("prs_Birthdate", "")
    if birth and _text(record.get("estimated")).lower() in {"true", "yes", "1"}:
        values["prs_Birthdate"] = birth[:4] if birth[:4].isdigit() else birth[-4:]
    age = _text(record.get("age"))
    if not birth and age.isdigit():
        values["prs_AgeBand"] = age_band(int(age))


def _services(record: Record, left_out: Counter[str]) -> Iterator[dict[str, str]]:
    entries = record.get(SUBFORM)
    left_out[SUBFORM] += not isinstance(entries, list) and bool(_text(entries))
    for entry in entries if isinstance(entries, list) else []:
        fields = dict(entry) if isinstance(entry, JsonPairs) else {}
        folded = fold_label(_text(fields.get("service_type")))
        kind = next((ours for begin, ours in SERVICES.items() if folded.startswith(begin)), "")
        if not kind:
            left_out[f"{SUBFORM} of another kind"] += 1
            continue
        service = {"svc_Type": kind, "svc_Payer": "other"}
        if asked := _text(fields.get("service_appointment_date")):
            service["svc_RequestDate"] = asked
        if done := _text(fields.get("service_implemented_day_time")):
            service |= {"svc_StartDate": done, "svc_EndDate": done}
        yield service


def _text(value: object) -> str:
    """Return a value as text: lists joined by semicolons, hidden and empty values as ''."""
    if isinstance(value, list):
        parts = [] if isinstance(value, JsonPairs) else [_text(entry) for entry in value]
        return ";".join(filter(None, parts))
    text = cell_text(value).strip()
    if text in NOT_REPORTED:
        return ""
    if text.startswith('["'):
        try:
            return ";".join(map(str, json.loads(text)))
        except ValueError:
            return text
    if LIST_BARS in text:
        return ";".join(part.strip() for part in text.split(LIST_BARS))
    return text[1:] if text.startswith(GUARDED) else text


def sheet_of_commcare(cases: Sequence[Record]) -> FileSheet:
    """Return the cases of CommCare as a sheet under the names of their properties.

    Multi-valued properties keep their spaces; a map of the user names the columns. The parent of a case is its person.
    """
    rows = [
        {name: _text(value) for name, value in case.items() if name not in COMMCARE_METADATA}
        | {"parent_id": _parent_of(case)}
        for case in cases
    ]
    titles = list(dict.fromkeys(name for row in rows for name, text in row.items() if text))
    records = [(number, [row.get(title, "") for title in titles]) for number, row in enumerate(rows, start=1)]
    return FileSheet("", [(0, titles), *records])


def commcare_columns(heads: Iterable[Sequence[str]]) -> dict[str, str]:
    """Return how the columns of a workbook of CommCare are read; nothing for another workbook.

    Columns of its own are left out; the map of the user names the columns of the properties.
    """
    for titles in heads:
        own = WORKBOOK_METADATA & set(titles)
        if WORKBOOK_CASE in titles and len(own) >= LEAST_FIELDS:
            return {WORKBOOK_CASE: "cas_Id", **dict.fromkeys(sorted(own), "")}
    return {}


def without_dashes(sheet: FileSheet) -> FileSheet:
    """Return a sheet whose cells of three dashes, CommCare's sign for no value, are empty."""
    records = [(number, ["" if cell.strip() == "---" else cell for cell in cells]) for number, cells in sheet.records]
    return replace(sheet, records=records)


def _parent_of(case: Record) -> str:
    """Return the id of the case that CommCare names as the parent."""
    indices = case.get("indices")
    parent = dict(indices).get("parent") if isinstance(indices, JsonPairs) else None
    return _text(dict(parent).get("case_id")) if isinstance(parent, JsonPairs) else ""
