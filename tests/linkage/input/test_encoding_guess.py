"""Guess of the encoding of names: right for the encodings of the region, none where unclear."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from kerege.linkage.input.encoding_guess import CYRILLIC, guess_cyrillic, guess_encoding
from kerege.linkage.input.read_tables import read_table

RUSSIAN = "Фамилия;Имя;Отчество;Дата рождения\nИванова;Анна;Сергеевна;01.02.1990\nЖуков;Пётр;Ильич;1985\n"
KAZAKH = "Тегі;Аты;Әкесінің аты;Туған күні\nСерікқызы;Әйгерім;Нұрланқызы;01.02.1990\nҚуанышев;Өмірбек;;1985\n"
UKRAINIAN = "Прізвище;Ім'я\nШевченко;Євген\nКовальчук;Їля\nЯковлів;Соломія\nЗаїка;Ганна\nКоцюба;Андрій\n"


def guess(folder: Path, content: bytes) -> tuple[str, bool]:
    (folder / "x.csv").write_bytes(content)
    return guess_encoding(folder / "x.csv")


@pytest.mark.parametrize("encoding", CYRILLIC)
@pytest.mark.parametrize("text", [RUSSIAN, RUSSIAN.upper()], ids=["as written", "capitals"])
def test_russian_names_are_read_back_in_every_encoding(tmp_path: Path, encoding: str, text: str) -> None:
    name, is_guess = guess(tmp_path, text.encode(encoding))
    assert is_guess
    assert text.encode(encoding).decode(name) == text


@pytest.mark.parametrize(
    ("text", "encoding"), [(KAZAKH, "kz1048"), (KAZAKH.upper(), "kz1048"), (UKRAINIAN, "cp1251"), (UKRAINIAN, "koi8-u")]
)
def test_letters_of_other_languages_are_not_lost(tmp_path: Path, text: str, encoding: str) -> None:
    assert guess(tmp_path, text.encode(encoding)) == (encoding, True)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (KAZAKH.encode(), "utf-8-sig"),
        (codecs.BOM_UTF8 + KAZAKH.encode(), "utf-8-sig"),
        (KAZAKH.encode("utf-16"), "utf-16"),
        (KAZAKH.encode()[:-30] + "Ә".encode()[:1], "utf-8-sig"),
    ],
    ids=["UTF-8", "UTF-8 with a mark", "UTF-16 with a mark", "cut off within a letter"],
)
def test_unicode_is_no_guess(tmp_path: Path, content: bytes, encoding: str) -> None:
    assert guess(tmp_path, content) == (encoding, False)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_recognised(tmp_path: Path, encoding: str) -> None:
    assert guess(tmp_path, KAZAKH.encode(encoding)) == (encoding, True)


@pytest.mark.parametrize(
    "content",
    [
        "Nachname;Vorname\nMüller;Jürgen\nGroß;Käthe\n".encode("cp1252"),
        "Soyadı;Adı\nYıldız;Şule\nÖztürk;Çağla\n".encode("cp1254"),
        RUSSIAN.encode()[:40] + b"\xff" + RUSSIAN.encode()[40:],
        bytes(range(1, 256)),
    ],
    ids=["German", "Turkish", "UTF-8 with a wrong byte", "no text"],
)
def test_an_unclear_encoding_is_not_guessed(tmp_path: Path, content: bytes) -> None:
    assert guess_cyrillic(content) == ""
    assert guess(tmp_path, content) == ("utf-8-sig", False)


def test_the_guess_is_stated_and_a_named_encoding_is_not(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(RUSSIAN.encode("koi8-r"))
    notes: list[str] = []
    assert read_table(path, notes.append)["Имя"].to_list() == ["Анна", "Пётр"]
    (note,) = notes
    assert "those of koi8-r" in note
    assert "--encoding" in note
    notes.clear()
    read_table(path, notes.append, "koi8-r")
    assert notes == []
