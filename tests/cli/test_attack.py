"""`kerege attack`: exit 0 without a disclosure, 1 with one, 2 for unreadable input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_table import run
from tests.evidence.made_folders import write
from tests.evidence.sdc.disclosure.planted_releases import one, total

Out = pytest.CaptureFixture[str]


@pytest.fixture
def leaking(tmp_path: Path) -> Path:
    """Write two tables in which a group of seven men is disclosed in two ways."""
    hidden = {"_T": "", "female": 60, "male": ""}
    return write(
        tmp_path / "new",
        [one("sex", "sex", hidden), one("again", "sex", hidden), one("region", "region", {"r1": 40, "r2": 27})],
    )


def test_a_disclosure_is_described_in_three_sentences(leaking: Path, capfd: Out) -> None:
    assert run("attack", leaking) == 1
    out, err = capfd.readouterr()
    assert not err
    assert "Table again of new: these 7 people could be found: Sex: Male." in out
    assert "is 7, as can be worked out from 60 (Sex: Female, table sex)" in out
    assert "Suppress" in out
    assert out.count("Sex: Male.") == 1
    assert "The same people are counted in sex too." in out


def test_the_json_object_follows_its_schema(leaking: Path, capfd: Out) -> None:
    assert run("attack", leaking, "--json") == 1
    report = json.loads(capfd.readouterr().out)
    assert report["safe"] is False
    assert report["examined"] == {"releases": 1, "tables": 3, "cells": 8, "hidden": 4, "differences": 9}
    for disclosure in report["disclosures"]:
        assert disclosure.keys() >= {"table", "cell", "lower", "upper", "people", "from", "remedy"}
        assert (disclosure["table"] in ("sex", "again"), disclosure["cell"], disclosure["people"]) == (
            True,
            {"sex": "male"},
            7,
        )
        assert sum(source["value"] for source in disclosure["from"]) in (127, 187)


def test_tables_without_disclosure_are_safe(tmp_path: Path, capfd: Out) -> None:
    assert run("attack", write(tmp_path / "new", [total("t", 30)])) == 0
    assert (
        "safe: no intruder learns of fewer than 10 people in the groups examined, which have up to"
        in capfd.readouterr().out
    )


def test_a_table_without_a_figure_is_not_called_safe(tmp_path: Path, capfd: Out) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "sex.csv").write_text("sex,count\n", encoding="utf-8")
    assert run("attack", tmp_path / "new") == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "holds no figure, so there is nothing to assess" in err


def test_the_threshold_can_be_chosen(tmp_path: Path) -> None:
    folder = write(tmp_path / "new", [total("t", 12)])
    assert run("attack", folder) == 0
    assert run("attack", folder, "--threshold", 15) == 1


def test_earlier_publications_count(tmp_path: Path) -> None:
    old = [
        write(tmp_path / f"old{n}", [total("t", count, where={"region": ["r1"]})], sha="a", as_of="2024-12-31")
        for n, count in enumerate((40, 40))
    ]
    new = write(tmp_path / "new", [total("t", 44)], sha="a", as_of="2024-12-31")
    assert run("attack", new) == 0
    assert run("attack", new, "--published", old[0], "--published", old[1]) == 1


@pytest.mark.parametrize("threshold", [4, 0, -1])
def test_a_threshold_below_five_is_refused(tmp_path: Path, capfd: Out, threshold: int) -> None:
    assert run("attack", write(tmp_path / "new", [total("t", 30)]), "--threshold", threshold) == 2
    out, err = capfd.readouterr()
    assert not out
    assert err.startswith("error: ")
    assert "5" in err


@pytest.mark.parametrize("prior", [True, False])
def test_a_missing_folder_is_refused(tmp_path: Path, capfd: Out, prior: bool) -> None:
    new = write(tmp_path / "new", [total("t", 30)])
    missing = tmp_path / "missing"
    assert run("attack", *([new, "--published", missing] if prior else [missing])) == 2
    out, err = capfd.readouterr()
    assert not out
    assert err.splitlines() == [f"error: {missing}: holds no table, give a folder with CSV files or a release"]


def test_a_malformed_row_is_refused(tmp_path: Path, capfd: Out) -> None:
    (tmp_path / "t.csv").write_text("sex,count\nfemale,-3\n")
    assert run("attack", tmp_path, "--json") == 2
    out, err = capfd.readouterr()
    assert not out
    message = "row 2, column count: '-3' is not a count, give a whole number of at least 0"
    assert err.splitlines() == [f"error: {tmp_path / 't.csv'}: {message}"]


def test_the_user_says_what_a_file_does_not(tmp_path: Path, capfd: Out) -> None:
    (tmp_path / "t.csv").write_text("area,count\nTotal,300\nNorth,300\nSouth,-\n", encoding="utf-8")
    assert run("attack", tmp_path / "t.csv") == 2
    assert "say which with --dash zero or --dash suppressed" in capfd.readouterr().err
    assert run("attack", tmp_path / "t.csv", "--dash", "zero") == 0
    assert run("attack", tmp_path / "t.csv", "--dash", "none") == 2
    assert "--dash is neither zero nor suppressed" in capfd.readouterr().err


def test_codes_of_several_values_need_their_column(tmp_path: Path, capfd: Out) -> None:
    (tmp_path / "t.csv").write_text('means,count\nTotal,300\nforce,100\n"force;debt",200\n', encoding="utf-8")
    assert run("attack", tmp_path) == 2
    assert "name the column with --multi" in capfd.readouterr().err
    assert run("attack", tmp_path, "--multi", "means") == 0


def test_levels_of_codes_are_one_variable(tmp_path: Path, capfd: Out) -> None:
    text = "area,count\nTotal,300\nNorth,180\nSouth,120\nAlpha,176\nBeta,x\nGamma,60\nDelta,60\n"
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    (tmp_path / "area.hrc").write_text("North\n@Alpha\n@Beta\nSouth\n@Gamma\n@Delta\n", encoding="utf-8")
    assert run("attack", tmp_path, "--hierarchy", tmp_path / "area.hrc") == 1
    out = capfd.readouterr().out
    assert "area=North › Beta" in out
    assert "is 4, as can be worked out from" in out


def test_a_column_that_is_not_understood_is_never_safe(tmp_path: Path, capfd: Out) -> None:
    (tmp_path / "t.csv").write_text("area,count,mean age\nTotal,300,31\nNorth,180,30\nSouth,120,32.5\n", "utf-8")
    assert run("attack", tmp_path) == 1
    assert "undecided: column mean age of table t" in capfd.readouterr().out


def test_a_total_by_its_figures_is_noted(tmp_path: Path, capfd: Out) -> None:
    (tmp_path / "t.csv").write_text("area,count\nHomeland,300\nNorth,180\nSouth,120\n", encoding="utf-8")
    assert run("attack", tmp_path) == 0
    assert "note: table t of" in (out := capfd.readouterr().out)
    assert "the value Homeland is read as the total" in out


@pytest.mark.parametrize(
    ("option", "value"), [("--multi", "means"), ("--hierarchy", "means={folder}/area.hrc")], ids=["multi", "hierarchy"]
)
def test_a_column_that_no_table_has_is_named(tmp_path: Path, capfd: Out, option: str, value: str) -> None:
    (tmp_path / "t.csv").write_text("area,count\nTotal,300\nNorth,180\nSouth,120\n", encoding="utf-8")
    (tmp_path / "area.hrc").write_text("North\n@Alpha\n", encoding="utf-8")
    assert run("attack", tmp_path, option, value.format(folder=tmp_path)) == 2
    assert f"{option}: no table has the column means, use area" in capfd.readouterr().err


def test_a_workbook_of_an_old_format_is_not_passed_over(tmp_path: Path, capfd: Out) -> None:
    (tmp_path / "t.csv").write_text("area,count\nTotal,300\nNorth,180\nSouth,120\n", encoding="utf-8")
    (tmp_path / "t.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    assert run("attack", tmp_path) == 2
    assert "t.xls: is neither a CSV file nor an XLSX workbook, save it as XLSX" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("language", "people", "advice"),
    [
        ("ru", "этих людей можно найти, их 7 – Пол: Мужской.", "Скройте: Регион: "),
        ("kk", "бұл 7 адамды табуға болады – Жынысы: Ер.", "Мыналарды жасырыңыз:"),
    ],
)
def test_the_answer_has_labels_in_the_language(
    leaking: Path, capfd: Out, language: str, people: str, advice: str
) -> None:
    assert run("attack", leaking, "--lang", language) == 1
    out = capfd.readouterr().out
    assert people in out
    assert advice in out
    assert "60" in out
    assert "male" not in out


def test_the_json_object_has_the_words_of_the_language(leaking: Path, capfd: Out) -> None:
    assert run("attack", leaking, "--lang", "ru", "--json") == 1
    disclosure = json.loads(capfd.readouterr().out)["disclosures"][0]
    assert disclosure["remedy"] == disclosure["words"][2]
    assert "можно найти" in disclosure["words"][0]


def test_an_unknown_language_is_refused(leaking: Path, capfd: Out) -> None:
    assert run("attack", leaking, "--lang", "de") == 2
    assert "choose from kk, ru, en" in capfd.readouterr().err
