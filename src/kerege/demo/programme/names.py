"""Names composed from lists of common given names and surnames, and the spellings that agencies use."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from random import Random

from kerege.vocabulary.languages import offered
from kerege.vocabulary.pack import active_pack

CULTURES = {
    "KZ": "kk",
    "UZ": "uz",
    "KG": "ky",
    "RU": "ru",
    "BY": "ru",
    "TJ": "tg",
    "UA": "uk",
    "MN": "mn",
    "TM": "tk",
    "PH": "ph",
}
# letters of other alphabets as a Russian-speaking clerk writes them
RUSSIFIED = str.maketrans("әғқңөұүһіҳўҷҚҒӘҢӨҰҮҺІҲЎҶӣӯєїЄґ", "агкноуухихужКГАНОУУХИХУЖиуеиЕг")
PASSPORT = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "yo",
            "zh",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "",
            "y",
            "",
            "e",
            "yu",
            "ya",
        ],
        strict=True,
    )
)
KAZAKH_LATIN = PASSPORT | dict(zip("әғқңөұүһійы", "äğqñöūühiiy", strict=True)) | {"ш": "ş", "ж": "j"}
UZBEK_LATIN = PASSPORT | {"ў": "oʻ", "қ": "q", "ғ": "gʻ", "ҳ": "h", "х": "x", "ж": "j", "э": "e", "е": "e", "ъ": "ʼ"}
# pairs of romanisations in passports; one spelling of a pair is used throughout a name
VARIANTS = [("zh", "j"), ("kh", "h"), ("y", "i"), ("yo", "e"), ("ya", "ia"), ("yu", "iu")]


@dataclass(frozen=True)
class Named:
    """A person's name in their own language, with the father's given name."""

    culture: str
    family: str
    given: str
    father: str
    female: bool


@cache
def lists() -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the name lists by (culture, kind)."""
    text = resources.files(__package__).joinpath("data/names.csv").read_text("utf-8")
    return {(row["culture"], row["kind"]): tuple(row["names"].split()) for row in csv.DictReader(text.splitlines())}


def compose(rng: Random, origin: str, female: bool) -> Named:
    """Return a plausible name for the country of origin."""
    culture = culture_of(origin)
    if culture == "kk" and rng.random() < 0.18:
        culture = "ru"
    given = rng.choice(lists()[culture, "given_f" if female else "given_m"])
    father = rng.choice(lists()[culture, "given_m"])
    return Named(culture, gendered(rng.choice(lists()[culture, "family"]), female), given, father, female)


def culture_of(origin: str) -> str:
    """Return the culture whose names people of a country have.

    In a pack of another country, its people take the place of those from Kazakhstan, and the reverse. They have names
    of its languages where there are lists of such names.
    """
    country = active_pack().country
    here = {"KZ": country, country: "KZ"}.get(origin, origin)
    if here == country and here not in CULTURES:
        return next((tag for tag in offered() if (tag, "family") in lists() and tag != "ru"), "xx")
    return CULTURES.get(here, "xx")


def gendered(family: str, female: bool) -> str:
    """Return the feminine form of a surname where the language has one."""
    return family + "а" if female and family.endswith(("ов", "ев", "ёв", "ин")) else family


def russian_patronymic(name: Named) -> str:
    """Return the patronymic in Russian; '' where the culture has none."""
    if name.culture in {"mn", "ph", "xx"}:
        return ""
    father = russified(name.father)
    if father.endswith(("й", "ь")):
        base = father[:-1] + "ев"
    elif father[-1] in "аяоеиуы":
        base = father + "ев"
    else:
        base = father + "ов"
    return base + ("на" if name.female else "ич")


def own_patronymic(name: Named) -> str:
    """Return the patronymic in the person's own language."""
    endings = {"kk": ("ұлы", "қызы"), "uz": (" ўғли", " қизи"), "ky": (" уулу", " кызы")}
    if name.culture not in endings:
        return russian_patronymic(name)
    return name.father + endings[name.culture][name.female]


def russified(text: str) -> str:
    """Write a name with the letters of the Russian alphabet."""
    plain = text.translate(RUSSIFIED)
    return plain + "ь" if plain != text and plain.endswith(("ул", "сел")) else plain


def in_latin(text: str, table: dict[str, str]) -> str:
    """Romanise a name by a table; a letter that the table lacks is russified first."""
    out = []
    for letter in text:
        low = letter.lower()
        latin = table.get(low, PASSPORT.get(russified(low)[:1], low))
        out.append(latin.capitalize() if letter != low else latin)
    return "".join(out)


def passport(rng: Random, text: str) -> str:
    """Romanise a name as in a passport, by one of the usual romanisations."""
    latin = in_latin(text, PASSPORT)
    for usual, variant in VARIANTS:
        if rng.random() < 0.2:
            latin = latin.replace(usual, variant).replace(usual.capitalize(), variant.capitalize())
    return latin


Parts = dict[str, str]


def written(rng: Random, name: Named, style: str) -> Parts:
    """Return the parts of a name in a style: own, russian, passport or latin (the new Kazakh alphabet)."""
    if name.culture == "ph":
        return {"family": name.family, "given": name.given}
    if style == "russian":
        parts = {"family": russified(name.family), "given": russified(name.given), "middle": russian_patronymic(name)}
    elif style == "passport":
        parts = {"family": passport(rng, name.family), "given": passport(rng, name.given)}
    elif style == "latin":
        table = UZBEK_LATIN if name.culture == "uz" else KAZAKH_LATIN
        parts = {"family": in_latin(name.family, table), "given": in_latin(name.given, table)}
    else:
        parts = {"family": name.family, "given": name.given, "middle": own_patronymic(name)}
    if rng.random() < 0.4:
        parts.pop("middle", None)
    return {key: value for key, value in parts.items() if value}


# weights of the styles by kind of agency
HABITS = {
    "internal_affairs": {"russian": 0.7, "own": 0.25, "passport": 0.05},
    "crisis_centre": {"own": 0.55, "russian": 0.4, "passport": 0.05},
    "ngo": {"russian": 0.5, "own": 0.35, "passport": 0.1, "latin": 0.05},
    "international_organisation": {"passport": 0.8, "russian": 0.2},
    "consulate": {"passport": 0.75, "russian": 0.15, "latin": 0.1},
    "hotline": {"russian": 0.8, "own": 0.2},
    "border_service": {"passport": 0.9, "russian": 0.1},
}
