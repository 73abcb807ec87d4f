"""Consent forms in languages that a pack or an installation adds.

They are files consent/<language>.toml of the pack in use, and of KEREGE_HOME. A file of the installation replaces one
of the pack. Kazakh, Russian and English are built in. People who answer for the text translate it for other languages.
docs/howto/care.md describes the file. The app ignores a wrong file, and `kerege doctor` reports the reason.
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
from kerege.casework.assistance.services.consent_text import LABELS, NEUTRAL_LABELS, PARAGRAPHS, VERSION
from kerege.vocabulary import codes
from kerege.vocabulary.languages import BUILT_IN, BUILT_IN_NAMES
from kerege.vocabulary.pack import Pack, active_pack
from kerege.vocabulary.profile_parts import Fact, Words
from kerege.web.partial_dates import numeric
from kerege.web.templatetags.kerege import code, day, language

POINTS = "consent_point"
FOLDER = "consent"  # folder of a pack, and of KEREGE_HOME
# code lists that a translation may label; labels of other lists appear in the active language
TRANSLATED_LISTS = ("consent_purpose", "data_category", "consent_manner", "guardian_relation")


class ConsentTranslation(Fact):
    """A translated consent form.

    `text` is the version of the built-in text that it translates.
    `kept` is the sentence on the retention period of `kept_months` months.
    """

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
    def _check_paragraphs(cls, paragraphs: list[str]) -> list[str]:
        if len(paragraphs) != len(PARAGRAPHS):
            raise ValueError(
                f"there are {len(paragraphs)} and must be {len(PARAGRAPHS)}, in the order of the built-in text"
            )
        return paragraphs

    @field_validator("points")
    @classmethod
    def _check_points(cls, points: dict[str, str]) -> dict[str, str]:
        return _check_complete(points, codes.code_list(POINTS).codes)

    @field_validator("labels")
    @classmethod
    def _check_labels(cls, labels: dict[str, str]) -> dict[str, str]:
        return _check_complete(labels, LABELS)

    @field_validator("codes")
    @classmethod
    def _check_codes(cls, labels_by_list: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        _check_known(labels_by_list, TRANSLATED_LISTS)
        for name, list_labels in labels_by_list.items():
            _check_known(list_labels, codes.code_list(name).codes)
        return labels_by_list

    @property
    def right_to_left(self) -> bool:
        """Return whether the script runs from right to left, judged by the title's first directional letter."""
        directions = (unicodedata.bidirectional(letter) for letter in self.labels["title"])
        return next((direction for direction in directions if direction in {"L", "R", "AL"}), "L") != "L"


def _check_complete(texts: dict[str, str], expected: Iterable[str]) -> dict[str, str]:
    _check_known(texts, expected)
    if missing := [name for name in expected if name not in texts]:
        raise ValueError(f"missing: {', '.join(missing)}")
    return texts


def _check_known(names_given: Iterable[str], allowed: Iterable[str]) -> None:
    if unknown := sorted(set(names_given) - set(allowed)):
        raise ValueError(f"there is no {', '.join(unknown)}")


Translations = dict[str, ConsentTranslation]

# -- translation files -----------------------------------------------------------------------------------------------


def parse_translation(text: str, name: str) -> ConsentTranslation:
    """Parse the translation file `name`. Raises BadInput with one fault for each error."""
    language_code = name.removesuffix(".toml")
    if language_code in BUILT_IN:
        raise BadInput(Fault("the sheet in this language comes with the system", "remove the file", file=name))
    if language_code not in codes.code_list("language").codes:
        raise BadInput(Fault("the file is not named by a code of the list language", "rename it", file=name))
    return local_toml.parse(ConsentTranslation, text, name, "sheet")


def load_translations() -> dict[str, ConsentTranslation]:
    """Return the up-to-date translations of this installation, by language code."""
    own, _faults = _read_files(local_toml.list_files(FOLDER))
    translations = _read_pack(active_pack())[0] | own
    return {code: row for code, row in translations.items() if not _find_outdated(code, row)}


