"""Spelling of one name by one agency.

It has a style (script and rule), a variant (by ear or not) and capitals or not.
"""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.people.ear import by_ear, russified, without_marks
from benchmarks.people.standards import romanised

# Styles of national letters take the name in its own Cyrillic, all others take it in Russian letters.
NATIONAL = ("own", "kk_passport", "kk_2021", "kk_2018", "kk_2017", "uz_latin", "tk_latin", "bgn_kk", "bgn_ky", "bgn_uz",
            "bgn_tg", "iso9", "arabic")  # fmt: skip
RUSSIAN = ("ru", "icao", "bgn_ru", "gost", "french", "turkish", "street")
STYLES = (*NATIONAL, *RUSSIAN)
STYLE = {name: number for number, name in enumerate(STYLES)}
CYRILLIC = ("own", "ru")
# 0 is the usual spelling; then other ways to write foreign letters; from FIRST_BY_EAR on, also what was misheard.
VARIANTS, FIRST_BY_EAR = 16, 4
PLAIN, CAPITALS, MACHINE = 0, 1, 2  # capitals as in a passport, and as in its machine-readable zone

PASSPORTS = {
    "kk": {"kk_passport": 0.75, "icao": 0.15, "french": 0.05, "bgn_kk": 0.05},
    "uz": {"uz_latin": 0.5, "icao": 0.2, "bgn_ru": 0.15, "french": 0.15},
    "ru": {"icao": 0.6, "bgn_ru": 0.25, "french": 0.15},
    "ky": {"icao": 0.5, "bgn_ky": 0.4, "french": 0.1},
    "tg": {"icao": 0.5, "french": 0.3, "bgn_ru": 0.2},
    "tk": {"tk_latin": 0.9, "icao": 0.1},
}
ALPHABETS = {"kk": {"kk_2021": 0.5, "kk_2018": 0.3, "kk_2017": 0.2}, "uz": {"uz_latin": 1.0}, "tk": {"tk_latin": 1.0}}
LIBRARY = {"bgn": 0.3, "bgn_ru": 0.3, "gost": 0.2, "iso9": 0.2}  # bgn is that of the language, where there is one


@dataclass(frozen=True)
class Agency:
    """Kinds of spelling of an agency, their rates and care; shares of records."""

    name: str
    share: float
    scripts: dict[str, float]  # own, ru, passport, alphabet, library, street, turkish, arabic
    heard: float
    capitals: tuple[float, float] = (0.0, 0.0)  # as in a passport, as in its machine-readable zone
    patronymic: float = 1.0  # how many times the usual share of missing ones
    day: float = 1.0
    document: float = 1.0


AGENCIES = (
    Agency("police", 0.24, {"own": 0.3, "ru": 0.7}, 0.06, (0.1, 0.0), 0.5, 0.6, 1.7),
    Agency("crisis_centre", 0.16, {"own": 0.2, "ru": 0.7, "street": 0.1}, 0.2, (0.0, 0.0), 1.2, 1.6, 0.5),
    Agency("hotline", 0.12, {"own": 0.25, "ru": 0.65, "street": 0.1}, 0.3, (0.0, 0.0), 1.6, 2.4, 0.1),
    Agency("consulate", 0.12, {"passport": 0.8, "turkish": 0.12, "street": 0.08}, 0.08, (0.5, 0.0), 1.4, 0.3, 1.2),
    Agency("border", 0.11, {"passport": 1.0}, 0.0, (0.0, 1.0), 1.7, 0.1, 1.5),
    Agency(
        "migration",
        0.1,
        {"own": 0.25, "ru": 0.4, "passport": 0.2, "alphabet": 0.13, "arabic": 0.02},
        0.05,
        (0.2, 0.0),
        0.6,
        0.6,
        1.4,
    ),
    Agency("health", 0.08, {"own": 0.35, "ru": 0.6, "alphabet": 0.05}, 0.15, (0.0, 0.0), 0.6, 0.7, 0.8),
    Agency("international", 0.07, {"street": 0.45, "library": 0.3, "passport": 0.25}, 0.15, (0.0, 0.0), 1.3, 1.3, 0.3),
)


def scripts(agency: Agency, language: str) -> dict[str, float]:
    """Return the styles in which an agency writes names of a language.

    'passport' stays open, since each person has their own.
    """
    shares: dict[str, float] = {}
    for script, share in agency.scripts.items():
        for style, part in _styles(script, language).items():
            shares[style] = shares.get(style, 0.0) + share * part
    return shares


def _styles(script: str, language: str) -> dict[str, float]:
    if script == "alphabet":
        return ALPHABETS.get(language, {"own": 1.0})
    if script == "arabic":
        return {"arabic" if language == "kk" else "own": 1.0}
    if script == "library":
        bgn = "bgn_ru" if language in ("ru", "tk") else f"bgn_{language}"
        return _added({bgn if style == "bgn" else style: 0.0 for style in LIBRARY}, bgn)
    return {script: 1.0}


def _added(shares: dict[str, float], bgn: str) -> dict[str, float]:
    for style, part in LIBRARY.items():
        shares[bgn if style == "bgn" else style] += part
    return shares


def spelled(text: str, language: str, style: str, variant: int, form: int) -> str:
    """One name, in small letters in its own Cyrillic, as written by an agency."""
    free = random.Random(zlib.crc32(f"{text}|{style}|{variant}".encode()))
    if style in RUSSIAN:
        text = russified(text, language, free if variant or style == "street" else None)
    if style == "street":
        text = by_ear(without_marks(romanised(text, "bgn_ru")), True, free)
    elif style not in CYRILLIC:
        text = romanised(text, style)
        if style == "uz_latin":
            text = text.replace("ʻ", free.choice("''ʻ‘`") if variant else "'").replace("ʼ", free.choice(("'", "")))
    if variant >= FIRST_BY_EAR and style != "arabic":
        text = by_ear(text, style not in CYRILLIC, free)
    if form == MACHINE or (form == CAPITALS and style in ("bgn_ru", "bgn_kk", "bgn_ky")):
        text = without_marks(text)
    return text.upper() if form else _title(text)


def _title(text: str) -> str:
    """Capital letters where words start; a particle such as 'уулу' stays small."""
    words = text.split(" ")
    return " ".join(
        word[:1].upper() + word[1:] if place == 0 or len(words[place]) > 5 else word for place, word in enumerate(words)
    )


def spell_all(
    texts: list[str],
    languages: list[str],
    base: NDArray[np.int64],
    style: NDArray[np.int64],
    variant: NDArray[np.int64],
    form: NDArray[np.int64],
) -> NDArray[np.object_]:
    """Names of all records: each spelling is made once, then looked up."""
    key = ((base * len(STYLES) + style) * VARIANTS + variant) * 3 + form
    distinct, place = np.unique(key, return_inverse=True)
    made = np.empty(len(distinct), dtype=object)
    for number, code in enumerate(distinct.tolist()):
        rest, how = divmod(code, 3)
        rest, which = divmod(rest, VARIANTS)
        name, manner = divmod(rest, len(STYLES))
        made[number] = spelled(texts[name], languages[name], STYLES[manner], which, how)
    return made[place]
