"""The Kyrgyz pack: nothing names Kazakhstan, nothing is confirmed, no Kyrgyz text is invented."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.pofile import read_po

from kerege.publishing.report import profile_words
from kerege.vocabulary import codes
from kerege.vocabulary.pack import find_pack, using
from kerege.vocabulary.profile import load_profile
from tests.conftest import ROOT
from tests.packs.everything_rendered import read_text
from tests.packs.kazakhstan import NAMES, find_kazakhstan

KG = find_pack("kg")
PROFILE = load_profile("kg")
CLDR = Locale("ky")
CATALOGUES = sorted((ROOT / "src" / "kerege" / "web" / "locale").glob("*/LC_MESSAGES/django.po"))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Path:
    """Return the folder of all that an installation of the country writes, in its own process."""
    folder = tmp_path_factory.mktemp("kg")
    home = Path(shutil.copytree(empty_home, folder / "home"))
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "KEREGE_PACK"}}
    environment |= {"KEREGE_HOME": str(home), "KEREGE_DEMO": "1", "KEREGE_COUNTRY": "kg"}
    command = [sys.executable, "-m", "tests.packs.everything_rendered", str(folder / "out")]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return folder / "out"


def test_nothing_that_is_written_names_kazakhstan(written: Path) -> None:
    paths = [path for path in written.rglob("*") if path.is_file()]
    places = {str(path.relative_to(written)): list(find_kazakhstan(read_text(path))) for path in paths}
    assert {path: named for path, named in places.items() if named} == {}


def test_pages_report_exports_mails_and_commands_were_written(written: Path) -> None:
    answers = Counter(path.name.split()[0] for path in (written / "pages").iterdir())
    assert answers["200"] > 60
    assert not [code for code in answers if code >= "500"]
    own_words = [path for path in (written / "pages").iterdir() if "Кыргыз" in read_text(path)]
    assert len(own_words) > 10
    kinds = {path.suffix for path in written.rglob("*")}
    assert {".pdf", ".docx", ".xlsx", ".csv", ".xml", ".zip"} <= kinds
    assert "\n\n" in (written / "mails.txt").read_text(encoding="utf-8")
    assert "facts of the country profile" in (written / "commands" / "doctor.txt").read_text()


@pytest.mark.parametrize(
    "text",
    [
        *("Kazakhstan", "Казахстане", "ҚАЗАҚСТАН", "Казакстан", "Qazaqstan", "Qozogʻiston", "Қазоқистон"),
        *("12 KZT", "1 тенге", "call 11616", "г. Алматы", "Almaty", "KZ-2025-00417", "adilet.zan.kz", "kz128", "(ИИН)"),
    ],
)
def test_the_search_finds_each_name_in_a_sentence_and_not_in_a_list_of_countries(text: str) -> None:
    assert list(find_kazakhstan(f"<p>{text}</p>"))
    listed = '<option value="KG">Кыргызстан</option><option value="KZ" selected>Казахстан</option>'
    assert list(find_kazakhstan(listed)) == []
    assert len(list(find_kazakhstan(listed + text))) >= 1


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_no_message_of_kerege_names_kazakhstan(path: Path) -> None:
    with path.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    named = [message.id for message in messages if NAMES.search(f"{message.id} {message.string}")]
    assert named == []


def test_no_page_promises_hours_of_the_hotline_that_no_source_states(written: Path) -> None:
    with using(KG):
        words = profile_words.write_profile_words("{hotline_hours}", "ky")
    assert words == "часы работы уточняются"
    texts = [read_text(path) for path in (written / "pages").iterdir()]
    assert sum(words in text or "hours to be confirmed" in text for text in texts) > 10
    assert not [text for text in texts if "free of charge, day and night" in text or "бесплатно, круглосуточно" in text]


def test_no_fact_of_the_pack_is_confirmed_and_each_has_a_source() -> None:
    assert len(PROFILE.facts()) == len(PROFILE.unconfirmed()) > 50
    assert all(fact.source for fact in PROFILE.facts())


def test_no_text_is_in_kyrgyz_but_names_of_cldr() -> None:
    assert not [path for path, written in PROFILE.texts() if "ky" in written]
    with using(KG):
        assert codes.label("sex", "female", "ky") == codes.label("sex", "female", "ru")
    given = {"country": CLDR.territories, "language": CLDR.languages}
    for row in csv.DictReader(KG.read_text("labels/ky.csv").splitlines()):
        assert row["label"] == given[row["list"]][row["code"]]
    words = {*CLDR.months["format"]["wide"].values(), *CLDR.languages.values()}
    assert set(re.findall(r'^msgstr "(.+)"$', KG.read_text("locale/ky/django.po"), re.M)) <= words


def test_each_offence_has_its_article_and_only_those_named_trafficking_are_counted() -> None:
    with using(KG):
        offences = codes.code_list("offence").codes
        counted = codes.list_offences_of(PROFILE.main_source)
    assert {code: offence.extras["article"] for code, offence in offences.items()} == {
        "kg166": "166",
        "kg167": "167",
        "kg170": "170",
        "kg159": "159",
    }
    assert counted == ["kg166", "kg167"]


def test_regions_are_those_of_iso_3166_2() -> None:
    parts = ("B", "C", "GB", "GO", "J", "N", "O", "T", "Y")
    with using(KG):
        assert set(codes.code_list("region").codes) == {f"KG-{part}" for part in parts}
