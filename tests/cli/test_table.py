"""`kerege table`: CSV on stdout, messages on stderr, one sentence for each error and exit code 2."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from kerege.base.csv_cells import plain
from kerege.cli import main


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Write 907 women, 981 men and 3 others, in the CSV format of a spreadsheet program."""
    path = tmp_path / "people.csv"
    rows = ["female"] * 907 + ["male"] * 981 + ["transgender"] * 3
    path.write_text("\ufeffsex,kind\r\n" + "".join(f"{sex},a\r\n" for sex in rows), encoding="utf-8")
    return path


def run(*args: object) -> int:
    try:
        main([str(arg) for arg in args])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_the_protected_table_is_csv_and_nothing_else(people: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("table", people, "--by", "sex", "--protect", "suppress", "--csv") == 0
    out, err = capfd.readouterr()
    assert list(csv.reader(io.StringIO(out))) == [
        ["sex", "count", "status"],
        ["_T", "1891", "ok"],
        ["female", "910", "perturbed"],
        ["male", "980", "perturbed"],
    ]
    assert "within 5" in err


def test_an_unprotected_table_says_that_it_is_not_for_publication(
    people: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("table", people, "--by", "sex", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["cells"][3] == {"sex": "transgender", "count": 3, "status": "ok"}
    assert "not for publication" in err


def test_a_suppressed_cell_is_printed_as_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a\n" + "p\n" * 6 + "q\n" * 7 + "r\n" * 900)
    assert run("table", path, "--by", "a", "--protect", "suppress") == 0
    assert capsys.readouterr().out.count("suppressed") == 2


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--by", "nothing"], "no such column"),
        (["--by", "sex", "--where", "kind=zz"], "selects nobody"),
        (["--by", "sex", "--where", "kind"], "not a filter"),
        (["--by", "sex,sex"], "twice"),
        (["--by", "sex", "--protect", "suppress", "--threshold", "4"], "below 5"),
        (["--by", "sex", "--protect", "dp"], "either rho or epsilon"),
        (["--by", "sex", "--protect", "dp", "--rho", "0.1", "--epsilon", "1"], "either rho or epsilon"),
        (["--by", "sex", "--protect", "dp", "--rho", "-1"], "rho is not a number above 0"),
        (["--by", "sex", "--protect", "dp", "--rho", "0.1", "--where", "kind=zz"], "selects nobody"),
        (
            ["--by", "sex", "--protect", "dp", "--rho", "0.1", "--cohort", "kind"],
            "the cohort does not match the filter",
        ),
        (["--by", "sex", "--protect", "suppress", "--sensitive", "gone"], "no such column"),
        (["--by", "sex", "--protect", "cellkey", "--noise-variance", "200"], "no noise of variance V = 200"),
        (["--by", "nothing", "--protect", "cellkey"], "no such column"),
        (["--by", "sex", "--protect", "magic"], "no method"),
        (["--by", "sex", "--multi", "gone"], "no such column"),
        (["--by", "sex", "--csv", "--json"], "exclude"),
    ],
)
def test_a_fault_is_one_sentence(people: Path, args: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("table", people, *args) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert words in err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"a,a\n1,2\n", "two columns"),
        (b"a,\n1,2\n", "has no name"),
        (b"a,b\n", "no rows"),
        (b"a,b\n1,2,3\n", "separated values"),
        (b"a\n\xff\xfe\n", "UTF-8"),
        (b"PAR1junk", "not a snapshot"),
        (b"a\n_T\n", "reserved for totals"),
    ],
)
def test_a_broken_file_is_one_sentence(
    tmp_path: Path, content: bytes, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    assert run("table", path, "--by", "a") == 2
    err = capsys.readouterr().err
    assert err.startswith(f"error: {path}: ")
    assert words in err


def test_hostile_values_are_printed_safely(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "hostile.csv"
    values = ["=cmd()", 'quo"te', "a,b", "😀", "\u202eabc", "x" * 10_000, "two\nlines"]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["v"], *[[v] for v in values for _ in range(12)]])
    assert run("table", path, "--by", "v", "--csv") == 0
    values_ = {row[0] for row in csv.reader(io.StringIO(capsys.readouterr().out))}
    assert set(values) <= set(map(plain, values_))
    assert "'=cmd()" in values_


def test_a_table_of_more_than_a_million_cells_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("a,b\n" + "".join(f"{i},{i}\n" for i in range(1100)))
    assert run("table", path, "--by", "a,b") == 2
    assert "1,212,201 cells" in capsys.readouterr().err


@pytest.mark.parametrize(
    "method", [[], ["--protect", "suppress"], ["--protect", "cellkey"], ["--protect", "dp", "--rho", "0.1"]]
)
@pytest.mark.parametrize("columns", [["--by", "sex,perp"], ["--by", "sex", "--where", "perp=yes"]])
def test_several_values_in_one_cell_are_no_category(
    tmp_path: Path, method: list[str], columns: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rec.csv"
    path.write_text("sex,perp\n" + "f,yes;no\n" * 30 + "m,yes\n" * 20)
    assert run("table", path, *columns, *method) == 2
    assert "name the column with --multi" in capfd.readouterr().err


def test_several_values_in_one_cell_are_counted_when_the_column_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rec.csv"
    path.write_text("sex,perp\n" + "f,yes;no\n" * 30 + "m,yes\n" * 20)
    assert run("table", path, "--by", "perp", "--multi", "perp", "--csv") == 0
    assert capfd.readouterr().out == "perp,count,status\n_T,50,ok\nno,30,ok\nyes,50,ok\n"


def test_a_file_of_another_separator_and_encoding_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.csv").write_bytes(("пол;область\n" + "ж;Алматы\n" * 12 + "м;Абай\n" * 11).encode("cp1251"))
    assert run("table", tmp_path / "p.csv", "--by", "пол", "--csv") == 2
    assert "is not UTF-8 text, name its encoding with --encoding, such as --encoding cp1251" in capsys.readouterr().err
    assert run("table", tmp_path / "p.csv", "--by", "пол", "--csv", "--encoding", "cp1251") == 0
    assert {"ж,12,ok", "м,11,ok"} <= {*capsys.readouterr().out.splitlines()}
