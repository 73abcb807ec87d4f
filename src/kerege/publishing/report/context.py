"""Content from outside the releases: cited world figures, the article's claims, the hotline number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kerege.publishing.report.facts import DayFact, Facts, TextFact
from kerege.publishing.report.localiser import get_localiser
from kerege.vocabulary import profile, reference_figures
from kerege.vocabulary.languages import text_in

# Entries of the context box in order: figures with their unit, then statements.
FIGURES = {"world.traffickers_in_organised_crime_percent": "%", "world.officially_reported_cases": ""}
WORLD_DAY = (7, 30)  # World Day Against Trafficking in Persons: UN General Assembly resolution 68/192
STATEMENTS = ("world.world_day", "world.campaign_2025", "programme.start_year", "law.year", "law.drafted_by")


@dataclass(frozen=True)
class Quote:
    """Figure or statement cited from outside, with its source."""

    value: str
    text: str
    source: str


def hotline_number() -> str:
    """Return the hotline number of the country profile."""
    return profile.active().hotline.number


def hotline_mark(words: Mapping[str, str]) -> str:
    """Return the remark that no lawyer has confirmed the hotline number; nothing when one has."""
    return _mark(profile.active().hotline.confirmed, words)


def further_phones(lang: str, words: Mapping[str, str]) -> str:
    """Return the further telephone numbers of the country profile as sentences, each with its mark."""
    return " ".join(
        f"{phone.name.in_language(lang)}: {phone.number}{_mark(phone.confirmed, words)}."
        for phone in profile.active().phones
    )


def _mark(confirmed: bool, words: Mapping[str, str]) -> str:
    return "" if confirmed else f" ({words['hotline_unconfirmed']})"


def home_country() -> str:
    """Return the ISO code of the profile's country."""
    return profile.active().country


def _values() -> dict[str, object]:
    return {entry["id"]: entry["value"] for entry in reference_figures.context()}


def context_facts(year: int) -> Facts:
    """Return the facts of the context file and the profile that sentences may use."""
    law_year = _values().get("law.year")
    return {
        "world_day": DayFact(date(year, *WORLD_DAY), year=False),
        "law_year": TextFact(str(law_year)) if law_year else None,
        "hotline": TextFact(hotline_number()),
    }


def quotes(lang: str) -> tuple[Quote, ...]:
    """Return the entries of the context box, each with its source."""
    entries = {entry["id"]: entry for entry in reference_figures.context()}
    known_entries = [entries[name] for name in (*FIGURES, *STATEMENTS) if name in entries]
    return tuple(
        Quote(_value(lang, entry["id"], entry["value"]), text_in(entry, lang), text_in(entry["source"], lang))
        for entry in known_entries
    )


def quoted(name: str, lang: str) -> Quote:
    """Return one quoted figure by its id. Raises KeyError."""
    entry = {item["id"]: item for item in reference_figures.context()}[name]
    return Quote(_value(lang, name, entry["value"]), text_in(entry, lang), text_in(entry["source"], lang))


def _value(lang: str, name: str, value: object) -> str:
    if name not in FIGURES or not isinstance(value, int):
        return ""
    unit = FIGURES[name]
    gap = "\u00a0" if unit and lang == "ru" else ""
    return f"{get_localiser(lang).number(value)}{gap}{unit}"


def has_article() -> bool:
    """Return whether the country's pack holds the claims of a founding article."""
    return bool(reference_figures.claims())


def claim_texts(lang: str) -> dict[int, str]:
    """Return the article's claims in our own wording, by number."""
    return {claim.id: claim.texts[lang] for claim in reference_figures.claims()}
