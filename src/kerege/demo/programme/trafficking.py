"""Coded episodes of exploitation, with a realistic share of missing values."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from kerege.demo.programme.draw import day, pick, some
from kerege.demo.programme.people import BANDS

LABOUR = {"forced_labour", "servitude", "child_labour"}
SECTIONS = {
    "forced_labour": {"F": 0.42, "A": 0.33, "I": 0.07, "C": 0.06, "G": 0.06, "H": 0.03, "S": 0.03},
    "child_labour": {"A": 0.45, "G": 0.35, "I": 0.2},
    "servitude": {"T": 0.9, "A": 0.1},
}
SEXUAL_KINDS = {"prostitution": 0.85, "private_services": 0.12, "remote_interactive": 0.07, "pornography": 0.06}
ACTS = {
    "recruitment": 0.8,
    "transportation": 0.55,
    "harbouring": 0.45,
    "receipt": 0.2,
    "exploitation": 0.85,
    "sale": 0.08,
}
MEANS = {
    "deception": 0.75,
    "abuse_of_vulnerability": 0.5,
    "coercion": 0.35,
    "force": 0.2,
    "fraud": 0.2,
    "abduction": 0.03,
}
CONTROL = {
    "withholds_documents": 0.55,
    "takes_earnings": 0.5,
    "false_promises": 0.55,
    "debt_bondage": 0.3,
    "excessive_working_hours": 0.4,
    "psychological_abuse": 0.4,
    "physical_abuse": 0.25,
    "physical_threats": 0.25,
    "restricts_financial_access": 0.2,
    "withholds_necessities": 0.15,
    "restricts_medical_care": 0.12,
    "threats_law_enforcement": 0.12,
}
RECRUITMENT = {
    "through_friends_or_social_events": 0.4,
    "through_family_or_family_events": 0.12,
    "at_work": 0.1,
    "at_a_place_of_business": 0.15,
    "through_a_newspaper_advert": 0.12,
    "other": 0.1,
}
ONLINE = {"through_online_social_networks": 0.3, "through_an_online_advertisement": 0.25}
PLATFORMS = {"telegram": 0.3, "whats_app": 0.35, "instagram": 0.25, "facebook": 0.1, "other": 0.15, "tik_tok": 0.08}
RELATION = {"unacquainted": 0.48, "acquainted": 0.36, "familial": 0.06, "unknown": 0.06, "not_asked": 0.04}
DETAIL = {"acquainted": {"friend": 0.6, "other": 0.3, "intimate_partner": 0.1}, "familial": {"family": 1.0}}
REGIONS = {
    "61": 0.16,
    "79": 0.1,
    "75": 0.13,
    "19": 0.1,
    "35": 0.11,
    "71": 0.09,
    "15": 0.06,
    "31": 0.06,
    "43": 0.04,
    "39": 0.04,
    "47": 0.04,
    "55": 0.03,
    "11": 0.04,
}


def episode(rng: Random, row: dict[str, str], on: date) -> dict[str, Any]:
    """Return the main episode of exploitation of a person registered on a day, as fields of Exploitation."""
    form, country = row["form"], row.get("destination", "KZ")
    ended = on - timedelta(days=rng.randrange(120))
    values: dict[str, Any] = {
        "main": True,
        "main_form": form,
        "forms": [form, *further_forms(rng, form, row["sex"])],
        "exploitation_country": country,
        "acts": with_missing(rng, some(rng, ACTS), 0.15),
        "means": with_missing(
            rng, some(rng, MEANS), 0.12 if "age" not in row or row["age"] not in {"0_8", "9_17"} else 0.5
        ),
        "means_of_control": with_missing(rng, some(rng, CONTROL | more_control(form)), 0.18),
        "recruitment_country": row["origin"] if rng.random() < 0.7 else "",
        "started_on": ended - timedelta(days=rng.randrange(20, 700)) if rng.random() < 0.7 else None,
        "ended_on": ended if rng.random() < 0.8 else None,
        **kinds(rng, form),
        **recruitment(rng, on.year),
    }
    if country == "KZ" and rng.random() < 0.8:
        values["exploitation_region"] = pick(rng, REGIONS)
    if country not in {"KZ", row["origin"]} and rng.random() < 0.25:
        values["transit_countries"] = [pick(rng, {"TR": 1.0, "RU": 1.0, "GE": 0.5})]
    if row["age"] and rng.random() < 0.5:
        values["age_when_trafficked"] = max(0, BANDS[row["age"]][0] - rng.randrange(3))
    return {key: value for key, value in values.items() if value not in ("", None, [])}


def with_missing(rng: Random, values: list[str], missing: float) -> list[str]:
    """Return the values, [] (not reported) or, in a few cases, "unknown"."""
    if rng.random() < missing:
        return []
    if not values or rng.random() < 0.04:
        return ["unknown"]
    return values


def further_forms(rng: Random, form: str, sex: str) -> list[str]:
    """Return forms of exploitation beside the main one."""
    if form in LABOUR and rng.random() < (0.05 if sex == "female" else 0.01):
        return ["sexual_exploitation"]
    if form == "sexual_exploitation" and rng.random() < 0.04:
        return ["forced_labour"]
    if form in LABOUR and rng.random() < 0.02:
        return ["begging"]
    return []


def more_control(form: str) -> dict[str, float]:
    """Return the probabilities of means of control that are typical of a form."""
    if form == "sexual_exploitation":
        return {"sexual_abuse": 0.45, "excessive_working_hours": 0.1, "psychoactive_substance": 0.12}
    return {}


def kinds(rng: Random, form: str) -> dict[str, Any]:
    """Return the economic section of labour or the kinds of sexual exploitation."""
    if form in SECTIONS and rng.random() < 0.92:
        return {"labour_sections": [pick(rng, SECTIONS[form])]}
    if form == "sexual_exploitation" and rng.random() < 0.85:
        return {"sexual_kinds": some(rng, SEXUAL_KINDS) or ["prostitution"]}
    return {}


def recruitment(rng: Random, year: int) -> dict[str, Any]:
    """Return method, platform and recruiter; online methods occur from 2016 on."""
    if rng.random() < 0.15:
        return {}
    relation = pick(rng, RELATION)
    methods = some(rng, RECRUITMENT | (ONLINE if year >= 2016 else {})) or ["other"]
    online = any("online" in method for method in methods)
    return {
        "recruitment_methods": methods,
        "recruitment_platforms": some(rng, PLATFORMS) if online else [],
        "recruiter_relation": relation,
        "recruiter_detail": pick(rng, DETAIL[relation]) if relation in DETAIL else "",
    }


def within(rng: Random, year: int, last: tuple[int, int] = (12, 18), first: tuple[int, int] = (1, 5)) -> date:
    """Return a day of a year between two (month, day)."""
    return day(rng, date(year, *first), date(year, *last))
