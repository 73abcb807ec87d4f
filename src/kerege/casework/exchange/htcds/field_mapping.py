"""Between the columns of an exchange file and what the register stores, in both directions.

What the register holds exactly goes to its own place. Whatever it cannot say exactly (a field without a column, an
answer state instead of a number) is kept beside it as the file said it: in the identity for people's values, in the
case's sealed supplement for the rest; it counts until the register itself says something else.
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
# columns of a person that are no identity: they also live, coded or in the supplement, on her cases
PERSON_CODES = {"prs_Gender": "gender", "prs_OriginCountry": "origin_country"}
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
    """The code list of a column."""
    return file_columns()[column].list_name


def is_day(text: str) -> bool:
    """Whether a canonical date cell holds a day and not an answer state."""
    return bool(text) and text[0].isdigit()


def as_day(text: str) -> date | None:
    """The day of a canonical date cell."""
    return date.fromisoformat(text) if is_day(text) else None


# -- the person --------------------------------------------------------------------------------------------------------


def build_identity(base: Identity, values: Values) -> Identity:
    """The identity with the columns of `values` set; everything else of `base` (aliases, papers) stays."""
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
        others = [paper for paper in identity.get("documents", []) if paper is not exported_document(identity)]
        identity["documents"] = [PaperDocument(kind=NATIONAL_ID, number=number), *others]
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
    """Set the parts of the main name; it stands first."""
    if parts := {key: values[column] for column, key in NAME_PARTS.items() if column in values}:
        names = identity.get("names", [])
        others = [name for name in names if name.get("kind", "main") != "main"]
        identity["names"] = [Name(kind="main", **parts), *others]  # type: ignore[typeddict-item]


def exported_document(identity: Identity) -> PaperDocument | None:
    """The paper whose number is exported: a national id, else the first."""
    papers = identity.get("documents", [])
    return next((paper for paper in papers if paper.get("kind") == NATIONAL_ID), papers[0] if papers else None)


def flat_identity(identity: Identity) -> Values:
    """The columns that an identity fills."""
    kept = identity.get("htcds", {})
    values: Values = {}
    name = next((n for n in identity.get("names", []) if n.get("kind", "main") == "main"), Name())
    for column, part in NAME_PARTS.items():
        values[column] = str(name.get(part, ""))
    values["prs_Birthdate"] = identity.get("birth_date", "")
    values["prs_Gender"] = name_of("gender", identity.get("gender", ""))
    values["prs_Citizenship"] = join_names("country", identity.get("citizenships", []))
    paper = exported_document(identity)
    values["prs_IdentityNumber"] = paper.get("number", "") if paper else ""
    values["prs_Email"] = identity.get("email", "")
    phones, home = list(identity.get("phones", [])), kept.get("prs_HomePhone", "")
    if home in phones:
        phones.reverse()  # the mobile number comes first, so that of two equal ones the last is the home's
        phones.remove(home)
        phones.reverse()
        values["prs_HomePhone"] = home
    values["prs_MobilePhone"] = phones[0] if phones else ""
    for column, key in ADDRESS.items():
        values[column] = identity.get("address", {}).get(key, "")
    values |= {column: text for column, text in kept.items() if not values.get(column)}
    return {column: text for column, text in values.items() if text}


# -- the case ----------------------------------------------------------------------------------------------------------


def case_fields(values: Values) -> dict[str, Any]:
    """Fields of a registration that the columns of a case fill."""
    fields: dict[str, Any] = {
        field: code_of(list_of(column), values[column]) for column, field in CASE_CODES.items() if column in values
    }
    fields |= {field: as_day(values[column]) for column, field in CASE_DAYS.items() if is_day(values.get(column, ""))}
    if "prs_OriginCountry" in values:
        fields["origin_country"] = code_of("country", values["prs_OriginCountry"])
    referred = "cas_ReferringOrganisation" in values
    if referred:
        # who was sent here by another agency was not detected independently
        fields.setdefault("route", "agency")
    independent = flag_value(values.get("cas_DetectedIndependently", ""))
    fields["detected_independently"] = not referred if independent is None else independent
    return fields | lifecycle_fields(values)


def lifecycle_fields(values: Values) -> dict[str, Any]:
    """Status and closure; ClosedReferred is closed by transfer, and a closure without a day has that of the end."""
    name = values.get("cas_Status", "")
    fields: dict[str, Any] = {"status": STATUSES[name]} if name in STATUSES else {}
    if fields.get("status") == "closed" and not is_day(values.get("cas_ClosureDate", "")):
        fields["closed_on"] = as_day(values.get("cas_EndDate", ""))
    if name == "ClosedReferred" and "cas_ClosureReason" not in values:
        fields["closure_reason"] = "transferred"
    return fields


def exploitation_fields(values: Values, events: Iterable[Values]) -> dict[str, Any]:
    """Fields of the main exploitation; countries come from the history of events. {} when nothing was told."""
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
    """Countries of recruitment, transit and exploitation, the first of each told."""
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
    """The code of a country written as code or name; '' when it is neither."""
    code = read_code("country", text)
    return code if len(code) == 2 and code.isupper() else ""


def flat_case(case: Case, episode: Exploitation | None) -> Values:
    """The columns that a case and its main exploitation fill, without the supplement and the rows of groups."""
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
    """The columns of an exploitation; the main form stands first."""
    values: Values = {}
    for column, field in EXPLOITATION_CODE.items():
        if code := getattr(episode, field):
            values[column] = name_of(list_of(column), code)
    for column, field in EXPLOITATION_CODES.items():
        several = getattr(episode, field)
        if field == "forms" and episode.main_form:
            several = [episode.main_form, *(form for form in several if form != episode.main_form)]
        if several:
            values[column] = join_names(list_of(column), several)
    for column, field in EXPLOITATION_DAYS.items():
        if day := getattr(episode, field):
            values[column] = day.isoformat()
    if episode.age_when_trafficked is not None:
        values["vic_AgeWhenTrafficked"] = str(episode.age_when_trafficked)
    return values


def victim_status(case: Case, decisions: Iterable[Any]) -> Values:
    """The HTCDS status and who asserts it, from both statuses of a case and its decisions, the latest last."""
    made = [(decision.resulting_status, decision.authority_kind) for decision in decisions]
    return trafficking_status({case.social_status, case.police_status}, made)


def trafficking_status(statuses: set[str], decisions: Iterable[tuple[str, str]]) -> Values:
    """The same from the statuses of both tracks and (status, kind of authority) of the decisions.

    Identified by one track is identified; declined or lost is possible, as the standard knows nothing else.
    """
    told = {status: name for name, status in TRAFFICKING.items()}
    status = next((status for status in ("identified", "not_identified") if status in statuses), "presumed")
    deciders = [kind for made, kind in decisions if made == status]
    decider = DECIDER_OF.get(deciders[-1], "") if deciders else ""
    values = {"vic_TraffickingStatus": told[status], "vic_TraffickingStatusDecisionMakingOrg": decider}
    return {name: text for name, text in values.items() if text}


def event_rows(episode: Exploitation | None, told: list[Values]) -> list[Values]:
    """The history as it was told, and a line for each country of the exploitation that the history does not name."""
    if episode is None:
        return told
    countries = [("Recruitment", episode.recruitment_country), ("Exploitation", episode.exploitation_country)]
    countries[1:1] = [("Transit", country) for country in episode.transit_countries]
    named = {(event.get("hte_Type", ""), country_code(event.get("hte_Country", ""))) for event in told}
    more = [
        {"hte_Type": kind, "hte_Country": name_of("country", country)}
        for kind, country in countries
        if country and (kind, country) not in named
    ]
    return [*told, *more]


# -- the supplement ----------------------------------------------------------------------------------------------------


def build_supplement(values: Values, derived: Values, groups: Groups) -> dict[str, Any]:
    """What the register cannot say: given values, what it says instead (where it says anything), and told groups."""
    kept = {c: v for c, v in values.items() if not is_same_value(file_columns()[c], derived.get(c, ""), v)}
    instead = {column: derived[column] for column in kept if derived.get(column)}
    parts = {"values": kept, "instead": instead} | {name: groups.get(name, []) for name in ("hte", "ref", "spl")}
    return {name: part for name, part in parts.items() if part}


def with_supplement(derived: Values, supplement: dict[str, Any]) -> Values:
    """The values of a case: what the file said counts as long as the register says what it said then."""
    instead = supplement.get("instead", {})
    kept = supplement.get("values", {})
    return derived | {name: text for name, text in kept.items() if derived.get(name, "") == instead.get(name, "")}
