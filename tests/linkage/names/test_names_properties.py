"""Properties of folding for any text: one fold for all ways of typing, and no exception."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kerege.linkage.names import diminutives, fold, parts, skeleton, stem
from kerege.linkage.names.folding import LONGEST

CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһіўҳҷӣӯҗ"
LATIN = "abcdefghijklmnopqrstuvwxyzäçéğíıñöóşšžčúüūýâûôõ"
ARABIC = "ابپتجچحدرزسشعفقكگلمنوۇۋۆيىەھڭٴ"
LETTERS = CYRILLIC + CYRILLIC.upper() + LATIN + LATIN.upper() + ARABIC
typed = st.text(alphabet=LETTERS + "'- .\u0301\u0308", max_size=16)


@example("0;=;U櫟")  # a sign between two words, and a mark of a patronymic behind it
@given(st.one_of(typed, st.text(max_size=40)))
def test_folding_is_idempotent(name: str) -> None:
    folded = fold(name)
    assert folded.isascii()
    assert fold(folded) == folded


@given(typed)
def test_capitals_do_not_matter(name: str) -> None:
    assert fold(name.upper()) == fold(name.lower()) == fold(name)


@given(typed)
def test_the_unicode_form_does_not_matter(name: str) -> None:
    assert fold(unicodedata.normalize("NFD", name)) == fold(unicodedata.normalize("NFC", name))


@given(typed, st.sampled_from("’‘ʻʼʽ`´ʹ′＇"))
def test_the_sign_used_for_an_apostrophe_does_not_matter(name: str, sign: str) -> None:
    assert fold(name.replace("'", sign)) == fold(name)


@given(typed, st.sampled_from("\u200e\u200f\u202e\u2066\u200b\ufeff\x00\x07"), st.integers(0, 16))
def test_invisible_marks_do_not_matter(name: str, mark: str, at: int) -> None:
    assert fold(name[:at] + mark + name[at:]) == fold(name)


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_parts_accept_any_text(name: str, middle: str, family: str) -> None:
    for name_parts in (parts(name), parts(name, middle, family)):
        assert (name_parts.given + name_parts.family + name_parts.patronymic + "".join(name_parts.unordered)).isascii()
    assert diminutives(fold(name)) is not None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "А",
        "Ы",
        "x" * 100_000,
        "Айгүл " * 500,
        " ".join(chr(0x430 + i % 32) * 3 for i in range(500)),
        "🙂 Айгүл 🙂",
        "Айгүл2",
        "12345",
        "\u202eлүгйА",
        "А\u0301\u0301\u0301йгүл",
        "Aйгүл Нyрлан",
        "\x00\x1b[31m",
        "'''''",
        "j" * 400,
        "ie" * 200,
        "oiu" * 133,
        "sch" * 133,
        "ng" * 200,
        "о'" * 200,
    ],
)
def test_a_hostile_name_is_folded_in_bounded_time(name: str) -> None:
    start = time.process_time()
    for write in (fold, stem, skeleton):
        assert write(name).isascii()
    assert len(fold(name)) > LONGEST or fold(fold(name)) == fold(name)
    parts(name)
    parts(name, name, name)
    assert time.process_time() - start < 1
