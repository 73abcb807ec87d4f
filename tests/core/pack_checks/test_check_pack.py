"""Checks of a pack: every fault at once, each with its place and its remedy; nothing hostile passes."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from kerege.core.pack_checks import check_pack, list_faults
from kerege.core.pack_checks.check_catalogues import base_messages, text_faults
from kerege.core.pack_checks.check_lists import check_lost_codes
from kerege.core.pack_checks.check_report_texts import SOURCES
from kerege.vocabulary.pack import built_in_pack, countries, find_pack
from kerege.vocabulary.pack.pack import read_pack
from tests.vocabulary.pack.pack_folder import copy_pack, replace_text, write_catalogue

TODAY = date(2026, 11, 30)
HOLED = "%(agency)s no longer sees"
HEADING = "code,parent,htcds,from,until,succeeds,old_records,label:kk,label:ru,label:en"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_pack(tmp_path / "pack")


def faults_of(folder: Path) -> list[str]:
    return list(map(str, list_faults(read_pack(folder, "folder"))))


@pytest.mark.parametrize("country", [name for name in countries() if built_in_pack(name)])
def test_a_shipped_pack_has_no_fault(country: str) -> None:
    assert list(map(str, list_faults(find_pack(country)))) == []


def test_all_faults_of_a_pack_are_told_at_once(folder: Path) -> None:
    replace_text(folder / "profile.toml", 'currency = "KZT"', 'currency = "tenge"')
    replace_text(folder / "lists" / "region.csv", "11,KZ,", "11,RU,")
    replace_text(folder / "pack.toml", ">=0.1,<0.4", ">=7")
    (folder / "notes.csv").write_text("x")
    (folder / "README.md").write_bytes(b"\xff")
    assert [sentence.partition(":")[0] for sentence in faults_of(folder)] == [
        "README.md",
        "notes.csv",
        "pack.toml",
        "lists/region.csv",
        "profile.toml",
    ]


HOSTILE: dict[str, tuple[str, str, str, str]] = {
    "a confirmed fact": (
        *("profile.toml", "confirmed = false", "confirmed = true"),
        "profile.toml: hotline: a pack confirms no fact; a lawyer of the installation does, write confirmed = false",
    ),
    "a mark of direction": (
        *("lists/offence.csv", "Art. 116", "Art. 116 \u202e"),
        "lists/offence.csv: row 2: has the hidden character U+202E, remove it",
    ),
    "a path as a code": (
        *("lists/region.csv", "10,KZ", "../10,KZ"),
        "lists/region.csv: row 2, column code: is no code, use small letters, digits, - and _",
    ),
    "a code for a closed list": (
        *("lists/sex.csv", "", "code\n"),
        "lists/sex.csv: this list is closed: a pack adds no code to it, remove it",
    ),
    "a label of no code": (
        *("labels/ky.csv", "", "list,code,label\nsex,x,y\n"),
        "labels/ky.csv: row 2, column code: is no code of Kerege, correct list and code",
    ),
    "a font elsewhere": (
        *("pack.toml", "needs_kerege", 'fonts = ["../own.ttf"]\nneeds_kerege'),
        "pack.toml: names the font ../own.ttf, which is not there, add it or remove the name",
    ),
    "a tile of no region": ("tiles.csv", "59,", "00,", "tiles.csv: tiles.csv: unknown regions 00, correct it"),
    "no TOML": ("programme/claims.toml", "[[claim]]", "[[claim", "programme/claims.toml: is not TOML"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_fault_is_one_sentence_with_its_place(folder: Path, name: str) -> None:
    file, old, new, sentence = HOSTILE[name]
    (folder / file).parent.mkdir(exist_ok=True)
    if not old:
        (folder / file).touch()
    replace_text(folder / file, old, new)
    sentences = faults_of(folder)
    assert sentences[0].startswith(sentence)
    assert all("\n" not in line for line in sentences)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("a,KZ,,2022-06-08,2022-06-07,,,а,а,A", "until"),
        ("a,KZ,,8.6.2022,,,,а,а,A", "from"),
        ("a,KZ,,,,gone,keep,а,а,A", "succeeds"),
        ("a,KZ,,,,b,,а,а,A", "old_records"),
        ("a,KZ,,,,,keep,а,а,A", "old_records"),
        ("a,KZ,,,,,,а, а,A", "label:ru"),
        ("a,KZ,,,,,,б,а,A", "label:kk"),
        ("b,KZ,,,,,,а,а,A", "code"),
        ("unknown,KZ,,,,,,а,а,A", "code"),
    ],
)
def test_a_row_of_a_list_has_days_successors_and_labels_that_fit(folder: Path, row: str, column: str) -> None:
    (folder / "tiles.csv").unlink()
    (folder / "lists/region.csv").write_text(f"{HEADING}\nb,KZ,,,,,,б,б,B\n{row}\n", encoding="utf-8")
    assert any(f"column {column}:" in sentence for sentence in faults_of(folder))


def test_codes_never_vanish(folder: Path) -> None:
    before = find_pack("kz")
    replace_text(folder / "lists/region.csv", "\n10,KZ", "\n98,KZ")
    sentences = list(map(str, check_lost_codes(read_pack(folder, "folder"), before)))
    place = f"lists/region.csv: lacks codes of version {before.version}"
    assert sentences == [f"{place}: 10, keep the row, and give it a day in the column until"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> %(agency)s",
        "<img src=x onerror=alert(1)> %(agency)s",
        '%(agency)s" onmouseover="alert(1)',
        "<script %(agency)s",
        "%(agency)s &#60;script&#62;",
        "%(agency)s <!-- ",
        "%(agency)s javascript:alert(1)",
        "%(agency)s %(secret)s",
        "%(agency)s %s",
        "%(agency)s {settings}",
        "nothing",
        "%(agency)d",
    ],
)
def test_a_translation_with_script_or_another_placeholder_is_refused(folder: Path, text: str) -> None:
    write_catalogue(folder, (HOLED, text.replace('"', '\\"')))
    assert HOLED in base_messages()
    sentences = faults_of(folder)
    assert sentences
    assert [sentence[:26] for sentence in sentences] == ["locale/ky/django.po: row 6"] * len(sentences)


def test_an_honest_translation_passes_and_the_rest_is_listed(folder: Path) -> None:
    write_catalogue(folder, (HOLED, "%(agency)s мындан ары көрбөйт"))
    report = check_pack(read_pack(folder, "folder"), TODAY)
    assert report.faults == []
    assert HOLED not in report.missing["ky"]
    assert len(report.missing["ky"]) == len(base_messages()) - 1
    assert any(note.startswith("locale/ky") for note in report.notes)


@pytest.mark.parametrize("formula", ["nplurals=2; plural=__import__('os');", "", "nplurals=99; plural=n;"])
def test_a_formula_of_plurals_that_is_no_formula_is_refused(folder: Path, formula: str) -> None:
    write_catalogue(folder, (HOLED, "%(agency)s"), plurals=formula)
    assert [sentence.partition(":")[0] for sentence in faults_of(folder)] == ["locale/ky/django.po"]


def test_marks_of_the_message_itself_may_stay() -> None:
    assert list(text_faults(['See <a href="%(url)s">here</a>'], '<a href="%(url)s">Бул жерде</a>')) == []
    assert list(text_faults(["%(n)s case", "%(n)s cases"], "%(n)s иш")) == []
    assert list(text_faults(['See <a href="%(url)s">here</a>'], '<a href="%(url)s" id="x">Бул</a>')) != []


def test_the_own_catalogues_of_kerege_pass_the_same_rules(folder: Path) -> None:
    source = Path("src/kerege/web/locale/ru/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    write_catalogue(folder).write_text(source, encoding="utf-8")
    assert faults_of(folder) == []


@pytest.mark.parametrize("place", SOURCES)
def test_texts_in_a_further_language_have_the_sentences_and_holes_of_the_english_ones(folder: Path, place: str) -> None:
    english = Path("src/kerege", SOURCES[place]).read_text(encoding="utf-8")
    hole = re.findall(r"= \"[^\"]*(\{\w+\})", english)[0]
    (folder / place).mkdir()
    (folder / place / "ky.toml").write_text(english.replace(hole, "{secret}", 1), encoding="utf-8")
    (sentence,) = faults_of(folder)
    assert sentence.startswith(f"{place}/ky.toml: ")
    assert sentence.endswith("has a hole that the English sentence has not: secret, remove it")


@pytest.mark.parametrize("place", SOURCES)
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_own_texts_of_kerege_pass_the_same_rules(folder: Path, place: str, language: str) -> None:
    (folder / place).mkdir()
    text = Path("src/kerege", SOURCES[place]).with_name(f"{language}.toml").read_text(encoding="utf-8")
    (folder / place / f"{language}.toml").write_text(text, encoding="utf-8")
    assert faults_of(folder) == []


def test_words_of_the_site_in_a_further_language_are_complete(folder: Path) -> None:
    english = Path("src/kerege/publishing/site/text/en.toml").read_text(encoding="utf-8")
    (folder / "site").mkdir()
    (folder / "site/ky.toml").write_text(english, encoding="utf-8")
    assert faults_of(folder) == []
    (folder / "site/ky.toml").write_text(english.replace("\ntotal = ", "\nsum = "), encoding="utf-8")
    assert sorted(faults_of(folder)) == [
        "site/ky.toml: page.sum is no text of this file, remove it",
        "site/ky.toml: page.total is missing or empty, write it",
    ]


def test_a_year_without_moving_holidays_is_noted() -> None:
    notes = check_pack(find_pack("kz"), TODAY).notes
    assert [note.partition(" is given")[0] for note in notes] == ["calendar: no moving holiday of 2027"]


def test_a_pack_without_an_article_of_the_law_is_noted(folder: Path) -> None:
    (folder / "law.toml").unlink()
    report = check_pack(read_pack(folder, "folder"), TODAY)
    assert report.faults == []
    assert "the pack holds no law, and the page of the law lists no article" in report.notes