def faults() -> list[Fault]:
    """Return the faults of the files of installation and pack, outdated translations included."""
    return [*_with_outdated(*_read_files(local_toml.list_files(FOLDER))), *pack_faults(active_pack())]


def pack_faults(pack: Pack) -> list[Fault]:
    """Return the faults of the consent forms of a pack, outdated translations included."""
    return _with_outdated(*_read_pack(pack))


def read_pack_forms(pack: Pack) -> dict[str, ConsentTranslation]:
    """Return the consent forms of a pack that can be read, by language code."""
    return _read_pack(pack)[0]


def _with_outdated(translations: Translations, found_faults: list[Fault]) -> list[Fault]:
    outdated = (_find_outdated(language_code, translation) for language_code, translation in translations.items())
    return [*found_faults, *(fault for fault in outdated if fault is not None)]


def _find_outdated(language_code: str, translation: ConsentTranslation) -> Fault | None:
    """Return a fault when a translation differs in version or retention period, so that nobody signs it."""
    name = f"{language_code}.toml"
    if translation.text != VERSION:
        return Fault(
            f"translates version {translation.text} of the text, and {VERSION} is in use", "translate it", file=name
        )
    if translation.kept_months != (months := consent_text.get_retention_months()):
        problem = f"says that data are kept for {translation.kept_months} months, and the country profile says {months}"
        return Fault(problem, "correct kept and kept_months", file=name)
    return None


@lru_cache(maxsize=4)
def _read_files(file_list: local_toml.Found) -> tuple[Translations, list[Fault]]:
    return local_toml.read(file_list, parse_translation)


@lru_cache(maxsize=4)
def _read_pack(pack: Pack) -> tuple[Translations, list[Fault]]:
    translations: Translations = {}
    faults: list[Fault] = []
    for name in pack.names(FOLDER):
        try:
            translations[name.removesuffix(".toml")] = parse_translation(pack.read_text(f"{FOLDER}/{name}"), name)
        except BadInput as problem:
            faults += problem.faults
    return translations, faults


# -- printed form ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PrintedConsentForm:
    """The content of a printed consent form in one language."""

    language: str
    right_to_left: bool
    version: str
    say: dict[str, str]
    paragraphs: list[str]
    points: dict[str, str]
    code: Callable[[str, str], str]
    day: Callable[[date | None], str]


def names(version: str) -> dict[str, str]:
    """Return language code -> native name for the languages in which this version can be printed."""
    return BUILT_IN_NAMES | (
        {language_code: translation.name for language_code, translation in load_translations().items()}
        if version == VERSION
        else {}
    )


def build_consent_form(language_code: str, version: str) -> PrintedConsentForm:
    """Return the form in a language of `names(version)`; otherwise in the active language."""
    if language_code not in BUILT_IN and language_code in names(version):
        return _build_translated_form(language_code, load_translations()[language_code])
    points = {point: code(point, POINTS) for point in codes.code_list(POINTS).codes}
    say = {name: str(label) for name, label in LABELS.items()}
    texts = consent_text.list_paragraphs(version)
    return PrintedConsentForm(
        language=language(),
        right_to_left=False,
        version=version,
        say=say,
        paragraphs=texts,
        points=points,
        code=_get_label,
        day=day,
    )


def _build_translated_form(language_code: str, translation: ConsentTranslation) -> PrintedConsentForm:
    def label(value: str, list_name: str) -> str:
        return translation.codes.get(list_name, {}).get(value) or _get_label(value, list_name)

    return PrintedConsentForm(
        language=language_code,
        right_to_left=translation.right_to_left,
        version=f"{translation.text} / {language_code} {translation.version}",
        say=translation.labels,
        paragraphs=[*translation.paragraphs, translation.kept],
        points=translation.points,
        code=label,
        # Django has no month names for this language, so the date is numeric
        day=lambda on: numeric(on) if on else "",
    )


def _get_label(value: str, list_name: str) -> str:
    """Return a code's label in the active language, with neutral labels for sensitive data categories."""
    return (
        str(NEUTRAL_LABELS[value])
        if list_name == "data_category" and value in NEUTRAL_LABELS
        else code(value, list_name)
    )
