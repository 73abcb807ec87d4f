"""The sheet that a person signs, in languages that an installation adds: KEREGE_HOME/consent/<language>.toml.

Kazakh, Russian and English come with the system. A text that somebody signs is translated by people who answer for
it; docs/howto/care.md tells what stands in the file. A wrong file is left out, and `kerege doctor` says why.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pydantic import Field, field_validator

from kerege.base import local_toml
from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.services import consent_text
from kerege.casework.assistance.services.consent_text import LABELS, LANGUAGES, NEUTRAL_LABELS, PARAGRAPHS, VERSION
from kerege.vocabulary import codes
from kerege.vocabulary.profile_parts import Fact, Words
from kerege.web.templatetags.kerege import code, day, language

POINTS = "consent_point"
# lists of which a sheet may tell codes in its own language; the others stand in the language of the screen
TRANSLATED_LISTS = ("consent_purpose", "data_category", "consent_manner", "guardian_relation")


class ConsentTranslation(Fact):
    """A translation. `text` is the version of ours that it says; `kept` the sentence on the term of `kept_months`."""

    name: Words
    version: Words = Field(max_length=20)
    text: Words
    kept_months: int = Field(ge=0)
    kept: Words
    paragraphs: list[Words]
    points: dict[str, Words]
    labels: dict[str, Words]
    codes: dict[str, dict[str, Words]] = {}

    @field_validator("paragraphs")
    @classmethod
    def _every_paragraph(cls, told: list[str]) -> list[str]:
        if len(told) != len(PARAGRAPHS):
            raise ValueError(f"there are {len(told)} and must be {len(PARAGRAPHS)}, in the order of ours")
        return told

    @field_validator("points")
    @classmethod
    def _every_point(cls, told: dict[str, str]) -> dict[str, str]:
        return _check_complete(told, codes.code_list(POINTS).codes)

    @field_validator("labels")
    @classmethod
    def _every_label(cls, told: dict[str, str]) -> dict[str, str]:
        return _check_complete(told, LABELS)

    @field_validator("codes")
    @classmethod
    def _known_codes(cls, told: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        _check_known(told, TRANSLATED_LISTS)
        for name, labels in told.items():
            _check_known(labels, codes.code_list(name).codes)
        return told

    @property
    def right_to_left(self) -> bool:
        """Whether its script runs from right to left, by the first letter that says so or otherwise."""
        ways = (unicodedata.bidirectional(letter) for letter in self.labels["title"])
        return next((way for way in ways if way in {"L", "R", "AL"}), "L") != "L"


def _check_complete(told: dict[str, str], wanted: Iterable[str]) -> dict[str, str]:
    _check_known(told, wanted)
    if missing := [name for name in wanted if name not in told]:
        raise ValueError(f"missing: {', '.join(missing)}")
    return told


def _check_known(told: Iterable[str], known: Iterable[str]) -> None:
    if strange := sorted(set(told) - set(known)):
        raise ValueError(f"there is no {', '.join(strange)}")


# -- the files --------------------------------------------------------------------------------------------------------


def parse_translation(text: str, name: str) -> ConsentTranslation:
    """Read a sheet; `name` is that of its file. Raises BadInput with one fault for each thing wrong."""
    spoken = name.removesuffix(".toml")
    if spoken in LANGUAGES:
        raise BadInput(Fault("the sheet in this language comes with the system", "remove the file", file=name))
    if spoken not in codes.code_list("language").codes:
        raise BadInput(Fault("the file is not named by a code of the list language", "rename it", file=name))
    return local_toml.parse(ConsentTranslation, text, name, "sheet")


def load_translations() -> dict[str, ConsentTranslation]:
    """The sheets of this installation by language: those that say what ours says now."""
    return {
        spoken: sheet
        for spoken, sheet in _read_files(local_toml.found("consent"))[0].items()
        if not _find_outdated(spoken, sheet)
    }


def faults() -> list[Fault]:
    """What is wrong with the files of KEREGE_HOME/consent."""
    good, wrong = _read_files(local_toml.found("consent"))
    stale = (_find_outdated(spoken, sheet) for spoken, sheet in good.items())
    return [*wrong, *(fault for fault in stale if fault is not None)]


def _find_outdated(spoken: str, sheet: ConsentTranslation) -> Fault | None:
    """A sheet that says something else than ours is not given to anybody."""
    name = f"{spoken}.toml"
    if sheet.text != VERSION:
        return Fault(f"translates version {sheet.text} of the text, and {VERSION} is in use", "translate it", file=name)
    if sheet.kept_months != (months := consent_text.get_retention_months()):
        what = f"says that data are kept for {sheet.kept_months} months, and the country profile says {months}"
        return Fault(what, "correct kept and kept_months", file=name)
    return None


@lru_cache(maxsize=4)
def _read_files(there: local_toml.Found) -> tuple[dict[str, ConsentTranslation], list[Fault]]:
    return local_toml.read(there, parse_translation)


# -- the sheet to print -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PrintedConsentForm:
    """Everything that a sheet says, in one language."""

    language: str
    right_to_left: bool
    version: str
    say: dict[str, str]
    paragraphs: list[str]
    points: dict[str, str]
    code: Callable[[str, str], str]
    day: Callable[[date | None], str]


def names(version: str) -> dict[str, str]:
    """The languages in which this version of the text can be printed, each by its own name."""
    return BUILT_IN_NAMES | (
        {spoken: sheet.name for spoken, sheet in load_translations().items()} if version == VERSION else {}
    )


BUILT_IN_NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}


def build_consent_form(spoken: str, version: str) -> PrintedConsentForm:
    """The sheet in a language that `names` tells; in any other, that of the screen."""
    if spoken not in LANGUAGES and spoken in names(version):
        return _build_translated_form(spoken, load_translations()[spoken])
    points = {point: code(point, POINTS) for point in codes.code_list(POINTS).codes}
    say = {name: str(label) for name, label in LABELS.items()}
    told = consent_text.list_paragraphs(version)
    return PrintedConsentForm(language(), False, version, say, told, points, _get_label, day)


def _build_translated_form(spoken: str, sheet: ConsentTranslation) -> PrintedConsentForm:
    def label(value: str, list_name: str) -> str:
        return sheet.codes.get(list_name, {}).get(value) or _get_label(value, list_name)

    return PrintedConsentForm(
        spoken,
        sheet.right_to_left,
        f"{sheet.text} / {spoken} {sheet.version}",
        sheet.labels,
        [*sheet.paragraphs, sheet.kept],
        sheet.points,
        label,
        # the names of months are not known in it
        lambda on: f"{on:%d.%m.%Y}" if on else "",
    )


def _get_label(value: str, list_name: str) -> str:
    """A label; kinds of data in words that give nobody away."""
    return (
        str(NEUTRAL_LABELS[value])
        if list_name == "data_category" and value in NEUTRAL_LABELS
        else code(value, list_name)
    )
