"""`kerege link` reads headers, mappings and unusual files, and reports what it did not read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kerege.linkage.input.column_roles import ROLES
from tests.cli.link_driver import rows, run


def test_the_help_lists_every_kind_of_column(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert run("link", "--help") == 0
    assert set(ROLES) <= set(re.findall(r"\w+", capsys.readouterr().out.partition("The kinds:")[2].partition(".")[0]))


def test_an_unknown_header_can_be_mapped(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "c.csv").write_text("n,x,y,z\nk1,Aigul,Akhmetova,1990-05-12\nk2,Айгуль,Ахметова,1990-05-12\n", "utf-8")
    out = folder / "pairs.csv"
    maps = ("--map", "x=given", "--map", "y=family", "--map", "z=birth_date")
    assert run("link", folder / "c.csv", "--id", "n", *maps, "--out", out, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["records"], result["pairs"]) == (2, 1)
    assert [(row["left"], row["right"]) for row in rows(out)] == [("k1", "k2")]


def test_columns_of_single_files_can_be_mapped(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "c.csv").write_text("nr,n1,n2,z,id\nk1,Akhmetova,Aigul,1990-05-12,7\n", "utf-8")
    (folder / "d.csv").write_text("key,fam,n2,id\nl1,Ахметова,12.05.1990,Айгуль\n", "utf-8")
    files, out = (folder / "c.csv", folder / "d.csv"), folder / "pairs.csv"
    maps = ("n1=family", "fam=family", "n2=given", "z=birth_date", "d.csv:n2=birth_date", "d:id=given")
    options = [part for text in maps for part in ("--map", text)]
    assert run("link", *files, "--id", "nr", "--id", "d.csv:key", *options, "--out", out) == 0
    assert [(row["left"], row["right"]) for row in rows(out)] == [("k1", "l1")]
    assert "c.csv: nr = id, n1 = family, n2 = given, z = birth_date\n" in capsys.readouterr().err
    assert run("link", *files, "--id", "no", *options, "--out", out) == 2
    errors = capsys.readouterr().err
    assert "column no: no file has such a column, choose from c.csv: nr, n1" in errors
    assert "d.csv: key, fam" in errors


def test_a_mapping_takes_precedence_over_a_header(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.csv").write_text("surname,fam\nA,Akhmetova\nB,Akhmetova\n", "utf-8")
    assert run("link", tmp_path / "x.csv", "--map", "fam=family", "--out", tmp_path / "pairs.csv") == 0
    assert "fam = family" in capsys.readouterr().err


def test_a_file_without_usable_values_keeps_its_rows(folder: Path) -> None:
    (folder / "n.csv").write_text("surname,given\nA,B\n,B\n", "utf-8")
    out, groups = folder / "pairs.csv", folder / "clusters.csv"
    files = [folder / name for name in ("n.csv", "a.csv", "b.csv")]
    assert run("link", *files, "--out", out, "--clusters", groups) == 0
    assert [(row["left"], row["right"]) for row in rows(out)] == [("a:1", "b:1")]
    assert len(rows(groups)) == 8


def test_roles_of_columns_and_unread_dates_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.csv").write_text("ФИО,Дата\nАнна Ким,весной\nОльга Пак,1991\n", "utf-8")
    assert run("link", tmp_path / "x.csv", "--out", tmp_path / "pairs.csv") == 0
    errors = capsys.readouterr().err
    assert "x.csv: ФИО = full, Дата = birth_date" in errors
    assert "1 of 2 dates of birth cannot be read" in errors


def test_unused_columns_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "Имя,Фамилия,Цвет,Рост,Пусто,Фамилия при рождении"
    (tmp_path / "x.csv").write_text(f"{head}\nАнна,Ким,1,2,,Пак\nОльга,Пак,1,2,,Пак\n", "utf-8")
    assert run("link", tmp_path / "x.csv", "--map", "Рост=", "--out", tmp_path / "pairs.csv") == 0
    assert "x.csv: not used: Цвет, Фамилия при рождении; to use" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("name,dob\nMüller Jürgen,1990\n".encode("cp1252"), "is not UTF-8 text, name its encoding with --encoding"),
        (b"PK\x03\x04\x14\x00\x06\x00", "cannot be read as an XLSX workbook"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, says: str
) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    assert run("link", tmp_path / "x.csv", "--out", tmp_path / "pairs.csv") == 2
    errors = capsys.readouterr().err
    assert says in errors
    assert run("link", tmp_path / "y.csv", "--out", tmp_path / "pairs.csv") == 2
    assert "there is no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        '"id";"Фамилия, имя, отчество";"Дата рождения"\n1;Анна Ким;1990-05-12\n2;Анна Ким;1990-05-12\n',
        "id;Фамилия, имя, отчество;Дата рождения\n1;Анна Ким;1990-05-12\n2;Анна Ким;1990-05-12\n",
        '\ufeffsep=;\r\nid;"Фамилия\nимя\nотчество";dob\r\n1;Анна Ким;1990-05-12\r\n2;Анна Ким;1990-05-12\r\n',
        "\ufeffid\tФИО\tdob\t\t\n1\tАнна Ким\t1990-05-12\t\t\n2\tАнна Ким\t1990-05-12\t\t\n",
        "\ufeffsep=;\rid;ФИО;dob\r1;Анна Ким;1990-05-12\r2;Анна Ким;1990-05-12\r",
        "\n\nid|ФИО|dob\n1|Анна Ким|1990-05-12\n\n||\n2|Анна Ким|1990-05-12\n  ||\n",
    ],
    ids=["quoted comma", "bare comma", "sep line", "tabs and columns without a name", "old Macintosh", "empty rows"],
)
def test_a_table_is_read_from_any_spreadsheet(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.csv").write_text(text, "utf-8", newline="")
    assert run("link", tmp_path / "x.csv", "--out", tmp_path / "pairs.csv", "--threshold", 0.001) == 0
    assert [(row["left"], row["right"]) for row in rows(tmp_path / "pairs.csv")] == [("1", "2")]


def test_a_missing_record_id_is_reported_by_its_row(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("name,dob\nAnna Kim,1990-05-12\n\nAnna Kim,1990-05-12\n", "utf-8")
    groups = tmp_path / "groups.csv"
    assert run("link", tmp_path / "x.csv", "--out", tmp_path / "pairs.csv", "--clusters", groups) == 0
    assert [row["id"] for row in rows(groups)] == ["1", "3"]
