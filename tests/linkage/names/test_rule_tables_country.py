"""Tables of a country find its own names; those of other languages stay what they were."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kerege.linkage.names import FOLD_VERSION, diminutives, fold, rule_tables

TABLES = {
    "given.csv": "name,language\nZohra,fa\n",
    "variants.csv": "variant,name,language\nHossein,Husayn,fa\n",
    "diminutives.csv": "diminutive,full,language\nMamad,Mohammad,fa\n",
    "spellings.csv": "written,becomes,language\neh,a,fa\ngh,q,fa\n",
}
KNOWN = sorted({row["name"] for table in ("given.csv", "common.csv") for row in rule_tables.rows(table)})
OWN = ["Hossein", "Husayn", "Mamad", "Mohammad", "Ehdam", "Ehsan", "Gholam", "Qolam"]


def run_python(folder: Path | None, *arguments: str, text: str = "") -> str:
    """Return what a Python process prints that reads the tables of a folder."""
    environment = os.environ | {rule_tables.FOLDER_VARIABLE: str(folder or "")}
    done = subprocess.run(
        [sys.executable, *arguments], input=text, env=environment, capture_output=True, check=True, encoding="utf-8"
    )
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("names")
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def forms(folder: Path) -> dict[str, list[str]]:
    """Return the forms of names with the tables of the country."""
    printed = run_python(folder, "-m", "kerege.linkage.names", text=json.dumps([*OWN, *KNOWN]))
    result = json.loads(printed)
    assert all(result["again"])  # folding twice changes nothing
    return dict(zip([*OWN, *KNOWN], result["forms"], strict=True))


def test_names_of_the_country_agree_with_the_tables_and_not_without(forms: dict[str, list[str]]) -> None:
    for name, other in [("Hossein", "Husayn"), ("Mamad", "Mohammad"), ("Gholam", "Qolam")]:
        assert {fold(name), *diminutives(fold(name))}.isdisjoint({fold(other)}), name
        assert not set(forms[name]).isdisjoint(forms[other]), name


def test_every_known_name_keeps_its_fold(forms: dict[str, list[str]]) -> None:
    assert len(KNOWN) > 2000
    assert [name for name in KNOWN if fold(name) not in forms[name]] == []
    changed = {name for name in KNOWN if set(forms[name]) != {fold(name), *diminutives(fold(name))}}
    assert changed <= {"Мамад"}


def test_a_word_does_not_become_a_known_name_of_another_language(forms: dict[str, list[str]]) -> None:
    known = {fold(name) for name in KNOWN}
    assert fold("Adam") in known  # what the spelling would make of Ehdam
    assert forms["Ehdam"] == ["ehdam"]
    assert fold("Asan") in known
    assert forms["Ehsan"] == ["ehsan"]
    assert forms["Gholam"] == [fold("Qolam")]  # no other language knows this one


def test_tables_change_the_version_of_the_folding_so_that_the_index_is_built_anew(folder: Path) -> None:
    program = "from kerege.linkage.names import FOLD_VERSION; print(FOLD_VERSION)"
    assert run_python(None, "-c", program).strip() == FOLD_VERSION
    assert run_python(folder, "-c", program).strip() != FOLD_VERSION
