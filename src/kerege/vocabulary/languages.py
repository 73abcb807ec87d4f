"""Languages of the installation, their fallbacks and their direction of writing.

Kerege brings its own texts in Kazakh, Russian and English (`BUILT_IN`). A country offers its own languages. Where a
text lacks the language of the reader, the first fallback language that has it is shown, at last English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from kerege.base.errors import BadInput, Fault, from_validation
from kerege.base.multilingual_titles import LANGUAGES, TAG
from kerege.vocabulary.pack import Pack, active_pack

Language = Annotated[str, Field(pattern=f"^{TAG.pattern}$")]
BUILT_IN = LANGUAGES
BUILT_IN_NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
LAST_RESORT = "en"
# languages and scripts that are written from right to left
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi", "Arab", "Hebr"})
Value = TypeVar("Value")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone: write it as Asia/Almaty") from None
    return name


class LanguageRules(BaseModel):
    """Time zone and languages of a profile: offered ones, fallbacks, and what their speakers call them.

    A text may lack the languages in `partial_languages`; its readers see the first fallback language that it has.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    time_zone: Annotated[str, AfterValidator(_zone)]
    languages: list[Language] = Field(min_length=1)
    default_language: Language
    fallback_languages: list[Language] = [LAST_RESORT]
    partial_languages: list[Language] = []
    language_names: dict[Language, Annotated[str, Field(min_length=1, max_length=40)]]

    @model_validator(mode="after")
    def _languages_fit_together(self) -> Self:
        if self.default_language not in self.languages:
            raise ValueError("default_language is not one of languages")
        if len(set(self.languages)) < len(self.languages):
            raise ValueError("languages names one twice")
        if unnamed := [tag for tag in self.languages if tag not in self.language_names]:
            raise ValueError(f"language_names lacks {', '.join(unnamed)}")
        if unknown := [tag for tag in self.partial_languages if tag not in self.languages]:
            raise ValueError(f"partial_languages names {', '.join(unknown)}, which is not one of languages")
        return self

    @property
    def complete_languages(self) -> list[str]:
        """Return the languages in which every text of the profile is written."""
        return [tag for tag in self.languages if tag not in self.partial_languages]


@cache
def _rules_of(pack: Pack) -> LanguageRules:
    name = f"{pack.country.lower()}.toml"
    try:
        return LanguageRules.model_validate(tomllib.loads(pack.read_text("profile.toml")))
    except tomllib.TOMLDecodeError as problem:
        raise BadInput(Fault(f"is not TOML ({problem})", "correct it", file=name)) from problem
    except ValidationError as problem:
        raise from_validation(problem, name) from problem


def rules() -> LanguageRules:
    """Return the languages of the active profile; raise BadInput where it states them wrongly."""
    return _rules_of(active_pack())


def offered() -> tuple[str, ...]:
    """Return the languages of the installation, in the order of its profile."""
    return tuple(rules().languages)


def default() -> str:
    """Return the language of new users and of visitors who state none."""
    return rules().default_language


def own_name(language: str) -> str:
    """Return the name by which its speakers call a language; the tag of an unknown language."""
    return rules().language_names.get(language) or BUILT_IN_NAMES.get(language, language)


def choices() -> list[tuple[str, str]]:
    """Return the languages of the installation with their own names."""
    return [(language, own_name(language)) for language in offered()]


def is_right_to_left(language: str) -> bool:
    """Return whether a language is written from right to left; its script decides if the tag names one.

    Examples
    --------
    >>> is_right_to_left("fa"), is_right_to_left("uz-Arab"), is_right_to_left("kk")
    (True, True, False)
    """
    tongue, _mark, script = language.partition("-")
    return (script or tongue) in RIGHT_TO_LEFT


def direction(language: str) -> str:
    """Return the value of the attribute `dir` for a language: `rtl` or `ltr`."""
    return "rtl" if is_right_to_left(language) else "ltr"


def chain(language: str) -> Iterator[str]:
    """Yield a language, the fallbacks of the profile, and English."""
    yield language
    yield from rules().fallback_languages
    yield LAST_RESORT


def nearest(language: str, having: Collection[str] = BUILT_IN) -> str:
    """Return the language, or its first fallback, in which a text exists; else the first of those it has.

    Examples
    --------
    >>> nearest("ru"), nearest("fa"), nearest("fa", ["fa", "en"])
    ('ru', 'en', 'fa')
    """
    return next((tag for tag in chain(language) if tag in having), None) or next(iter(having))


class Texts(dict[str, str]):
    """Text by language; a language that it lacks has the text of its first fallback.

    Examples
    --------
    >>> Texts(ru="Да", en="Yes")["kk"]
    'Yes'
    """

    def __missing__(self, language: str) -> str:
        return text_in(self, language)


def text_in(texts: Mapping[str, Value], language: str) -> Value:
    """Return the text of a language, or of its first fallback.

    Examples
    --------
    >>> text_in({"ru": "Да", "en": "Yes"}, "kk")
    'Yes'
    """
    return texts[nearest(language, texts)]


def text_or(texts: object, language: str, otherwise: str) -> str:
    """Return the text of a language or of its first fallback; `otherwise` if there is no text at all.

    Examples
    --------
    >>> text_or({"ru": "Да", "en": ""}, "kk", "?"), text_or({}, "kk", "?")
    ('Да', '?')
    """
    given = {tag: str(text) for tag, text in texts.items() if text} if isinstance(texts, Mapping) else {}
    return text_in(given, language) if given else otherwise


@dataclass(frozen=True)
class WordsFile:
    """Words of pages and files in TOML, and the language in which they are written."""

    language: str
    text: str


def read_words(folder: Path, place: str, language: str) -> WordsFile:
    """Return the words of a language: those of the pack (in PLACE), else those of Kerege.

    A language without its own file has the words of its first fallback.
    """
    pack = active_pack()
    for tag in chain(language):
        if tag in BUILT_IN:
            return WordsFile(tag, (folder / f"{tag}.toml").read_text(encoding="utf-8"))
        if pack.has(f"{place}/{tag}.toml"):
            return WordsFile(tag, pack.read_text(f"{place}/{tag}.toml"))
    raise AssertionError("English is the last fallback")
