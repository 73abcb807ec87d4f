"""Our own form for KoboToolbox and ODK as a workbook: names of HTCDS, labels in all languages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kerege.casework.exchange.htcds.columns import LARGEST_NUMBER, STATES, FileColumn, file_columns, names_of
from kerege.vocabulary import codes, htcds, languages
from kerege.vocabulary.labels import column_labels

YES_NO = "yes_no"
# answers that are not values; each stays distinct
STATE_CODES = {name: code for name, code in STATES.items() if name != "No"}
CONSENTED = "${con_Consent} = 'TRUE'"
TITLES = {
    "person": {"kk": "Адам", "ru": "Человек", "en": "Person"},
    "case": {"kk": "Іс", "ru": "Дело", "en": "Case"},
    "services": {"kk": "Қызметтер", "ru": "Услуги", "en": "Services"},
}
PERSON = [
    "prs_FirstName",
    "prs_MiddleName",
    "prs_SecondName",
    "prs_Birthdate",
    "prs_Gender",
    "prs_Citizenship",
    "prs_PrimaryLanguage",
    "prs_MaritalStatus",
    "prs_NumberOfChildren",
    "prs_HighestLevelOfEducation",
    "prs_IdentityNumber",
    "prs_MobilePhone",
    "prs_Email",
    "prs_MailingCountry",
    "prs_MailingState",
    "prs_MailingCity",
    "prs_MailingStreet",
    "prs_MailingPostalCode",
]
CASE = [
    "cas_Id",
    "cas_RegistrationDate",
    "cas_Region",
    "cas_Status",
    "vic_TraffickingStatus",
    "vic_TraffickingStatusDecisionMakingOrg",
    "vic_RelationshipToTrafficker",
    "vic_AgeWhenTrafficked",
    "vic_MethodOfRecruitment",
    "vic_RecruitmentWebsitesAndApps",
    "vic_LocationOfRecruitment",
    "vic_MethodsOfControl",
    "vic_TypeOfExploitation",
    "vic_ForcedLabourIndustry",
    "vic_TypeOfSexExploitation",
    "vic_LocationOfExploitation",
    "vic_ExploitationStartDate",
    "vic_ExploitationEndDate",
    "vic_Vulnerabilities",
    "cas_ReferringOrganisation",
    "cas_IncomingReferralDate",
    "cas_ReasonForIncomingReferral",
    "cas_ReferredOrganisation",
    "cas_OutgoingReferralDate",
    "cas_ReasonForOutgoingReferral",
]
SERVICES = ("svc_Type", "svc_Payer", "svc_Status", "svc_RequestDate", "svc_StartDate", "svc_EndDate")
TYPES = {"date": "date", "birthdate": "date", "number": "integer", "flag": f"select_one {YES_NO}"}
CONSTRAINTS = {
    "date": ". > date('1900-01-01') and . <= date('2100-12-31')",
    "birthdate": ". > date('1900-01-01') and . <= today()",
    "number": f". >= 0 and . <= {LARGEST_NUMBER}",
}
Line = dict[str, str]


def write_form(path: Path) -> int:
    """Write the form as a workbook; return the number of its questions."""
    survey, choices = list(_survey()), list(_choices())
    version = hashlib.sha256(repr((survey, choices)).encode()).hexdigest()[:12]
    survey.append({"type": "calculate", "name": "kerege_version", "calculation": f"'{version}'"})
    settings = {"form_title": "Kerege", "form_id": "kerege", "version": version}
    settings["default_language"] = _name(languages.nearest("ru", languages.offered()))
    book = Workbook()
    book.remove(book.worksheets[0])
    _fill(book.create_sheet("survey"), survey)
    _fill(book.create_sheet("choices"), choices)
    _fill(book.create_sheet("settings"), [settings])
    book.save(path)
    return sum(line["name"] in file_columns() for line in survey)


def _fill(sheet: Worksheet, lines: list[Line]) -> None:
    titles = list(dict.fromkeys(title for line in lines for title in line))
    sheet.append(titles)
    for line in lines:
        sheet.append([line.get(title, "") for title in titles])


def _name(language: str) -> str:
    """Return a language as a form names it: `Русский (ru)`."""
    return f"{languages.own_name(language)} ({language})"


def _labels(labels: Mapping[str, str]) -> Line:
    return {f"label::{_name(tag)}": languages.text_in(labels, tag) for tag in languages.offered()}


def _survey() -> Iterator[Line]:
    """Yield the lines of the form: consent first, the person only with consent, the case, its services."""
    yield {"type": "start", "name": "start"}
    yield {"type": "end", "name": "end"}
    yield _question("con_Consent") | {"required": "yes"}
    yield from _group("person", PERSON, kind="group", relevant=CONSENTED)
    yield from _group("case", CASE, kind="group")
    yield from _group("services", SERVICES, kind="repeat")


def _group(name: str, columns: Sequence[str], *, kind: str, relevant: str = "") -> Iterator[Line]:
    yield {"type": f"begin_{kind}", "name": name, "relevant": relevant} | _labels(TITLES[name])
    yield from (_question(column) for column in columns)
    yield {"type": f"end_{kind}", "name": name}


def _question(name: str) -> Line:
    """Return the line of a question with its type, labels and constraint."""
    column = file_columns()[name]
    # a repeated group has one entry for each service
    kind = {"code": "select_one", "codes": "select_one" if name in SERVICES else "select_multiple"}.get(column.kind)
    line = {"type": f"{kind} {_list_of(column)}" if kind else TYPES.get(column.kind, "text"), "name": name}
    return line | _labels(column_labels()[name]) | {"constraint": CONSTRAINTS.get(column.kind, "")}


def _list_of(column: FileColumn) -> str:
    return column.list_name or column.name.lower()


def _choices() -> Iterator[Line]:
    """Yield the choices of each list once, each answer state distinct."""
    yes_no = codes.code_list("answer").codes
    for name, code in (("TRUE", "yes"), ("FALSE", "no")):
        yield {"list_name": YES_NO, "name": name} | _labels(yes_no[code].labels)
    known = file_columns()
    lists = {_list_of(known[name]): known[name] for name in (*PERSON, *CASE, *SERVICES) if known[name].coded}
    for list_name, column in lists.items():
        for name, labels in _choices_of(column):
            yield {"list_name": list_name, "name": name} | _labels(labels)
        for state, code in STATE_CODES.items():
            yield {"list_name": list_name, "name": state} | _labels(yes_no[code].labels)


def _choices_of(column: FileColumn) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the names of the standard with their labels, for a list of ours or of the standard alone."""
    if column.list_name:
        names, listed = names_of(column.list_name), codes.code_list(column.list_name).codes
        yield from ((names[code], entry.labels) for code, entry in listed.items())
        return
    list_name = htcds.columns()[column.name].list
    entries = codes.code_list(list_name).codes.values() if list_name else ()
    by_name = {entry.htcds: entry.labels for entry in reversed(list(entries))}
    for value in column.values:
        yield value, by_name.get(value) or {languages.LAST_RESORT: _words(value)}


def _words(name: str) -> str:
    """Return a name as words: MigrationOrChangeOfLocation is Migration or change of location."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()
