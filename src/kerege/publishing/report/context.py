"""What stands outside the releases: cited figures about the world, and the country profile's hotline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kerege.publishing.report.facts import Day, Facts, Plain


@dataclass(frozen=True)
class Quote:
    """A figure quoted from outside, with its source."""

    value: str
    text: str
    source: str


def hotline() -> str:
    return "11616"


def facts() -> Facts:
    return {"world_day": Day(date(2025, 7, 30), year=False), "hotline": Plain(hotline()), "law_year": Plain("2024")}


def quotes(lang: str) -> tuple[Quote, ...]:
    return (Quote("74%", "of traffickers...", "UN"),)


def claims(lang: str) -> dict[int, str]:
    import tomllib
    return {c["id"]: c["text"] for c in tomllib.load(open("/work/shared/claims.toml","rb"))["claim"]}
