"""Names of the country and of the bodies that count crimes come from the profile."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from kerege.publishing.report import localiser, profile_words
from kerege.publishing.site import site_words
from kerege.vocabulary import profile
from kerege.vocabulary.statistics_parts import CrimeSource, SourceName

FOLDERS = {"report": localiser.TEXTS, "site": site_words.TEXTS}
FORMS = {name: f"[{name}]" for name in SourceName.model_fields}


@pytest.fixture
def abroad(monkeypatch: pytest.MonkeyPatch) -> profile.Profile:
    """Return a profile of another country, where one body counts crimes."""
    own = profile.load_profile("kz")
    source = CrimeSource(main=True, names={"en": SourceName(**FORMS)})
    country = own.model_copy(update={"country": "UZ", "short_name": {}, "crime_sources": {"pgo": source}})
    monkeypatch.setattr(profile_words, "active", lambda: country)
    return country


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_no_text_file_names_a_country_or_a_body_that_counts_crimes(folder: str, lang: str) -> None:
    text = (FOLDERS[folder] / f"{lang}.toml").read_text(encoding="utf-8")
    own = profile.load_profile("kz")
    names = {own.name_in(lang, "nominative")[:7]}
    names |= {own.source_name_in(source, lang, "title") for source in own.crime_sources}
    assert [name for name in names if re.search(re.escape(name), text, re.IGNORECASE)] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_texts_lead_with_the_main_source_of_the_profile(folder: str, abroad: profile.Profile) -> None:
    text = (FOLDERS[folder] / "en.toml").read_text(encoding="utf-8")
    words = profile_words.write_profile_words(text, "en")
    assert "main_source}" not in words
    assert tomllib.loads(words)["series"]["pgo"] in {"[title]", "Crimes recorded ([short])"}
    assert "[nominative] [recorded] {" in words


def test_a_capital_form_begins_a_sentence_and_no_form_gives_the_full_name(
    abroad: profile.Profile,
) -> None:
    write = profile_words.write_profile_words
    assert write("{country:genitive} {main_source:Recorded}", "en") == f"{abroad.name.in_language('en')} [recorded]"
    assert write("{other_source}|{other_source:nominative}", "en") == "|"
    assert write("{main_source:title}", "ru") == "Комитет по правовой статистике Генеральной прокуратуры"


def test_a_quotation_mark_in_a_name_stays_valid_toml(abroad: profile.Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    quoted = SourceName(**FORMS | {"title": 'The "Office" \\ of'})
    abroad.crime_sources["pgo"].names["en"] = quoted
    words = profile_words.write_profile_words('a = "{main_source:title}"', "en")
    assert tomllib.loads(words) == {"a": 'The "Office" \\ of'}


def test_every_hole_of_the_text_files_is_a_form_of_a_name() -> None:
    paths = [path for folder in FOLDERS.values() for path in Path(folder).glob("*.toml")]
    used = {hole[2] for path in paths for hole in profile_words.HOLE.finditer(path.read_text(encoding="utf-8"))}
    cases = {"nominative", "genitive", "locative", "ablative", "attributive"}
    assert {form.lower() for form in used if form} <= cases | set(SourceName.model_fields)
