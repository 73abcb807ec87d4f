"""Invented people: name, birth date within the age band, and the identity that each agency records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from kerege.demo.programme import names
from kerege.demo.programme.draw import pick
from kerege.demo.programme.names import Named

BANDS = {
    "0_8": (2, 8),
    "9_17": (9, 17),
    "18_25": (18, 25),
    "26_30": (26, 30),
    "31_40": (31, 40),
    "41_50": (41, 50),
    "51_plus": (51, 68),
}
GENDERS = {"male": "masculine", "female": "feminine", "transgender": "transgender_feminine"}
LANGUAGES = {"KZ": "kk", "UZ": "uz", "KG": "ky", "RU": "ru", "TJ": "tg", "TM": "tk", "MN": "mn", "UA": "uk", "PH": "tl"}
SAFE_CONTACT = (
    "Тек WhatsApp, 10:00–12:00",
    "Звонить только с 14 до 16",
    "Не звонить, писать сестре",
    "Күндіз ғана",
    "",
)


@dataclass(frozen=True)
class DemoPerson:
    """True attributes of an invented person; agencies record parts of them."""

    key: str
    named: Named
    sex: str
    born: date | None
    origin: str
    citizenship: str
    number: int


def invent(rng: Random, key: str, number: int, row: dict[str, str], on: date) -> DemoPerson:
    """Return a person with the sex, age band (on the day `on`) and origin of a row."""
    band = BANDS.get(row["age"])
    citizenship = pick(rng, {row["origin"]: 0.975, "": 0.025})
    named = names.compose(rng, row["origin"], row["sex"] != "male")
    return DemoPerson(
        key=key,
        named=named,
        sex=row["sex"],
        born=born(rng, band, on) if band else None,
        origin=row["origin"],
        citizenship=citizenship,
        number=number,
    )


def born(rng: Random, band: tuple[int, int], on: date) -> date:
    """Return a birth date that gives an age within the band on a day."""
    age = rng.randint(*band)
    return date(on.year - age, on.month, min(on.day, 28)) - timedelta(days=rng.randrange(360))


def birth_text(rng: Random, person: DemoPerson, band: str, on: date) -> str:
    """Return the birth date as text, coarser than a day only if the age band stays the same."""
    if person.born is None:
        return ""
    full = person.born.isoformat()
    text = pick(rng, {full: 0.62, full[:7]: 0.06, full[:4]: 0.32})
    return text if band_on(text, on) == band else full


def band_on(birth: str, on: date) -> str:
    """Return the age band of a birth date on a day; a year alone gives the age reached in that year."""
    parts = [int(part) for part in birth.split("-")]
    later = len(parts) > 1 and tuple(parts[1:]) > (on.month, on.day)[: len(parts) - 1]
    age = on.year - parts[0] - later
    return next((band for band, (low, high) in BANDS.items() if low - 2 * (low == 2) <= age <= high), "51_plus")


def identity(rng: Random, person: DemoPerson, kind: str, band: str, on: date) -> dict[str, Any]:
    """Return the identity that an agency of a kind records, in its spelling. Missing values have no key."""
    style = pick(rng, names.HABITS.get(kind, {"russian": 1.0}))
    values: dict[str, Any] = {
        "names": [{"kind": "main", **names.written(rng, person.named, style)}],
        "birth_date": birth_text(rng, person, band, on),
        "gender": GENDERS[person.sex],
        "citizenships": [person.citizenship] if person.citizenship else [],
        "languages": languages(rng, person),
    }
    if rng.random() < 0.06:
        values["names"].append(
            {"kind": "alias", "given": rng.choice(["Лола", "Дана", "Алик", "Миша", "Роза", "Тимка"])}
        )
    if rng.random() < 0.35:
        values["documents"] = [document(person)]
    if rng.random() < 0.3:
        values["phones"] = [f"+7000{person.number:07d}"]
        values["safe_contact"] = rng.choice(SAFE_CONTACT)
    return {key: value for key, value in values.items() if value}


def languages(rng: Random, person: DemoPerson) -> list[str]:
    """Return the person's languages, the native one first."""
    own = "ru" if person.named.culture == "ru" else LANGUAGES.get(person.origin, "ru")
    return [own, "ru"] if own != "ru" and rng.random() < 0.7 else [own]


def document(person: DemoPerson) -> dict[str, str]:
    """Return an identity document with an impossible number."""
    kind = "identity_card" if person.origin == "KZ" else "passport"
    return {"kind": kind, "number": f"DEMO{person.number:07d}", "country": person.citizenship or person.origin}
