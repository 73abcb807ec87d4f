"""Tables of names of a pack: what is wrong with them is named, and none confuses two names."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.core.pack_checks.check_names import check_names
from kerege.linkage.names import rule_tables
from kerege.vocabulary.pack.pack import Pack, read_pack
from tests.vocabulary.pack.pack_folder import copy_pack

COMMON = sorted({row["name"] for row in rule_tables.rows("common.csv") if row["language"] == "ky"})[:140]


def write_pairs(folder: Path, *further: str) -> None:
    """Write 70 pairs of one name and 35 of two names, and further rows, in order."""
    rows = [f"{name},{name.upper()},yes,ky" for name in COMMON[:70]]
    rows += [f"{name},{other},no,ky" for name, other in zip(COMMON[70:105], COMMON[105:140], strict=True)]
    write(
        folder,
        "pairs.csv",
        "name,other,same,language",
        *sorted([*rows, *further], key=lambda row: tuple(row.split(","))),
    )


def write(folder: Path, name: str, *lines: str) -> None:
    (folder / "names").mkdir(exist_ok=True)
    (folder / "names" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_pack(tmp_path / "pack")


def faults_of(folder: Path) -> list[str]:
    pack: Pack = read_pack(folder, "folder")
    return [str(fault).rpartition(", ")[0] for fault in check_names(pack)]


def test_good_tables_have_no_fault(folder: Path) -> None:
    write(folder, "spellings.csv", "written,becomes,language", "eh,a,fa")
    write(folder, "variants.csv", "variant,name,language", "Hossein,Husayn,fa")
    write_pairs(folder, "Hossein,Husayn,yes,fa", "Zohreh,Zohra,yes,fa")
    assert faults_of(folder) == []


def test_a_spelling_that_makes_one_name_of_two_is_named(folder: Path) -> None:
    write(folder, "spellings.csv", "written,becomes,language", "o,u,fa")
    write_pairs(folder, "Qolam,Qulam,no,fa")
    assert faults_of(folder) == ["names/pairs.csv: the tables make one name of Qolam and Qulam, which are two"]


def test_a_short_form_that_is_a_name_of_another_language_is_named(folder: Path) -> None:
    write(folder, "diminutives.csv", "diminutive,full,language", "Ерлан,Husayn,fa")
    write_pairs(folder)
    (fault,) = faults_of(folder)
    assert fault.startswith("names/diminutives.csv: row 2, column diminutive: is a known name in kk")


FORM = {
    "no pairs": ("spellings.csv", ["written,becomes,language", "eh,a,fa"], "names/pairs.csv: holds 0 pairs"),
    "columns": ("given.csv", ["name", "Zohra"], "names/given.csv: has no rows or other columns"),
    "order": ("given.csv", ["name,language", "Zohra,fa", "Amir,fa"], "names/given.csv: row 3: is not in order"),
    "twice": ("given.csv", ["name,language", "Amir,fa", "Amir,fa"], "names/given.csv: row 3: is not in order"),
    "language": ("given.csv", ["name,language", "Amir,qqq"], "names/given.csv: row 2, column language: is no language"),
    "cells": ("given.csv", ["name,language", "Amir"], "names/given.csv: row 2: has an empty cell"),
    "expression": (
        *("spellings.csv", ["written,becomes,language", "(a+)+$,a,fa"]),
        "names/spellings.csv: row 2, column written: is no spelling of small letters",
    ),
    "growing": (
        *("spellings.csv", ["written,becomes,language", "a,aa,fa"]),
        "names/spellings.csv: row 2, column becomes: becomes a text that holds it again",
    ),
}


@pytest.mark.parametrize("case", FORM)
def test_a_table_of_another_form_is_named_with_its_row(case: str, folder: Path) -> None:
    name, lines, fault = FORM[case]
    write(folder, name, *lines)
    assert faults_of(folder)[0].startswith(fault)
