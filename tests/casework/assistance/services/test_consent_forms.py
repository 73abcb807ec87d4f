"""Consent forms in added languages: printing, and faults of wrong files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.services import consent_forms, consent_text, consents
from kerege.core import health
from kerege.vocabulary import codes
from kerege.vocabulary.pack import using
from kerege.vocabulary.pack.pack import read_pack
from tests.casework.assistance.services.test_consents import entry
from tests.casework.conftest import CANARY, identity
from tests.conftest import HOME
from tests.vocabulary.pack.pack_folder import copy_pack

pytestmark = pytest.mark.django_db
# placeholder texts that name what they replace, in a Latin and an Arabic script without a built-in form
LATIN, ARABIC = "Oʻz {}", "متن {}"


def make_file(template: str, **changed: str) -> str:
    """Return the text of a valid translation file, with `changed` values replaced."""
    facts = {
        "name": '"N"',
        "version": '"1"',
        "text": f'"{consent_text.VERSION}"',
        "confirmed": "false",
        "source": '"test"',
        "kept_months": str(consent_text.get_retention_months()),
        "kept": f'"{template.format("kept")}"',
        "paragraphs": str([template.format(f"paragraph {n}") for n in range(6)]),
    } | changed
    points = {code: template.format(f"point {code}") for code in codes.code_list("consent_point").codes}
    labels = {code: template.format(f"label {code}") for code in consent_text.LABELS}
    tables = {"points": points, "labels": labels, "codes.consent_purpose": {"assistance": template.format("helping")}}
    text = "\n".join(f"{name} = {value}" for name, value in facts.items())
    for name, rows in tables.items():
        text += f"\n[{name}]\n" + "\n".join(f'{code} = "{label}"' for code, label in rows.items())
    return text


@pytest.fixture
def folder() -> Iterator[Path]:
    (HOME / "consent").mkdir()
    yield HOME / "consent"
    shutil.rmtree(HOME / "consent")


def get_check() -> health.Check:
    """Return the result of the `kerege doctor` check of the consent forms."""
    return next(check for check in health.checks() if check.name == "consent sheets")


@pytest.mark.parametrize(("spoken", "words", "way"), [("uz", LATIN, "ltr"), ("fa", ARABIC, "rtl")])
def test_the_form_is_printed_in_an_added_language(
    spoken: str, words: str, way: str, folder: Path, make_case: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    (folder / f"{spoken}.toml").write_text(make_file(words), encoding="utf-8")
    case, client = make_case(person=identity(languages=["tg", spoken])), sign_in(make_user("caseworker"))
    row = consents.record_consent(
        operator,
        entry(case, purpose="assistance", manner="oral", language=spoken, explained=["use"], text_version="2026-2"),
    )
    with translation.override("en"):
        blank = client.get(reverse("assistance:consent-form", args=[case.pk])).content.decode()
        page = client.get(reverse("assistance:consent-print", args=[case.pk, row.pk])).content.decode()
    for text in (blank, page):
        assert f'<div lang="{spoken}" dir="{way}">' in text
        assert [words.format(f"paragraph {n}") in text for n in range(6)] == [True] * 6
        assert words.format("kept") in text
        assert words.format("label signature") in text
        assert "Witness or interpreter" not in text
        assert "An interpreter read this to me" not in text
        assert CANARY in text
    assert f"☒ {words.format('point use')}" in page
    assert f"☐ {words.format('point access')}" in page
    assert "10.03.2025" in page
    assert f"{consent_text.VERSION} / {spoken} 1" in page
    assert words.format("helping") in page
    # a code without a label in the file appears in the active language
    assert "Orally" in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "An interpreter read this to me in Tajik:"),
        ("ru", "Это мне прочитал переводчик (язык: таджикский):"),
        ("kk", "Аудармашы маған мұны оқып берді (тілі: тәжік тілі):"),
    ],
)
def test_without_a_translation_an_interpreter_reads_the_form_in_the_active_language(
    language: str, words: str, make_case: Any, make_user: Any, sign_in: Any
) -> None:
    case, client = make_case(person=identity(languages=["tg"])), sign_in(make_user("caseworker"))
    with translation.override(language):
        page = client.get(reverse("assistance:consent-form", args=[case.pk])).content.decode()
    assert f'<div lang="{language}" dir="ltr">' in page
    assert words.casefold() in page.casefold()


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("uz.toml", "name = ", "uz.toml: is not TOML"),
        (
            "uz.toml",
            make_file(LATIN).replace("signature = ", "signed = "),
            "uz.toml: labels: there is no signed, correct it",
        ),
        ("uz.toml", make_file(LATIN).replace("retention = ", "#"), "uz.toml: points: missing: retention, correct it"),
        ("uz.toml", make_file(LATIN, paragraphs='["one"]'), "uz.toml: paragraphs: there are 1 and must be 6"),
        ("uz.toml", make_file(LATIN, text='"2020-1"'), "uz.toml: translates version 2020-1 of the text"),
        ("uz.toml", make_file(LATIN, kept_months="7"), "uz.toml: says that data are kept for 7 months"),
        ("uz.toml", make_file(LATIN).replace("assistance = ", "nothing = "), "uz.toml: codes: there is no nothing"),
        ("kk.toml", make_file(LATIN), "kk.toml: the sheet in this language comes with the system"),
        ("uzbek.toml", make_file(LATIN), "uzbek.toml: the file is not named by a code of the list language"),
        ("uz.toml", b'name = "\xff"', "uz.toml: cannot be read as UTF-8"),
    ],
)
def test_a_wrong_file_gives_one_fault_and_breaks_no_page(
    name: str, text: str | bytes, sentence: str, folder: Path, make_case: Any, make_user: Any, sign_in: Any
) -> None:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    (folder / "folder.toml").mkdir()
    assert [str(fault).startswith(sentence) for fault in consent_forms.faults()] == [True]
    assert get_check().state == "fail"
    case, client = make_case(person=identity(languages=["uz"])), sign_in(make_user("caseworker"))
    with translation.override("en"):
        page = client.get(reverse("assistance:consent-form", args=[case.pk]))
    assert page.status_code == 200
    assert "An interpreter read this to me in Uzbek:" in page.content.decode()


@pytest.mark.db
def test_an_answer_to_an_older_text_is_not_printed_with_the_new_text(
    folder: Path, make_case: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    (folder / "uz.toml").write_text(make_file(LATIN), encoding="utf-8")
    case, client = make_case(), sign_in(make_user("caseworker"))
    row = consents.record_consent(operator, entry(case, language="uz", text_version=consent_text.WITHOUT_TERM))
    with translation.override("en"):
        page = client.get(reverse("assistance:consent-print", args=[case.pk, row.pk])).content.decode()
    assert LATIN.format("paragraph 0") not in page
    assert "An interpreter read this to me in Uzbek:" in page


@pytest.mark.db
def test_the_doctor_names_recorded_languages_without_a_form(folder: Path, make_case: Any, operator: Any) -> None:
    assert get_check() == health.Check("consent sheets", "ok", "kk, ru, en")
    case = make_case()
    for spoken in ("uz", "fa", "ru", ""):
        consents.record_consent(operator, entry(case, language=spoken))
    assert Consent.objects.count() == 4
    assert (get_check().state, get_check().words[:16]) == ("warn", "none in fa, uz, ")
    (folder / "uz.toml").write_text(make_file(LATIN), encoding="utf-8")
    assert get_check().words.startswith("none in fa, which")


def test_a_pack_brings_consent_forms_and_the_installation_replaces_them(folder: Path, tmp_path: Path) -> None:
    pack_folder = copy_pack(tmp_path / "pack")
    (pack_folder / "consent").mkdir()
    for spoken in ("uz", "tg"):
        (pack_folder / "consent" / f"{spoken}.toml").write_text(make_file(LATIN), encoding="utf-8")
    (pack_folder / "consent" / "fa.toml").write_text(make_file(ARABIC, text='"2020-1"'), encoding="utf-8")
    (folder / "tg.toml").write_text(make_file(LATIN, version='"own"'), encoding="utf-8")
    with using(read_pack(pack_folder, "folder")):
        versions = {language: row.version for language, row in consent_forms.load_translations().items()}
        assert versions == {"uz": "1", "tg": "own"}
        assert [fault.file for fault in consent_forms.faults()] == ["fa.toml"]
    assert "uz" not in consent_forms.load_translations()
