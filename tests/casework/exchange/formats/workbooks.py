"""Files with the public structure of the field's own tools, filled with invented rows.

The structure is that of IOM's HTCDS 2.0 workbooks and form (https://github.com/UNMigration/HTCDS, CC BY 4.0): which
names, labels and numbers are where. The files themselves are built here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

# position -> (name in the hidden row, label that people see); the five parts of the address contradict each other
COLUMNS = (
    (None, None),
    ("cas_CaseOwner", "Case Owner"),
    ("prs_Salutation", "Salutation"),
    ("prs_FirstName", "First Name"),
    ("prs_SecondName", "Second Name"),
    ("con_Consent", "Consent"),
    ("prs_Birthdate", "Birthdate"),
    ("prs_Gender", "Gender"),
    ("prs_Citizenship", "Citizenship"),
    ("prs_Title", "Title"),
    ("prs_Email", "Email"),
    ("prs_HomePhone", "Home Phone"),
    ("prs_MobilePhone", "Mobile Phone"),
    ("prs_MailingCity", "Mailing Street"),
    ("prs_MailingCountry", "Mailing City"),
    ("prs_MailingState", "Mailing State/Province"),
    ("prs_MailingStreet", "Mailing Zip/Postal Code"),
    ("prs_MailingPostalCode", "Mailing Country"),
    ("vic_TraffickingStatus", "Trafficking Status"),
    ("vic_TraffickinStatusDecisionMakingOrg", "Trafficking Status Decision Making Organization"),
    ("vic_MethodOfRecruitment", "Method of Recruitment"),
    ("vic_LocationOfRecruitment", "Location of Recruitment"),
    ("vic_MethodsOfControl", "Methods of Control"),
    ("vic_TypeOfExploitation", "Type of Exploitation"),
    ("vic_ForcedLabourIndustry", "Forced Labour Industry"),
    ("vic_TypeOfSexExploitation", "Type of Sex Exploitation"),
    ("vic_LocationOfExploitation", "Location of Exploitation"),
    ("cas_Status", "Status"),
    ("cas_ReferringOrganisation", "Referring Organisation"),
    ("cas_IncomingReferralDate", "Incoming Referral Date"),
    ("cas_ReferringPrimaryCaseWorker", "Referring Primary Case Worker"),
    ("cas_ReasonForIncomingReferral", "Reason for Incoming Referral"),
    ("cas_IncomingReferralDetails", "Incoming Referral Details"),
    ("cas_ReferredOrganisation", "Referred Organisation"),
    ("cas_ReferredPrimaryCaseWorker", "Referred Primary Case Worker"),
    (None, "Reason for Outgoing Referral"),
    ("cas_OutgoingReferralDate", "Outgoing Referral Date"),
    ("cas_OutgoingReferralDetails", "Outgoing Referral Details"),
    ("cas_ReasonForCaseClosure", "Reason for Case Closure"),
)
# invented people, as the pull-downs and hands of a centre would fill the columns
FIRST = {
    "Case Owner": "D. Omarova",
    "First Name": "Айгүл",
    "Second Name": "Сәрсенова",
    "Consent": "Yes",
    "Birthdate": "12.03.1990",
    "Gender": "Feminine",
    "Citizenship": "Viet Nam; Moldova, Republic of",
    "Title": "cook",
    "Mobile Phone": "+77010000002",
    "Mailing Street": "Абай 1",
    "Mailing City": "Теміртау",
    "Mailing State/Province": "Қарағанды облысы",
    "Mailing Zip/Postal Code": "101400",
    "Mailing Country": "Kazakhstan",
    "Trafficking Status": "Possible victim of trafficking",
    "Trafficking Status Decision Making Organization": "Court or prosecution",
    "Method of Recruitment": "At work; Through online social networks",
    "Methods of Control": "Debt bondage ; Threatens children/family",
    "Type of Exploitation": "Forced labour",
    "Forced Labour Industry": "Water supply; sewerage, waste management and remediation; Education",
    "Status": "Follow up",
    "Referring Organisation": "Police of Karaganda",
    "Incoming Referral Date": "25/04/2023",
    "Reason for Incoming Referral": "Additional Services Required",
    "Referred Organisation": "Clinic 2",
    "Reason for Outgoing Referral": "Migration Or Change Of Location",
    "Outgoing Referral Date": "23/05/2023",
}
SECOND = {
    "First Name": "Botir",
    "Second Name": "Yuldashev",
    "Gender": "Masculine",
    "Citizenship": "Uzbekistan",
    "Birthdate": 1988,
    "Type of Exploitation": "Sexual exploitation",
    "Type of Sex Exploitation": "Private Sexual Services",
    "Status": "Active",
}
PEOPLE: tuple[Mapping[str, object], ...] = (FIRST, SECOND)


def iom_workbook(
    path: Path,
    people: Sequence[Mapping[str, object]] = PEOPLE,
    *,
    rows: Sequence[str] = ("names", "labels"),
    numbers: int = 40,
) -> Path:
    """Write a workbook of the standard: names in a hidden row, labels, row numbers, lists on a sheet."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Case Sheet"
    for kind in rows:
        sheet.append([name if kind == "names" else label for name, label in COLUMNS])
    sheet.row_dimensions[1].hidden = rows[0] == "names"
    for number in range(numbers):
        person: Mapping[str, object] = people[number] if number < len(people) else {}
        sheet.append([number + 1, *(person.get(label or "") for _, label in COLUMNS[1:])])
    book.create_sheet("about").append(["an invented workbook with the structure of HTCDS 2.0"])
    lists = book.create_sheet("validation")
    lists.append(["Validation Lookups"])
    lists.append([])
    lists.append([None, "Gender", "Country", "Methods of Control", "Status", "Trafficking Status"])
    lists.append([None, "Feminine", "Viet Nam", "Debt bondage ", "Active", "Possible victim of trafficking"])
    lists.append([None, "Masculine", "Yemen", "Other", "Closed", "Actual victim of trafficking"])
    book.save(path)
    return path
