"""Catalogues of a pack: compiled by content, complete, in the order of the fallbacks."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest
from django.utils.translation import to_locale

from kerege.config import catalogues
from kerege.vocabulary.pack import find_pack, using
from kerege.vocabulary.pack.pack import read_pack
from tests.core.pages.test_shell_xanadu import FOLDER, XANADU

LATE = ("%(n)d day late", "%(n)d days late")


def opened(folder: Path, language: str) -> gettext.GNUTranslations:
    with (folder / to_locale(language) / "LC_MESSAGES" / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path / "home"))


def test_a_country_with_the_languages_of_kerege_compiles_nothing(tmp_path: Path) -> None:
    with using(find_pack("kz")):
        assert catalogues.locale_paths() == [catalogues.OWN]
    assert not (tmp_path / "home" / "catalogues").exists()


def test_a_message_that_nobody_translated_is_in_english() -> None:
    with using(XANADU):
        folder, own = catalogues.locale_paths()
        assert (own, catalogues.locale_paths()[0]) == (catalogues.OWN, folder)
    persian = opened(folder, "fa")
    assert (persian.gettext("Save"), persian.gettext("Cancel")) == ("ذخیره", "Cancel")
    assert [persian.ngettext(*LATE, n) for n in (1, 2)] == ["%(n)d روز دیر"] * 2
    assert [opened(folder, "tg").ngettext(*LATE, n) for n in (1, 2)] == list(LATE)


def test_the_first_fallback_of_the_profile_comes_before_english(tmp_path: Path) -> None:
    for name in ("pack.toml", "profile.toml"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    profile = (tmp_path / "profile.toml").read_text(encoding="utf-8")
    (tmp_path / "profile.toml").write_text('fallback_languages = ["ru", "en"]\n' + profile, encoding="utf-8")
    with using(read_pack(tmp_path, "folder")):
        tajik = opened(catalogues.locale_paths()[0], "tg")
    russian = opened(catalogues.OWN, "ru")
    assert tajik.gettext("Cancel") == russian.gettext("Cancel") != "Cancel"
    assert tajik.ngettext(*LATE, 1) == russian.ngettext(*LATE, 1)
    assert tajik.ngettext(*LATE, 7) == russian.ngettext(*LATE, 7)
