"""Mapping between the columns of an exchange file and the fields of the register, in both directions.

Exact values go to the fields of the register. Other values (a field without a column, an answer state instead of a
number) are kept as the file had them: of a person in the identity, otherwise in the case's encrypted supplement. They
count until the register's own value changes.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import date
from typing import Any

from kerege.casework.cases.models.case import Case, Exploitation
from kerege.casework.exchange.htcds.columns import (
    STATE_NAMES,
    code_of,
    codes_of,
    file_columns,
    flag_value,
    is_same_value,
    join_names,
    name_of,
    read_code,
)
from kerege.casework.vault.identity import Identity, Name, PaperDocument
from kerege.vocabulary.htcds import to_htcds

Values = dict[str, str]
Groups = dict[str, list[Values]]

NAME_PARTS = {"prs_FirstName": "given", "prs_MiddleName": "middle", "prs_SecondName": "family"}
ADDRESS = {
    "prs_MailingCountry": "country",
    "prs_MailingState": "state",
    "prs_MailingCity": "city",
    "prs_MailingStreet": "street",
    "prs_MailingPostalCode": "postal_code",
    "prs_MailingLongitude": "longitude",
    "prs_MailingLatitude": "latitude",
}
NATIONAL_ID = "identity_card"
CASE_CODES = {
    "prs_AgeBand": "age_band",
    "cas_ClosureReason": "closure_reason",
    "cas_Region": "region",
    "cas_RiskLevel": "risk_level",
    "cas_Route": "route",
}
CASE_DAYS = {"cas_RegistrationDate": "registered_on", "cas_EndDate": "ended_on", "cas_ClosureDate": "closed_on"}
EXPLOITATION_CODE = {
    "vic_RelationshipToTrafficker": "recruiter_relation",
    "vic_RecruiterDetail": "recruiter_detail",
    "vic_RegionOfExploitation": "exploitation_region",
}
EXPLOITATION_CODES = {
    "vic_RecruitmentWebsitesAndApps": "recruitment_platforms",
    "vic_MethodOfRecruitment": "recruitment_methods",
    "vic_MethodsOfControl": "means_of_control",
    "vic_TypeOfExploitation": "forms",
    "vic_ForcedLabourIndustry": "labour_sections",
    "vic_TypeOfSexExploitation": "sexual_kinds",
    "vic_ExploitationWebsitesAndApps": "exploitation_platforms",
    "vic_Acts": "acts",
    "vic_Means": "means",
}
EXPLOITATION_DAYS = {"vic_ExploitationStartDate": "started_on", "vic_ExploitationEndDate": "ended_on"}
STATUSES = {"FollowUp": "follow_up", "Closed": "closed", "ClosedReferred": "closed"}
TRAFFICKING = {
    "ActualVictimOfTrafficking": "identified",
    "NotAVictimOfTrafficking": "not_identified",
    "PossibleVictimOfTrafficking": "presumed",
}
DECIDERS = {
    "Police": "internal_affairs",
    "NGO": "ngo",
    "CourtOrProsecution": "court",
    "NonPoliceGovernmentalOrganization": "social_protection",
}
DECIDER_OF = {"prosecution": "CourtOrProsecution", "crisis_centre": "NGO"} | {v: k for k, v in DECIDERS.items()}
POLICE_TRACK = {"internal_affairs", "prosecution", "court", "border_service"}


def list_of(column: str) -> str:
    """Return the name of the code list of a column."""
    return file_columns()[column].list_name


def is_day(text: str) -> bool:
    """Return whether a canonical date cell holds a day and not an answer state."""
    return bool(text) and text[0].isdigit()


def as_day(text: str) -> date | None:
    """Return the day of a canonical date cell; None for an answer state or ''."""
    return date.fromisoformat(text) if is_day(text) else None


# -- the person --------------------------------------------------------------------------------------------------------


def build_identity(base: Identity, values: Values) -> Identity:
    """Return the identity with the columns of `values` set; other values of `base` stay."""
    identity = copy.deepcopy(base)
    identity.pop("htcds", None)
    set_name(identity, values)
    if is_day(values.get("prs_Birthdate", "")):
        identity["birth_date"] = values["prs_Birthdate"]
    if gender := values.get("prs_Gender"):
        identity["gender"] = code_of("gender", gender)
    if citizenship := values.get("prs_Citizenship"):
        identity["citizenships"] = codes_of("country", citizenship)
    if number := values.get("prs_IdentityNumber"):
        other_documents = [
            document for document in identity.get("documents", []) if document is not exported_document(identity)
        ]
        identity["documents"] = [PaperDocument(kind=NATIONAL_ID, number=number), *other_documents]
    if email := values.get("prs_Email"):
        identity["email"] = email
    phones = [values[column] for column in ("prs_MobilePhone", "prs_HomePhone") if column in values]
    if phones:
        identity["phones"] = phones + [phone for phone in identity.get("phones", []) if phone not in phones]
    if address := {key: values[column] for column, key in ADDRESS.items() if column in values}:
        identity["address"] = address
    home = {"prs_HomePhone": values["prs_HomePhone"]} if "prs_HomePhone" in values else {}
    derived = flat_identity({**identity, "htcds": home})
    if rest := home | {c: v for c, v in values.items() if file_columns()[c].identity and derived.get(c) != v}:
        identity["htcds"] = rest
    return identity


def set_name(identity: Identity, values: Values) -> None:
    """Set the parts of the main name, as the first name."""
    if parts := {key: values[column] for column, key in NAME_PARTS.items() if column in values}:
        names = identity.get("names", [])
        others = [name for name in names if name.get("kind", "main") != "main"]
        identity["names"] = [Name(kind="main", **parts), *others]  # type: ignore[typeddict-item]


def exported_document(identity: Identity) -> PaperDocument | None:
    """Return the document whose number is exported: a national identity card, else the first."""
    documents = identity.get("documents", [])
    return next(
        (document for document in documents if document.get("kind") == NATIONAL_ID), documents[0] if documents else None
    )


def flat_identity(identity: Identity) -> Values:
    """Return the columns of an identity."""
    extra = identity.get("htcds", {})
    values: Values = {}
    name = next((n for n in identity.get("names", []) if n.get("kind", "main") == "main"), Name())
    for column, part in NAME_PARTS.items():
        values[column] = str(name.get(part, ""))
    values["prs_Birthdate"] = identity.get("birth_date", "")
    values["prs_Gender"] = name_of("gender", identity.get("gender", ""))
    values["prs_Citizenship"] = join_names("country", identity.get("citizenships", []))
    document = exported_document(identity)
    values["prs_IdentityNumber"] = document.get("number", "") if document else ""
    values["prs_Email"] = identity.get("email", "")
    phones, home = list(identity.get("phones", [])), extra.get("prs_HomePhone", "")
    if home in phones:
        phones.reverse()  # remove the last of two equal numbers: the mobile number comes first
        phones.remove(home)
        phones.reverse()
        values["prs_HomePhone"] = home
    values["prs_MobilePhone"] = phones[0] if phones else ""
    for column, key in ADDRESS.items():
        values[column] = identity.get("address", {}).get(key, "")
    values |= {column: text for column, text in extra.items() if not values.get(column)}
    return {column: text for column, text in values.items() if text}


# -- the case ----------------------------------------------------------------------------------------------------------


def case_fields(values: Values) -> dict[str, Any]:
    """Return the registration fields from the columns of a case."""
    fields: dict[str, Any] = {
        field: code_of(list_of(column), values[column]) for column, field in CASE_CODES.items() if column in values
    }
    fields |= {field: as_day(values[column]) for column, field in CASE_DAYS.items() if is_day(values.get(column, ""))}
    if "prs_OriginCountry" in values:
        fields["origin_country"] = code_of("country", values["prs_OriginCountry"])
    is_referred = "cas_ReferringOrganisation" in values
    if is_referred:
        # a person referred by another agency was not detected independently
        fields.setdefault("route", "agency")
    is_independent = flag_value(values.get("cas_DetectedIndependently", ""))
    fields["detected_independently"] = not is_referred if is_independent is None else is_independent
    return fields | lifecycle_fields(values)


def lifecycle_fields(values: Values) -> dict[str, Any]:
    """Return status and closure: ClosedReferred is closed by transfer.

    A closure without a day gets the day on which the case ended.
    """
    name = values.get("cas_Status", "")
    fields: dict[str, Any] = {"status": STATUSES[name]} if name in STATUSES else {}
    if fields.get("status") == "closed" and not is_day(values.get("cas_ClosureDate", "")):
        fields["closed_on"] = as_day(values.get("cas_EndDate", ""))
    if name == "ClosedReferred" and "cas_ClosureReason" not in values:
        fields["closure_reason"] = "transferred"
    return fields


def exploitation_fields(values: Values, events: Iterable[Values]) -> dict[str, Any]:
    """Return the fields of the main exploitation; {} without any values.

    Countries come from the event rows.
    """
    fields: dict[str, Any] = {}
    for column, field in EXPLOITATION_CODE.items():
        if column in values:
            fields[field] = code_of(list_of(column), values[column])
    for column, field in EXPLOITATION_CODES.items():
        if column in values:
            fields[field] = codes_of(list_of(column), values[column])
    for column, field in EXPLOITATION_DAYS.items():
        if is_day(values.get(column, "")):
            fields[field] = as_day(values[column])
    if values.get("vic_AgeWhenTrafficked", "").isdigit():
        fields["age_when_trafficked"] = int(values["vic_AgeWhenTrafficked"])
    if fields.get("forms"):
        fields["main_form"] = fields["forms"][0]
        fields["forms"] = [form for form in fields["forms"] if form not in STATE_NAMES]
    return fields | journey_countries(events)


def journey_countries(events: Iterable[Values]) -> dict[str, Any]:
    """Return the first country of recruitment and of exploitation, and all transit countries."""
    fields: dict[str, Any] = {}
    for event in events:
        country = country_code(event.get("hte_Country", ""))
        if not country:
            continue
        if event.get("hte_Type") == "Transit":
            transit = fields.setdefault("transit_countries", [])
            if country not in transit:
                transit.append(country)
        elif event.get("hte_Type") in {"Exploitation", "Recruitment"}:
            fields.setdefault(f"{event['hte_Type'].lower()}_country", country)
    return fields


def country_code(text: str) -> str:
    """Return the code of a country written as code or name; '' when it is neither."""
    code = read_code("country", text)
    return code if len(code) == 2 and code.isupper() else ""


def flat_case(case: Case, episode: Exploitation | None) -> Values:
    """Return the columns of a case and its main exploitation, without supplement and group rows."""
    values: Values = {
        column: name_of(list_of(column), code) for column, field in CASE_CODES.items() if (code := getattr(case, field))
    }
    values |= {column: day.isoformat() for column, field in CASE_DAYS.items() if (day := getattr(case, field))}
    values["cas_Status"] = to_htcds("case_status", case.status)
    if case.status == "closed" and case.closure_reason == "transferred":
        values["cas_Status"] = "ClosedReferred"
    values["cas_DetectedIndependently"] = "true" if case.detected_independently else "false"
    if case.origin_country:
        values["prs_OriginCountry"] = name_of("country", case.origin_country)
    if case.gender:
        values["prs_Gender"] = name_of("gender", case.gender)
    if case.citizenships:
        values["prs_Citizenship"] = join_names("country", case.citizenships)
    return values | flat_episode(episode) if episode else values


def flat_episode(episode: Exploitation) -> Values:
    """Return the columns of an exploitation, with the main form first."""
    values: Values = {}
    for column, field in EXPLOITATION_CODE.items():
        if code := getattr(episode, field):
            values[column] = name_of(list_of(column), code)
    for column, field in EXPLOITATION_CODES.items():
        values_of_field = getattr(episode, field)
        if field == "forms" and episode.main_form:
            values_of_field = [episode.main_form, *(form for form in values_of_field if form != episode.main_form)]
        if values_of_field:
            values[column] = join_names(list_of(column), values_of_field)
    for column, field in EXPLOITATION_DAYS.items():
        if day := getattr(episode, field):
            values[column] = day.isoformat()
    if episode.age_when_trafficked is not None:
        values["vic_AgeWhenTrafficked"] = str(episode.age_when_trafficked)
    return values


def victim_status(case: Case, decisions: Iterable[Any]) -> Values:
    """Return the HTCDS status of a case and the authority behind it; the latest decision is the last."""
    concluded = [(decision.resulting_status, decision.authority_kind) for decision in decisions]
    return trafficking_status({case.social_status, case.police_status}, concluded)


def trafficking_status(statuses: set[str], decisions: Iterable[tuple[str, str]]) -> Values:
    """Return the HTCDS status from the statuses of both tracks and the (status, authority) decisions.

    Identified by one track is identified. Declined and lost become possible, since the standard has no such status.
    """
    names = {status: name for name, status in TRAFFICKING.items()}
    status = next((status for status in ("identified", "not_identified") if status in statuses), "presumed")
    deciders = [kind for decided, kind in decisions if decided == status]
    decider = DECIDER_OF.get(deciders[-1], "") if deciders else ""
    values = {"vic_TraffickingStatus": names[status], "vic_TraffickingStatusDecisionMakingOrg": decider}
    return {name: text for name, text in values.items() if text}


def event_rows(episode: Exploitation | None, rows: list[Values]) -> list[Values]:
    """Return the event rows of the file, and a row for each country of the exploitation without one."""
    if episode is None:
        return rows
    countries = [("Recruitment", episode.recruitment_country), ("Exploitation", episode.exploitation_country)]
    countries[1:1] = [("Transit", country) for country in episode.transit_countries]
    named = {(event.get("hte_Type", ""), country_code(event.get("hte_Country", ""))) for event in rows}
    added = [
        {"hte_Type": kind, "hte_Country": name_of("country", country)}
        for kind, country in countries
        if country and (kind, country) not in named
    ]
    return [*rows, *added]


# -- the supplement ----------------------------------------------------------------------------------------------------


def build_supplement(values: Values, derived: Values, groups: Groups) -> dict[str, Any]:
    """Return the values that the register cannot hold exactly, what it holds instead, and group rows."""
    inexact = {c: v for c, v in values.items() if not is_same_value(file_columns()[c], derived.get(c, ""), v)}
    instead = {column: derived[column] for column in inexact if derived.get(column)}
    parts = {"values": inexact, "instead": instead} | {name: groups.get(name, []) for name in ("hte", "ref", "spl")}
    return {name: part for name, part in parts.items() if part}


def with_supplement(derived: Values, supplement: dict[str, Any]) -> Values:
    """Return the values of a case, with those of the supplement while the register's are unchanged."""
    instead = supplement.get("instead", {})
    inexact = supplement.get("values", {})
    return derived | {name: text for name, text in inexact.items() if derived.get(name, "") == instead.get(name, "")}
