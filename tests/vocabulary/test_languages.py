"""Languages of the installation: fallbacks, names and direction of writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.vocabulary import languages
from kerege.vocabulary.pack import find_pack, using
from kerege.vocabulary.pack.pack import read_pack

ABOUT = """
id = "test-kg"
version = "2026.1"
format = 1
country = "KG"
needs_kerege = ">=0.1"
publisher = "Tests"
licence = "CC0"
sources = ["invented"]
"""

RULES = """
time_zone = "Asia/Bishkek"
languages = ["ky", "ru", "en"]
default_language = "ky"
fallback_languages = ["ru", "en"]
language_names = { ky = "Кыргызча", ru = "Русский", en = "English" }
"""


@contextmanager
def kyrgyz_pack(folder: Path, rules: str = RULES) -> Iterator[None]:
    (folder / "pack.toml").write_text(ABOUT, encoding="utf-8")
    (folder / "profile.toml").write_text(rules, encoding="utf-8")
    with using(read_pack(folder, "folder")):
        yield


@pytest.fixture
def kyrgyz(tmp_path: Path) -> Iterator[None]:
    with kyrgyz_pack(tmp_path):
        yield


def test_a_text_falls_back_in_the_order_of_the_profile(kyrgyz: None) -> None:
    assert languages.text_in({"en": "Yes", "ru": "Да"}, "ky") == "Да"
    assert languages.text_in({"en": "Yes", "kk": "Иә"}, "ky") == "Yes"
    assert languages.text_in({"en": "Yes", "ky": "Ооба"}, "ky") == "Ооба"
    assert languages.text_in({"kk": "Иә"}, "ky") == "Иә"


def test_the_profile_offers_its_languages_with_their_own_names(kyrgyz: None) -> None:
    assert languages.choices() == [("ky", "Кыргызча"), ("ru", "Русский"), ("en", "English")]
    assert (languages.default(), languages.own_name("uz")) == ("ky", "uz")


@pytest.mark.parametrize("tag", ["fa", "ar", "uz-Arab", "az-Arab", "ckb"])
def test_persian_and_arabic_are_written_from_right_to_left(tag: str) -> None:
    assert languages.direction(tag) == "rtl"


@pytest.mark.parametrize("tag", ["kk", "ky", "tg", "uz-Latn", "uz-Cyrl", "en"])
def test_other_languages_are_written_from_left_to_right(tag: str) -> None:
    assert languages.direction(tag) == "ltr"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"ky", "ru", "en"]\nd', '"ky", "ru", "e1"]\nd', "languages.2"),
        ('default_language = "ky"', 'default_language = "uz"', "is not one of languages"),
        ('ky = "Кыргызча", ', "", "language_names lacks ky"),
        ('languages = ["ky",', 'languages = ["ky", "ky",', "names one twice"),
        ("default_language", 'partial_languages = ["uz"]\ndefault_language', "partial_languages names uz"),
        ('languages = ["ky"', 'languages = "ky', "is not TOML"),
    ],
)
def test_wrong_languages_are_refused_with_one_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in RULES
    with kyrgyz_pack(tmp_path, RULES.replace(old, new, 1)), pytest.raises(BadInput, match=words) as caught:
        languages.rules()
    assert len(caught.value.faults) == 1


def test_kazakhstan_offers_the_languages_in_which_kerege_is_written() -> None:
    with using(find_pack("kz")):
        assert languages.offered() == languages.BUILT_IN == ("kk", "ru", "en")
