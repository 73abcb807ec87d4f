"""Texts of the disclosure risk assessment in three languages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.published_tables import message_texts
from kerege.evidence.sdc.published_tables.message_texts import say, translate_note
from kerege.evidence.sdc.reading.options import PLAIN

FOLDER = Path(message_texts.__file__).parent
FIELD = re.compile(r"\{\w+\}")


def texts(name: str) -> dict[str, str]:
    """Return a file of texts."""
    return dict(tomllib.loads((FOLDER / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_each_english_text_has_a_translation_with_its_facts(language: str) -> None:
    english, translated = texts("messages.en.toml"), texts(f"messages.{language}.toml")
    assert english.keys() <= translated.keys()
    for key, text in english.items():
        assert {*FIELD.findall(text)} == {*FIELD.findall(translated[key])}, key


def test_each_note_has_two_translations_with_its_facts() -> None:
    notes = tomllib.loads((FOLDER / "notes.toml").read_text(encoding="utf-8"))["note"]
    for note in notes:
        for language in ("ru", "kk"):
            assert {*FIELD.findall(note[language])} <= {*FIELD.findall(note["en"])}, note["en"]
            assert re.search("[а-яәіңғүұқөһ]", note[language]), note["en"]


FILES = {
    "nested.csv": "Outcome,Persons\nPositive,60\nConclusive,55\n",
    "years.csv": "Region,2023,2024\nNorth,40,45\nSouth,55,77\n",
    "total.csv": "Region,Persons\nChui,70\nOsh,64\nTalas,x\nKyrgyzstan,140\n",
    "mean.csv": "Region,Victims,Mean age\nNorth,50,21.5\nSouth,60,24.1\n",
    "title.csv": '"Victims by form (N=184)"\nForm,Persons\nLabour,70\nSexual,64\n',
    "rest.csv": "Sex,Persons\nMale,60\nFemale,80\nTotal,152\n",
}


@pytest.mark.parametrize("language", ["ru", "kk"])
@pytest.mark.parametrize("name", FILES)
def test_the_notes_of_a_report_are_translated(tmp_path: Path, name: str, language: str) -> None:
    (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    notes = assess_files(tmp_path, [], 10, PLAIN).notes
    assert notes
    for note in notes:
        assert translate_note(note, language) != note, note
        assert translate_note(note, "en") == note


def test_an_unknown_note_stays_in_english() -> None:
    assert translate_note("a note of tomorrow", "ru") == "a note of tomorrow"


def test_facts_can_hold_braces() -> None:
    assert say("total", "kk") == "барлығы"
    assert translate_note("undecided: column {x} of table t", "ru") == "не решено: графа {x} таблицы t не понята"
