"""CTDC's 27 variables (Global Synthetic Data Set) from a row of the victims snapshot.

The mapping is many to one, so keep the detailed codes. The names follow the public files of the Counter-Trafficking
Data Collaborative, https://www.ctdatacollaborative.org. A flag is `1`, `0` or missing. Unknown, not asked, refused and
not reported are all missing. Only an explicit no, and codes absent from a reported list, are `0`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kerege.vocabulary import codes

# composite variables of control: any of these means of control sets the variable
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
AGES = (
    (8, "0--8"),
    (17, "9--17"),
    (20, "18--20"),
    (23, "21--23"),
    (26, "24--26"),
    (29, "27--29"),
    (38, "30--38"),
    (47, "39--47"),
)
OLDEST = "48+"
# Our bands of children nest in CTDC's. Our bands of adults do not: they keep their limits, in CTDC's notation, because
# a narrower band would state an age that was not reported.
BANDS = {
    "0_8": "0--8",
    "9_17": "9--17",
    "18_25": "18--25",
    "26_30": "26--30",
    "31_40": "31--40",
    "41_50": "41--50",
    "51_plus": "51+",
}
GENDER = {
    "female": "Woman",
    "male": "Man",
    "transgender": "Trans/Transgender/NonConforming",
    "nonconforming": "Trans/Transgender/NonConforming",
}
MONTHS = ((12, "0--12"), (24, "13--24"))
LONGEST = "25+"


def to_ctdc(row: Mapping[str, Any], missing: str = "") -> dict[str, str]:
    """Return CTDC's 27 variables of one victim, from a row of the victims snapshot.

    Parameters
    ----------
    row : mapping of str to value
        Columns of the victims snapshot. It can also hold the exact values `age` (whole years), `months` (whole months
        in exploitation) and `recruiter_detail`. A missing column counts as not reported.
    missing : str
        Text for missing values: '' as in the synthetic files, or "-99" as in the k-anonymised ones.

    Returns
    -------
    dict of str to str
        The 27 variables by CTDC's names, in the order of its files. A flag is "1" or "0".

    Raises
    ------
    UnknownCode
        If a form of exploitation is not in the code list `exploitation_form`.

    Notes
    -----
    Counter-Trafficking Data Collaborative, codebook of the global data sets.

    Examples
    --------
    >>> row = to_ctdc({"year": "2025", "sex": "female", "citizenship": "KZ", "exploitation": "sexual"})
    >>> row["gender"], row["citizenship"], row["isSexualExploit"]
    ('Woman', 'KZ', '1')
    """
    forms = row.get("exploitation_forms") or [row.get("exploitation_form") or ""]
    variables: dict[str, str | None] = {
        "yearOfRegistration": str(row.get("year") or "") or None,
        "gender": GENDER.get(row.get("sex") or ""),
        "ageBroad": _age(row),
        "citizenship": _country(row.get("citizenship")),
        "CountryOfExploitation": _country(row.get("destination")),
        "traffickMonths": _months(row.get("months")),
        **_flags(MEANS, row.get("means_of_control")),
        **_flags(_one_each(FORMS), _groups(forms) or [row.get("exploitation") or ""]),
        **_flags(_one_each(LABOUR), row.get("labour_section")),
        **_flags(_one_each(SEX), row.get("sexual_kind")),
        **_recruiter(row.get("recruiter_relation") or "", row.get("recruiter_detail") or ""),
    }
    return {name: missing if value is None else value for name, value in variables.items()}


def age_broad(age: int) -> str:
    """Return CTDC's band of an age.

    Parameters
    ----------
    age : int
        Age in whole years.

    Returns
    -------
    str
        A value of CTDC's variable `ageBroad`.

    Notes
    -----
    Counter-Trafficking Data Collaborative, codebook of the global data sets.

    Examples
    --------
    >>> age_broad(16), age_broad(38), age_broad(70)
    ('9--17', '30--38', '48+')
    """
    return next((band for last, band in AGES if age <= last), OLDEST)


def _age(row: Mapping[str, Any]) -> str | None:
    return age_broad(row["age"]) if row.get("age") is not None else BANDS.get(row.get("age_band") or "")


def _months(months: int | None) -> str | None:
    return None if months is None else next((band for last, band in MONTHS if months <= last), LONGEST)


def _country(code: str | None) -> str | None:
    return code if code and code in codes.code_list("country").codes else None


def _groups(forms: Iterable[str]) -> list[str]:
    return [codes.parent("exploitation_form", form) for form in forms if form]


def _one_each(flags: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {name: frozenset({code}) for name, code in flags.items()}


def _flags(flags: Mapping[str, frozenset[str]], reported: Iterable[str] | None) -> dict[str, str | None]:
    """Return 1 or 0 for each flag if any code is reported, otherwise None."""
    known = {code for code in reported or () if code and code not in {"unknown", "not_asked", "refused"}}
    return {name: ("1" if known & parts else "0") if known else None for name, parts in flags.items()}


def _recruiter(relation: str, detail: str) -> dict[str, str | None]:
    """Return the flags of the recruiter's relation.

    The relation identifies family and strangers; only the detail identifies an acquaintance.
    """
    recruiter = (
        detail if detail in RECRUITERS.values() else {"familial": "family", "unacquainted": "other"}.get(relation)
    )
    flags = _flags(_one_each(RECRUITERS), [recruiter] if recruiter else [])
    return flags | ({"recruiterRelationFamily": "0"} if relation == "acquainted" and not recruiter else {})


# column of the victims snapshot -> code -> CTDC's variable and value; codes without an equivalent are absent
def _value(variable: str, values: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {code: (variable, value) for code, value in values.items()}


def _flag(flags: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {code: (variable, "1") for variable, code in flags.items()}


AGGREGATES: dict[str, dict[str, tuple[str, str]]] = {
    "sex": _value("gender", GENDER),
    "age_band": _value("ageBroad", BANDS),
    "age_group": _value("majorityStatus", {"child": "Minor", "adult": "Adult"}),  # for the k-anonymised files
    "exploitation": _flag(FORMS),
    "labour_section": _flag(LABOUR),
    "sexual_kind": _flag(SEX),
    # only variables of a single code: a person can have several codes, so counts of codes do not add up to a variable
    "means_of_control": _flag({name: next(iter(parts)) for name, parts in MEANS.items() if len(parts) == 1}),
}
COUNTRIES = {"citizenship": "citizenship", "destination": "CountryOfExploitation"}
YEAR = "yearOfRegistration"
K, LEAST = 11, 10  # sets of fewer than K are redacted, so that no query returns fewer than LEAST


def aggregate(column: str, code: str) -> tuple[str, str] | None:
    """Return CTDC's variable and value for a code of a snapshot column; None without an equivalent.

    Parameters
    ----------
    column : str
        Column of the victims snapshot, such as `sex`.
    code : str
        A code of the column's list.

    Returns
    -------
    tuple of str, optional
        Variable and value. Two codes can have the same value (gender). Their counts are of different persons; the
        caller adds them.

    Notes
    -----
    Counter-Trafficking Data Collaborative, codebook of the global data sets.

    Examples
    --------
    >>> aggregate("sex", "female"), aggregate("year", "2025"), aggregate("region", "KZ-75")
    (('gender', 'Woman'), ('yearOfRegistration', '2025'), None)
    """
    if column == "year":
        return YEAR, code
    if column in COUNTRIES:
        return (COUNTRIES[column], code) if _country(code) else None
    return AGGREGATES.get(column, {}).get(code)
