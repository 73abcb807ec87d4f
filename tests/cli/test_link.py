"""`kerege link`: links of files, models, pages of a pair, and refusals."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import polars as pl
import pytest

from kerege.base.multilingual_titles import LANGUAGES
from kerege.evidence.mse.linkage_errors import draws_file
from kerege.linkage.matching import linked_lists
from kerege.linkage.matching.labels import translate_label
from tests.cli.link_driver import OTHERS, PEOPLE, rows, run
from tests.linkage.data.invented import records


def test_one_person_in_two_scripts_is_linked_and_a_sister_is_not(folder: Path) -> None:
    out, groups = folder / "pairs.csv", folder / "clusters.csv"
    assert run("link", folder / "a.csv", folder / "b.csv", "--out", out, "--clusters", groups) == 0
    assert [(row["left"], row["right"]) for row in rows(out)] == [("a:1", "b:1")]
    assert float(rows(out)[0]["probability"]) > 0.9
    clusters = {row["id"]: row["cluster"] for row in rows(groups)}
    assert clusters["a:1"] == clusters["b:1"]
    assert len(set(clusters.values())) == 5


@pytest.mark.parametrize("other", ["b.csv", "./b.csv", "link.csv", "copy.csv", "semicolons.csv", "b.parquet"])
def test_a_file_given_twice_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], other: str
) -> None:
    monkeypatch.chdir(folder)
    Path("link.csv").symlink_to("b.csv")
    Path("copy.csv").write_text(OTHERS, "utf-8")
    Path("semicolons.csv").write_text(OTHERS.replace(",", ";"), "utf-8")
    pl.read_csv("b.csv", infer_schema=False).write_parquet("b.parquet")
    assert run("link", "a.csv", "b.csv", other, "--out", "pairs.csv") == 2
    errors = capsys.readouterr().err
    assert "every record would be a pair with itself, give it once" in errors
    assert f"{Path(other)}: " in errors
    assert "is given twice" in errors if Path(other).name == "b.csv" else "holds the same rows as b.csv" in errors
    assert not Path("pairs.csv").exists()


def test_an_equal_record_in_two_files_is_one_person(folder: Path) -> None:
    for name in ("c.csv", "d.csv"):
        (folder / name).write_text("id,name,dob\n7,Akhmetova Aigul,1990-05-12\n", "utf-8")
    assert run("link", folder / "c.csv", folder / "d.csv", "--out", folder / "p.csv", "--no-training") == 0
    assert [(row["left"], row["right"]) for row in rows(folder / "p.csv")] == [("c:7", "d:7")]
    assert run("link", folder / "c.csv", folder / "c.csv", "--out", folder / "p.csv") == 2


def test_files_with_one_name_are_distinguished(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for part, text in (("north", OTHERS), ("south", OTHERS + "Pak,Olga,,1980,F,\n")):
        (folder / part).mkdir()
        (folder / part / "list.csv").write_text(text, "utf-8")
    files = [folder / part / "list.csv" for part in ("north", "south")]
    assert run("link", *files, "--out", folder / "p.csv") == 0
    errors = capsys.readouterr().err
    assert f"ids begin with 1: for {files[0]}, 2: for {files[1]}" in errors
    assert f"{files[1]}: surname = family" in errors
    assert ("1:1", "2:1") in {(row["left"], row["right"]) for row in rows(folder / "p.csv")}
    assert run("link", folder / "a.csv", files[0], "--out", folder / "p.csv") == 0
    assert "ids begin" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("A,1,x\nB\nC,2,y\nD,3\n", "fewer cells than the header: 2, the first is row 3 with 1 of 3; the others count"),
        ("A,1,x\n\n , \n\nB,2\n", "fewer cells than the header: 1, the first is row 6 with 2 of 3"),
        ('"A\nA",1,x\n"B\nB","2,"\n', "fewer cells than the header: 1, the first is row 3 with 2 of 3"),
        (f'A,1,x\n"{"B" * 200_000}","2,"\n', "fewer cells than the header: 1, the first is row 3 with 2 of 3"),
        ("A,1,x\nB,2", "the last row, 3, has 2 of 3 cells and no line end: the file is cut off, get the whole one"),
        ("A,1,x\nB\nC,2", "fewer cells than the header: 1, the first is row 3 with 1 of 3"),
        ("A,1,x\nB,2,y", "the last row, 3, has no line end; if the file was cut off there"),
        ("A,1,x\nB\nC,2,y", "the last row, 4, has no line end; if the file was cut off there"),
    ],
)
@pytest.mark.parametrize("head", ["", "sep=,\n", "\ufeffsep=,\n", "\n\n"])
def test_short_rows_and_a_truncated_file_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str, head: str
) -> None:
    (tmp_path / "x.csv").write_text(f"{head}name,dob,city\n{text}", "utf-8")
    (tmp_path / "a.csv").write_text(PEOPLE, "utf-8")
    longest = csv.field_size_limit(131_072)
    assert run("link", tmp_path / "x.csv", tmp_path / "a.csv", "--out", tmp_path / "p.csv") == 0
    assert f"x.csv: {says}" in capsys.readouterr().err.replace("rows with ", "")
    assert csv.field_size_limit(longest) == 131_072  # of the whole process: importing has its own


@pytest.mark.parametrize("text", ["A,1,,\nB,2,,\n", "A,1\r\nB,2\r\n", "A,\nB,2\n,\n\n"])
def test_cells_without_a_header_can_be_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (tmp_path / "x.csv").write_text(f"name,dob,,\n{text}", "utf-8", newline="")
    (tmp_path / "a.csv").write_text(PEOPLE, "utf-8")
    assert run("link", tmp_path / "x.csv", tmp_path / "a.csv", "--out", tmp_path / "p.csv") == 0
    errors = capsys.readouterr().err
    assert "x.csv: name = full" in errors
    assert not re.search("cells|line end", errors)


@pytest.mark.parametrize("end", [-1, -2])
def test_a_file_truncated_in_a_letter_or_in_parquet_is_reported(
    folder: Path, capsys: pytest.CaptureFixture[str], end: int
) -> None:
    (folder / "c.csv").write_bytes((PEOPLE + "4;Ян").encode()[:end] if end == -1 else PEOPLE.encode()[:-3])
    pl.DataFrame({"name": ["Anna Kim"]}).write_parquet(folder / "whole.parquet")
    (folder / "d.parquet").write_bytes((folder / "whole.parquet").read_bytes()[:end])
    for name, says in (("c.csv", "is cut off in the middle of a letter"), ("d.parquet", "is cut off, its end is")):
        assert run("link", folder / name, "--out", folder / "p.csv") == 2
        errors = capsys.readouterr().err
        assert f"{name}: {says}" in errors
        assert "get the whole file again" in errors


def test_too_long_names_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    many = " ".join(f"Имя{letter}" for letter in "абвгдежзик" * 50)
    (tmp_path / "x.csv").write_text(f"name,address\nAnna Kim,Abaya\n{many},{many}\n{many},\n", "utf-8")
    assert run("link", tmp_path / "x.csv", "--out", tmp_path / "p.csv") == 0
    errors = capsys.readouterr().err
    assert (
        "x.csv: column name: longer than 400 letters: 2, the first in row 3; what is behind them is not read" in errors
    )
    assert "x.csv: column address: longer than 400 letters: 1, the first in row 3" in errors


def test_a_long_name_is_compared_up_to_the_limit(tmp_path: Path) -> None:
    many = " ".join(f"{one}{two}мар" for one in "абвгдежзик" for two in "аеиоуэюяыё" * 5)
    people = "Ким Олег,1980-01-02\nПак Инна,1985-03-04\n"
    (tmp_path / "x.csv").write_text(f"name,dob\n{many},1990-05-12\n{many},1990-05-12\n{people}", "utf-8")
    assert run("link", tmp_path / "x.csv", "--out", tmp_path / "p.csv") == 0
    assert [(row["left"], row["right"]) for row in rows(tmp_path / "p.csv")] == [("1", "2")]


def test_headers_like_default_names_are_headers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.csv").write_text("column 1,column 2\nAnna Kim\nOlga Pak,1991\n", "utf-8")
    maps = ("--map", "column 1=full", "--map", "column 2=birth_date")
    assert run("link", tmp_path / "x.csv", *maps, "--out", tmp_path / "p.csv") == 0
    assert "than the header: 1, the first is row 2 with 1 of 2" in capsys.readouterr().err


def test_a_file_without_rows_is_reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "c.csv").write_text("surname,given\n", "utf-8")
    assert run("link", folder / "a.csv", folder / "c.csv", "--out", folder / "p.csv") == 0
    assert "c.csv: has a header and no rows, so nobody in it is compared" in capsys.readouterr().err


def test_parquet_is_read_under_any_name_and_unusable_columns_are_reported(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pl.DataFrame({"name": ["Anna Petrova"] * 2, "dob": ["1990-05-12"] * 2})
    table.write_parquet(folder / "c.csv")
    assert run("link", folder / "c.csv", "--out", folder / "p.csv", "--threshold", 0.001) == 0
    assert len(rows(folder / "p.csv")) == 1
    capsys.readouterr()
    odd = {"tel": pl.Series([["1", "2"], []]), "photo": pl.Series([b"\xff", b"\xfe"])}
    table.with_columns(**odd).write_parquet(folder / "d.parquet")
    assert run("link", folder / "d.parquet", "--out", folder / "p.csv") == 2
    what = "holds lists or signs that are not text, write it as text, several values separated by ;"
    messages = [f"error: d.parquet: column {name}: {what}" for name in odd]
    assert capsys.readouterr().err.splitlines() == messages


@pytest.mark.parametrize("name", ["no.json", "no.csv"])
def test_a_missing_file_is_reported(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    argv = ["--model", folder / name] if name.endswith("json") else [folder / name]
    assert run("link", folder / "a.csv", *argv, "--out", folder / "p.csv") == 2
    assert f"{name}: there is no such file, check the name" in capsys.readouterr().err


def test_a_model_for_spark_is_not_read_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ("link", folder / "a.csv", folder / "b.csv", "--out", folder / "p.csv")
    assert run(*argv, "--save-model", folder / "m.json", "--spark") == 0
    capsys.readouterr()
    assert run(*argv, "--model", folder / "m.json") == 2
    what, todo = "this model is written for Splink on Spark and cannot be read", "without --spark"
    assert capsys.readouterr().err == f"error: m.json: {what}, give the one that --save-model writes {todo}\n"
    assert run(*argv, "--save-model", folder / "m.json") == 0
    assert run(*argv, "--model", folder / "m.json") == 0


@pytest.mark.parametrize(
    ("text", "argv", "says"),
    [
        ("colour,sex\nred,1\n", (), "no column names a person (columns: colour, sex)"),
        ("Ким,Анна\nПак,Ольга\n", (), "no column names a person (the first row may be no header), state"),
        ("name,dob\nAnna,1990\n", (), "there are not two records"),
        ("surname,given\nA,B\nA,B\n", (), "no record has a name of more than a letter"),
        ("surname,dob\nнеизвестно,1900-01-01\nнеизвестно,1990-05-12\n", (), "no record has a name"),
        ("", (), "x.csv: is empty, give a file with a header"),
        (" \n\n", (), "x.csv: is empty"),
        ("name,dob\n", (), "there are not two records"),
        ("name,dob\nAnna,1990\nOlga,1991,\n", (), "row 3: has 3 cells where the header has 2"),
        ('name;dob\nAnna;1990\n\nOlga;"1991\n', (), "row 4: a quote is not closed"),
        ('name;dob\nAnna;1990\n\nOl"ga;1991\n', (), "row 4: a quote is not closed"),
        ("id,name\n1,Anna\n1,Olga\n", (), "row 2, column id: the record id is in row 3 too"),
        ("id,name\n1,Anna\n2,Olga\n\n2,Anna\n", (), "row 3, column id: the record id is in row 5 too"),
        ("id,name\n1,Anna\n,Olga\n", (), "row 3, column id: the record id is missing"),
        ("id,name\n\n1,Anna\n , \n,Olga\n", (), "row 5, column id: the record id is missing"),
        ("name,dob\nAnna,1990\nOlga,1991\n", ("--id", "nr"), "there is no such column"),
        ("name,dob\nAnna,1990\nOlga,1991\n", ("--map", "dob=colour"), "is not a kind of column"),
        ("name,dob\nAnna,1990\nOlga,1991\n", ("--map", "dob"), "has no ="),
        ("name,dob\nAnna,1990\nOlga,1991\n", ("--map", " =given"), "names no column"),
        ("name,dob\nAnna,1990\nOlga,1991\n", ("--spark",), "--spark applies to --save-model only, give --save"),
        ("name,dob\nAnna,1990\nOlga,1991\n", ("--clusters", "no/c.csv"), "c.csv: its folder does not exist"),
        ("name,dob\nAnna,1990\nOlga,1991\n", (".",), "is a folder, give the files in it"),
        (
            "name,dob\nAnna,1990\nOlga,1991\n",
            ("--map", "name=given", "--map", "name=family"),
            "declared to be given and",
        ),
        ("name,dob\nAnna,1990\nOlga,1991\n", ("--id", "dob", "--map", "dob="), "declared to be unused and id"),
        ("a,b\nAnna,Kim\nOlga,Kim\n", ("--map", "a=given", "--map", "b=given"), "column b: is named as given, and"),
        ("name,dob\nAnna,1990\nOlga,1991\n", ("--threshold", "2"), "is not a probability"),
        ("name,dob\nAnna,1990\nOlga,1991\n", ("--threshold", "0,9"), "--threshold 0,9 is not a number, write 0.9"),
        ("name,dob\nAnna,1990\nOlga,1991\n", ("--threshold", "1,5"), "1,5 is not a number, give for example 0.9"),
        ("name,dob\nAnna,1990\nOlga,1991\n", ("--threshold", "high"), "high is not a number, give for example 0.9"),
        (f"name\n{'а' * 1000}\n{'а' * 1000}\n", (), "a letter repeated is one, 'unknown' is not a name"),
        ("sep=;\nname;dob\nAnna;1990\nOlga;1991;\n", (), "row 3: has 3 cells where the header has 2"),
        (f"name,dob\n{'a' * 200_000},1990\nOlga,1991,\n", (), "row 3: has 3 cells where the header has 2"),
        ("name,dob\nAnna,1990\nOlga,1991\n", ("--pair", "1,2"), "are not both given"),
        ("name,dob\nAnna,1990\nOlga,1991\n", ("--pair", "1,9", "--html", "w.html"), "does not name two records"),
        ("name,name \nAnna,1990\nOlga,1991\n", (), "two columns have the same name"),
        ("name,tel,tel\nAnna,1,2\nOlga,1,2\n", (), "column tel: two columns have the same name"),
    ],
)
def test_unusable_input_is_refused_in_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    argv: tuple[str, ...],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text(text, "utf-8")
    assert run("link", "x.csv", "--out", "pairs.csv", *argv) == 2
    errors = capsys.readouterr().err.strip().splitlines()
    assert len(errors) == 1
    assert errors[0].startswith("error: ")
    assert says in errors[0]
    assert not Path("pairs.csv").exists()
    assert not Path("w.html").exists()


def test_an_input_is_never_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("link", folder / "a.csv", "--out", folder / "a.csv") == 2
    assert "would overwrite an input" in capsys.readouterr().err
    assert (folder / "a.csv").read_text("utf-8") == PEOPLE


def test_a_saved_model_gives_the_same_links(tmp_path: Path) -> None:
    records(400).write_csv(tmp_path / "p.csv")
    model, out, again = tmp_path / "m.json", tmp_path / "1.csv", tmp_path / "2.csv"
    assert run("link", tmp_path / "p.csv", "--out", out, "--save-model", model) == 0
    assert run("link", tmp_path / "p.csv", "--out", again, "--model", model, "--no-training") == 0
    assert again.read_bytes() == out.read_bytes()
    assert len(rows(out)) > 0


def test_the_page_of_a_pair_adds_up_and_shows_no_name(folder: Path) -> None:
    page = folder / "pair.html"
    argv = ("--pair", "a:1,b:1", "--html", page)
    assert run("link", folder / "a.csv", folder / "b.csv", "--out", folder / "p.csv", *argv) == 0
    text = page.read_text("utf-8")
    # in the chart, texts of this length would exceed its width
    assert text.count("same date of birth") == 1
    assert "same date of birth" in text.partition("</svg>")[2]
    assert not any(name in text.lower() for name in ("akhmet", "ахмет", "aigul", "айгуль", "1990"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_pair_is_of_one_language(folder: Path, language: str) -> None:
    page, files = folder / "pair.html", (folder / "a.csv", folder / "b.csv")
    argv = ("--out", folder / "p.csv", "--pair", "a:1,b:1", "--html", page, "--lang", language)
    assert run("link", *files, *argv) == 0
    text = page.read_text("utf-8")
    assert f'<html lang="{language}">' in text
    shown = re.sub(r"<style>.*</style>|<[^>]*>|a:1|b:1|persons-1", " ", text, flags=re.DOTALL)
    assert re.findall("[a-z]+" if language != "en" else "[а-я]+", shown, re.IGNORECASE) == []
    assert all(translate_label(key, language) in text for key in ("page title", "sum", "picture", "compared", "family"))
    assert bool(re.search(r"\d\.\d", shown)) == (language == "en")
    assert bool(re.search(r"\d,\d", shown)) == (language != "en")


def test_a_page_in_an_unknown_language_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("link", folder / "a.csv", "--out", folder / "p.csv", "--lang", "de") == 2
    assert "there is no language 'de', choose from kk, ru, en" in capsys.readouterr().err


def test_a_pair_is_given_as_in_the_pairs_file(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(
        'id,name,dob\n"1,a",Anna Petrova,1990-05-17\n"1,b",Anna Petrova,1990-05-17\n', "utf-8"
    )
    out, page = tmp_path / "pairs.csv", tmp_path / "pair.html"
    assert run("link", tmp_path / "p.csv", "--id", "id", "--out", out) == 0
    line = out.read_text("utf-8").splitlines()[1].rpartition(",")[0]
    assert run("link", tmp_path / "p.csv", "--id", "id", "--out", out, "--pair", line, "--html", page) == 0
    assert page.exists()


def test_unusual_names_do_no_harm(tmp_path: Path) -> None:
    names = [
        "",
        "А",
        "x" * 5000,
        "Aйгуль",
        "😀",
        "\u200f\u202e",
        "'; DROP TABLE",
        "=1+1",
        "а" * 500,
        " ".join(["Анна"] * 500),
    ]
    with (tmp_path / "n.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["name", "surname", "dob"])
        writer.writerows([name, name, date] for name in names for date in ("1900-01-01", "1992-02-29", "2023-02-29"))
    assert run("link", tmp_path / "n.csv", "--out", tmp_path / "pairs.csv") == 0
    # no link between records without a name, or with a letter only
    assert not {str(row) for row in range(1, 7)} & {row[side] for row in rows(tmp_path / "pairs.csv") for side in row}


def test_a_negative_seed_is_refused(folder: Path) -> None:
    assert run("link", folder / "a.csv", "--out", folder / "p.csv", "--seed", -1) == 2


@pytest.mark.parametrize(
    "change", [{"probability_two_random_records_match": 0}, {"blocking_rules_to_generate_predictions": []}]
)
def test_an_unusable_model_is_refused(folder: Path, change: dict[str, object]) -> None:
    model = folder / "m.json"
    assert run("link", folder / "a.csv", "--out", folder / "p.csv", "--save-model", model) == 0
    model.write_text(json.dumps(json.loads(model.read_text("utf-8")) | change), "utf-8")
    assert run("link", folder / "a.csv", "--out", folder / "q.csv", "--model", model) == 2


def test_linked_files_make_lists_whose_uncertain_links_the_estimate_includes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (linked_lists.FORMAT, linked_lists.SUFFIX) == (draws_file.FORMAT, draws_file.SUFFIX)
    people = records(260, seed=6)
    parts = {"police": people[:140], "shelter": people[70:210], "hotline": pl.concat([people[40:100], people[180:]])}
    for name, part in parts.items():
        part.write_csv(tmp_path / f"{name}.csv")
    files = [tmp_path / f"{name}.csv" for name in parts]
    table = tmp_path / "LISTS.csv"
    assert run("link", *files, "--out", tmp_path / "pairs.csv", "--lists", table, "--draws", 20) == 0
    draws = json.loads((tmp_path / "LISTS.draws.json").read_text())
    assert (draws["lists"], len(draws["draws"])) == (list(parts), 20)
    assert min(float(row["probability"]) for row in rows(tmp_path / "pairs.csv")) >= 0.5
    assert run("estimate", table, "--method", "stepwise", "--bootstrap", 200) == 0
    assert "The figures include the uncertainty of the linkage, in 20 draws of it." in capsys.readouterr().out
