"""CTDC's 27 variables (Global Synthetic Data Set), from a row of the victims snapshot. Many-to-one: keep the detail.

Names after the public files of the Counter-Trafficking Data Collaborative. '' is missing, as in the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# composite variables of control: any of these means sets the variable
MEANS: dict[str, frozenset[str]] = {
    "meansDebtBondageEarnings": frozenset({"debt_bondage", "takes_earnings"}),
    "meansThreats": frozenset({"physical_threats", "threats_law_enforcement", "threatens_children_family"}),
    "meansAbusePsyPhySex": frozenset({"psychological_abuse", "physical_abuse", "sexual_abuse"}),
    "meansFalsePromises": frozenset({"false_promises"}),
    "meansDrugsAlcohol": frozenset({"psychoactive_substance"}),
    "meansDenyBasicNeeds": frozenset({"restricts_financial_access", "restricts_medical_care", "withholds_necessities"}),
    "meansExcessiveWorkHours": frozenset({"excessive_working_hours"}),
    "meansWithholdDocs": frozenset({"withholds_documents"}),
}
FORMS = {"isForcedLabour": "labour", "isSexualExploit": "sexual", "isOtherExploit": "other"}
LABOUR = {
    "typeOfLabourAgriculture": "A",
    "typeOfLabourConstruction": "F",
    "typeOfLabourDomesticWork": "T",
    "typeOfLabourHospitality": "I",
}
SEX = {"typeOfSexProstitution": "prostitution", "typeOfSexPornography": "pornography"}
RECRUITERS = {
    "recruiterRelationIntimatePartner": "intimate_partner",
    "recruiterRelationFriend": "friend",
    "recruiterRelationFamily": "family",
    "recruiterRelationOther": "other",
}
# our bands do not nest in CTDC's; each is given the band that holds most of it
AGE = {
    "0_8": "0--8",
    "9_17": "9--17",
    "18_25": "21--23",
    "26_30": "27--29",
    "31_40": "30--38",
    "41_50": "39--47",
    "51_plus": "48+",
}
GENDER = {"female": "Woman", "male": "Man", "transgender": "Trans/Transgender/NonConforming"}
GENDER["nonconforming"] = GENDER["transgender"]
# how our relation to the recruiter is told when the detail is not known
RELATION = {"familial": "family", "unacquainted": "other"}

VARIABLES = (
    "yearOfRegistration",
    "gender",
    "ageBroad",
    "citizenship",
    "CountryOfExploitation",
    "traffickMonths",
    *MEANS,
    *FORMS,
    *LABOUR,
    *SEX,
    *RECRUITERS,
)


def to_ctdc(row: Mapping[str, Any]) -> dict[str, str]:
    """The 27 variables of one victim; a variable whose source was not reported is ''."""
    told = {
        "yearOfRegistration": str(row.get("year") or ""),
        "gender": GENDER.get(row.get("sex") or "", ""),
        "ageBroad": AGE.get(row.get("age_band") or "", ""),
        "citizenship": row.get("citizenship") or "",
        "CountryOfExploitation": row.get("destination") or "",
        "traffickMonths": "",
    }
    control = set(row.get("means_of_control") or [])
    told |= {name: _flag(bool(control & parts), bool(control)) for name, parts in MEANS.items()}
    group = row.get("exploitation") or ""
    told |= {name: _flag(group == form, bool(group)) for name, form in FORMS.items()}
    sections, kinds = set(row.get("labour_section") or []), set(row.get("sexual_kind") or [])
    told |= {name: _flag(section in sections, bool(sections)) for name, section in LABOUR.items()}
    told |= {name: _flag(kind in kinds, bool(kinds)) for name, kind in SEX.items()}
    relation = RELATION.get(row.get("recruiter_relation") or "", "")
    return told | {name: _flag(relation == kind, bool(relation)) for name, kind in RECRUITERS.items()}


def _flag(yes: bool, reported: bool) -> str:
    return ("1" if yes else "0") if reported else ""
