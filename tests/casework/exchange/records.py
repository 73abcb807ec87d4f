"""Files of HTCDS records for the tests, and a register that can be emptied within one."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction

from kerege.casework.exchange.file_import import import_file
from kerege.casework.exchange.htcds.export import export
from kerege.casework.exchange.htcds.import_plan import Summary
from kerege.core.authorization import Actor

OPERATOR = Actor.system("test")

# one case with a value in every field of the standard, in the canonical spelling
FULL = {
    "prs_Id": "person-7",
    "cas_Id": "case-7",
    "org_Name": "Centre Umit",
    "org_ShippingCity": "Қарағанды",
    "org_ShippingCountry": "KZ",
    "org_ShippingState": "Qaraghandy",
    "org_ShippingStreet": "Ермеков көшесі 7",
    "org_ShippingPostalCode": "100000",
    "org_ShippingLongitude": "73.10",
    "org_ShippingLatitude": "49.80",
    "org_Phone": "+77212000000",
    "org_Type": "NGO",
    "prs_Salutation": "Ms",
    "prs_FirstName": "Айгүл",
    "prs_MiddleName": "Маратқызы",
    "prs_SecondName": "Сәрсенова",
    "prs_Birthdate": "1990-03",
    "prs_Gender": "Feminine",
    "prs_Deceased": "No",
    "prs_MaritalStatus": "Divorced",
    "prs_NumberOfChildren": "2",
    "prs_PrimaryLanguage": "kaz",
    "prs_SecondaryLanguage": "rus",
    "prs_HighestLevelOfEducation": "UpperSecondaryEducation",
    "prs_Citizenship": "KZ;RU",
    "prs_IdentityNumber": "900312400000",
    "prs_Title": "cook",
    "prs_Email": "a@example.org",
    "prs_HomePhone": "+77010000001",
    "prs_MobilePhone": "+77010000002",
    "prs_MailingCity": "Теміртау",
    "prs_MailingCountry": "KZ",
    "prs_MailingState": "Қарағанды облысы",
    "prs_MailingStreet": "Абай 1",
    "prs_MailingPostalCode": "101400",
    "prs_MailingLongitude": "72.96",
    "prs_MailingLatitude": "50.05",
    "vic_AgreementToManagePersonalData": "true",
    "vic_TraffickingStatus": "ActualVictimOfTrafficking",
    "vic_TraffickingStatusDecisionMakingOrg": "Police",
    "vic_RelationshipToTrafficker": "Acquainted",
    "vic_AgeWhenTrafficked": "31",
    "vic_RecruitmentWebsitesAndApps": "Telegram;Instagram",
    "vic_MethodOfRecruitment": "ThroughOnlineSocialNetworks",
    "vic_LocationOfRecruitment": "a café at the station",
    "vic_MethodsOfControl": "DebtBondage;WithholdsDocuments",
    "vic_TypeOfExploitation": "ForcedLabour;ForcedBegging",
    "vic_ForcedLabourIndustry": "F_Construction",
    "vic_TypeOfSexExploitation": "Refused",
    "vic_LocationOfExploitation": "a brick factory",
    "vic_ExploitationWebsitesAndApps": "NotAsked",
    "vic_Vulnerabilities": "Poverty;Migration",
    "vic_DetailsOfVulnerabilities": "debts of her father",
    "per_RoleInProcess": "TransferredIndividual",
    "per_RoleDetails": "was sold on",
    "per_Organisation": "none",
    "cas_Status": "Closed",
    "cas_ReasonForCaseClosure": "went home",
    "cas_CaseOwner": "D. Omarova",
    "cas_ReferringOrganisation": "Police of Karaganda",
    "cas_IncomingReferralDate": "2023-04-01",
    "cas_ReferringPrimaryCaseWorker": "Maj. Seitov",
    "cas_ReasonForIncomingReferral": "AdditionalServicesRequired",
    "cas_IncomingReferralDetails": "came with her child; needs shelter",
    "cas_ReferredOrganisation": "Centre Korgau",
    "cas_ReferredPrimaryCaseWorker": "A. Kim",
    "cas_ReasonForOutgoingReferral": "MigrationOrChangeOfLocation",
    "cas_OutgoingReferralDate": "2023-09-01",
    "cas_OutgoingReferralDetails": "moves to Astana",
    "cco_CaseComment": "sleeps badly, ждёт сына",
    "hte_Longitude": "71.4",
    "hte_Latitude": "51.1",
    "hte_City": "Астана",
    "hte_Country": "KZ",
    "hte_State": "Astana",
    "hte_Street": "unknown yard",
    "hte_PostalCode": "010000",
    "hte_Date": "2022-11-05",
    "hte_Type": "Exploitation",
    "hte_Description": "locked in",
    "spl_Objectives": "documents",
    "spl_ActionPlan": "passport, then work",
    "spl_PlannedEndDate": "2023-10-01",
    "spl_ActualEndDate": "2023-09-15",
    "spl_Type": "Legal",
    "con_Consent": "true",
}


def write_csv(path: Path, rows: Sequence[dict[str, str]], delimiter: str = ",") -> Path:
    """Write rows; the header holds every column of any row."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, restval="", delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    """Rows of a file, without empty cells."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [{name: text for name, text in row.items() if text} for row in csv.DictReader(stream)]


def bring_in(folder: Path, *rows: dict[str, str], name: str = "records.csv", **options: object) -> Summary:
    """Import rows."""
    return import_file(OPERATOR, write_csv(folder / name, rows), **options)  # type: ignore[arg-type]


def take_out(folder: Path, *, with_identity: bool) -> Path:
    """Export the register; returns the file."""
    export(OPERATOR, folder, with_identity=with_identity)
    return folder / "htcds.csv"


@contextmanager
def other_register() -> Iterator[None]:
    """Run the block in a register that is empty again afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
