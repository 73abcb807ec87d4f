"""The check of a pack names each kind of text that a language of the pack lacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kerege.core.pack_checks.check_translations import FILES, missing_labels, untranslated_notes
from kerege.vocabulary import codes
from kerege.vocabulary.pack import Pack, find_pack, using
from kerege.vocabulary.pack.pack import read_pack
from tests.vocabulary.pack.pack_folder import copy_pack, replace_text

XANADU = Path(__file__).parents[2] / "packs" / "xanadu"


@pytest.fixture
def xanadu() -> Iterator[Pack]:
    pack = read_pack(XANADU, "folder")
    with using(pack):
        yield pack


def test_a_complete_pack_has_no_note() -> None:
    assert list(untranslated_notes(find_pack("kz"))) == []


def test_a_language_without_a_catalogue_is_named(xanadu: Pack) -> None:
    notes = list(untranslated_notes(xanadu))
    assert [note.split(":")[0] for note in notes if "no such file" in note and note.startswith("locale")] == [
        "locale/tg/django.po"
    ]


def test_each_missing_letter_and_text_of_each_language_is_named(xanadu: Pack) -> None:
    named = {note.split(":")[0] for note in untranslated_notes(xanadu)}
    assert named >= {place.format(tag) for place in FILES for tag in ("tg", "fa")}
    assert "labels/tg.csv" in named
    assert any("questionnaire ilo_eleven" in note for note in untranslated_notes(xanadu))


def test_each_list_and_code_without_a_label_is_named(xanadu: Pack) -> None:
    missing = missing_labels("tg")
    assert missing["sex"] == list(codes.code_list("sex").codes)
    assert "region" not in missing


def test_a_label_that_a_pack_adds_is_no_longer_missing(tmp_path: Path) -> None:
    folder = copy_pack(tmp_path / "pack")
    replace_text(folder / "lists" / "region.csv", "Абайская область", "")
    with using(read_pack(folder, "folder")):
        assert missing_labels("ru") == {"region": ["10"]}
