"""Exports of IOM's form for HTCDS in the settings of KoboToolbox, built from invented submissions.

The names, labels and choices are those of the public form (https://github.com/UNMigration/HTCDS, CC BY 4.0); how an
export writes them is that of formpack 01fef37: a summary joins choices by spaces, details are one column for each.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from openpyxl import Workbook

from kerege.vocabulary.labels import htcds_labels

NAMES, LABELS = "names", "labels"
SUMMARY, DETAILS, BOTH = "summary", "details", "both"
SETTINGS = [(values, multiple) for values in (NAMES, LABELS) for multiple in (SUMMARY, DETAILS, BOTH)]

# field -> (label, choices as name -> label; {} for a text); the label of the title is the form's own mistake
ONE = {
    "con_Consent": ("Consent", {"TRUE": "Yes", "FALSE": "No"}),
    "prs_First_Name": ("First Name", {}),
    "prs_Second_Name": ("Second Name", {}),
    "prs_Birthdate": ("Birthdate", {}),
    "prs_Gender": ("Gender", {"Feminine": "Feminine\xa0", "NonSpecifiedUnknown": "Not Specified/Unknown"}),
    "prs_Citizenship": ("Citizenship", dict(htcds_labels("country"))),
    "prs_Title": ("Second Name", {}),
    "prs_MailingState": ("Mailing State/Province", {}),
    "vic_LocationOfRecruitment": ("Location of Recruitment", {}),
    "cas_Status": ("Status", {"Active": "Active", "FollowUp": "Follow Up"}),
}
SEVERAL = {
    "vic_MethodOfRecruitment": (
        "Method of Recruitment",
        {"AtWork": "At work", "ThroughOnlineSocialNetworks": "Through online social networks", "Other": "Other"},
    ),
    "vic_Methods_of_Control": (
        "Methods of Control",
        {"ThreatensChildrenFamily": "Threatens children/family", "DebtBondage": "Debt bondage "},
    ),
    "vic_ForcedLabourIndustry": (
        "Forced Labour Industry",
        {
            "E_WaterSupplySewerageWasteManagement": "Water supply; sewerage, waste management and remediation",
            "P_Education": "Education",
        },
    ),
}
FIRST = {
    "con_Consent": "TRUE",
    "prs_First_Name": "Айгүл",
    "prs_Second_Name": "Сәрсенова",
    "prs_Birthdate": "1990-03-12",
    "prs_Gender": "Feminine",
    "prs_Citizenship": "VN",
    "prs_Title": "cook",
    "prs_MailingState": "Қарағанды облысы",
    "cas_Status": "FollowUp",
    "vic_MethodOfRecruitment": "AtWork ThroughOnlineSocialNetworks",
    "vic_Methods_of_Control": "ThreatensChildrenFamily DebtBondage",
    "vic_ForcedLabourIndustry": "E_WaterSupplySewerageWasteManagement P_Education",
    "_uuid": "6f1c0a5e-0000-4000-8000-000000000001",
}
SECOND = {
    "prs_First_Name": "Botir",
    "prs_Gender": "NonSpecifiedUnknown",
    "prs_Citizenship": "MD",
    "vic_MethodOfRecruitment": "Other",
    "_uuid": "6f1c0a5e-0000-4000-8000-000000000002",
}
SUBMISSIONS = (FIRST, SECOND)
# the first submission as an import reads it: names of columns and values of the exchange
FIRST_READ = {
    "cas_Id": "6f1c0a5e-0000-4000-8000-000000000001",
    "prs_FirstName": "Айгүл",
    "prs_SecondName": "Сәрсенова",
    "prs_Title": "cook",
    "prs_Birthdate": "1990-03-12",
    "prs_Gender": "Feminine",
    "prs_Citizenship": "VN",
    "prs_MailingState": "Қарағанды облысы",
    "cas_Status": "FollowUp",
    "vic_MethodOfRecruitment": "AtWork;ThroughOnlineSocialNetworks",
    "vic_MethodsOfControl": "ThreatensChildrenFamily;DebtBondage",
    "vic_ForcedLabourIndustry": "E_WaterSupplySewerageWasteManagement;P_Education",
}
BEFORE = ("start", "end")
# the fields that KoboToolbox adds today, in its order
AFTER = (
    *("_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by", "__version__"),
    *("_tags", "_index"),
)


def table_of(
    values: str, multiple: str, submissions: Sequence[dict[str, str]] = SUBMISSIONS, *, group: str = ""
) -> list[list[str]]:
    """Return the header and the rows of an export."""
    header = [*BEFORE, *(group + title for title in _titles(values, multiple)), *AFTER]
    return [header, *(_row(values, multiple, row, index) for index, row in enumerate(submissions, 1))]


def _titles(values: str, multiple: str) -> Iterator[str]:
    for name, (label, _) in ONE.items():
        yield name if values == NAMES else label
    for name, (label, choices) in SEVERAL.items():
        title = name if values == NAMES else label
        if multiple != DETAILS:
            yield title
        if multiple != SUMMARY:
            yield from (f"{title}/{choice if values == NAMES else text}" for choice, text in choices.items())


def _row(values: str, multiple: str, submission: dict[str, str], index: int) -> list[str]:
    cells = ["2025-07-30T10:00:00.000+05:00", "2025-07-30T10:20:00.000+05:00"]
    for name, (_, choices) in ONE.items():
        text = submission.get(name, "")
        cells.append(choices.get(text, text) if values == LABELS else text)
    for name, (_, choices) in SEVERAL.items():
        chosen = submission.get(name, "").split()
        if multiple != DETAILS:
            cells.append(" ".join(chosen if values == NAMES else (choices[choice] for choice in chosen)))
        if multiple != SUMMARY:
            cells += [str(int(choice in chosen)) if chosen else "" for choice in choices]
    state = submission.get("_validation_status", "")
    about = [str(1000 + index), submission["_uuid"], "2025-07-30T05:20:00", state, "seen", "submitted_via_web", "ngo_1"]
    return [*cells, *about, "vA1", "", str(index)]


def write_csv(path: Path, table: Sequence[Sequence[str]]) -> Path:
    """Write an export as CSV, with the semicolons of KoboToolbox."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=";", quoting=csv.QUOTE_ALL).writerows(table)
    return path


def write_workbook(path: Path, table: Sequence[Sequence[str]], **repeats: Sequence[Sequence[str]]) -> Path:
    """Write an export as XLSX, with a sheet for each repeated group."""
    book = Workbook()
    for title, rows in {"HTCDS": table, **repeats}.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    del book["Sheet"]
    book.save(path)
    return path


def write_json(path: Path, submissions: Sequence[dict[str, object]]) -> Path:
    """Write submissions as the interface of KoboToolbox gives them."""
    records = [
        {"_id": 1000 + index, "_submission_time": "2025-07-30T05:20:00", "_attachments": [], "_geolocation": [None]}
        | {"_status": "submitted_via_web", "_notes": [], "_tags": [], "_submitted_by": "ngo_1"}
        | {name if name.startswith("_") else f"person/{name}": value for name, value in submission.items()}
        for index, submission in enumerate(submissions, 1)
    ]
    path.write_text(json.dumps({"count": len(records), "results": records}, ensure_ascii=False), encoding="utf-8")
    return path
