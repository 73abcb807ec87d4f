"""`kerege tokens`: from a key to LISTS.csv, and its error messages."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from kerege.cli import main
from tests.linkage.invented_lists import person, table

EXERCISE = ("--study", "overlap-2026", "--list", "police", "--list", "shelter")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path / "home"))
    assert tokens("key", "--out", tmp_path / "key.json", *EXERCISE, "--exact") == 0
    return tmp_path


def tokens(*args: object) -> int:
    try:
        main(["tokens", *map(str, args)])
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def encode(folder: Path, name: str, numbers: range, *args: object) -> Path:
    records = table(folder, f"{name}-rows", [person(number) for number in numbers])
    out = folder / f"{name}.parquet"
    assert (
        tokens("encode", records, "--key", folder / "key.json", "--out", out, "--list", name, "--id", "id", *args) == 0
    )
    return out


def test_a_study_runs_from_key_to_lists(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lists = [encode(folder, "police", range(100)), encode(folder, "shelter", range(50, 150))]
    capsys.readouterr()
    assert tokens("overlap", *lists, "--out", folder / "LISTS.csv", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (folder / "LISTS.csv").read_text() == "police,shelter,count\n1,0,50\n0,1,50\n1,1,50\n"
    assert result["persons"] == 150
    assert result["deleted"] == ["police.parquet", "shelter.parquet"]
    assert {"missed_links", "false_links", "false_links_per_record"} <= result["pairs"][0].keys()
    beside = json.loads((folder / "LISTS.rates.json").read_text())
    assert (beside["table"], beside["pairs"]) == (result["result"], result["pairs"])
    assert not lists[0].exists()
    assert tokens("runs", "--json") == 0
    assert [log_entry["kind"] for log_entry in json.loads(capsys.readouterr().out)["entries"]] == ["run", "deleted"]


def test_the_rows_stay_with_the_agency(folder: Path) -> None:
    out = encode(folder, "police", range(60), "--rows", folder / "rows.csv")
    rows = pl.read_csv(folder / "rows.csv")
    assert rows["row"].to_list() == list(range(1, 61))
    assert sorted(rows["id"]) == sorted(person(number)["id"] for number in range(60))
    assert (folder / "rows.csv").stat().st_mode & 0o077 == 0
    assert not {"id", "row"} & set(pl.read_parquet_schema(out))


def test_a_mapping_gives_the_role_of_an_unknown_header(folder: Path) -> None:
    records = folder / "odd.csv"
    rows = pl.DataFrame([person(number) for number in range(60)])
    rows.select(c1="given_name", c2="family_name", c3="birth_date").write_csv(records)
    command = ("encode", records, "--key", folder / "key.json", "--out", folder / "t.csv", "--list", "police")
    assert tokens(*command) == 2
    assert not (folder / "t.csv").exists()
    assert tokens(*command, "--map", "c1=given", "--map", "c2=family", "--map", "c3=birth_date") == 0


def test_an_error_is_one_line_and_nothing_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    police = encode(folder, "police", range(60))
    key = folder / "key.json"
    rows = folder / "police-rows.csv"
    out = folder / "out.csv"
    for args in (
        ("key", "--out", key, *EXERCISE),
        ("key", "--out", out, *EXERCISE[:4]),
        ("key", "--out", out, *EXERCISE, "--threshold", "1.5"),
        ("key", "--out", out, *EXERCISE, "--epsilon", "0"),
        ("encode", rows, "--key", key, "--out", out, "--list", "consulate"),
        ("key", "--out", out, "--study", "Әйел істері / 2026", *EXERCISE[2:]),
        ("encode", rows, "--key", police, "--out", out, "--list", "police"),
        ("encode", rows, "--key", key, "--out", out, "--list", "two words"),
        ("encode", rows, "--key", key, "--out", out, "--list", "count"),
        ("encode", rows, "--key", key, "--out", rows, "--list", "police"),
        ("encode", folder / "none.csv", "--key", key, "--out", out, "--list", "police"),
        ("encode", rows, "--key", key, "--out", out, "--list", "police", "--common", "0.5"),
        ("encode", rows, "--key", key, "--out", out, "--list", "police", "--id", "no_such"),
        ("overlap", police, "--out", out),
        ("overlap", police, police, "--out", out),
        ("overlap", police, rows, "--out", out),
        ("overlap", police, folder / "none.parquet", "--out", out),
        ("overlap", police, police, "--out", police),
    ):
        before = sorted(folder.iterdir()), rows.read_text()
        capsys.readouterr()
        assert tokens(*args) == 2, args
        output = capsys.readouterr()
        assert output.out == ""
        assert len([line for line in output.err.splitlines() if line.startswith("error: ")]) == 1, output.err
        assert person(3)["family_name"] not in output.err
        files = [path for path in sorted(folder.iterdir()) if path.name != "home"]
        assert files == [path for path in before[0] if path.name != "home"]
        assert rows.read_text() == before[1]
    assert police.exists()


def test_a_second_version_of_a_list_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lists = [encode(folder, "police", range(100)), encode(folder, "shelter", range(50, 150))]
    assert tokens("overlap", *lists, "--out", folder / "LISTS.csv") == 0
    lists = [encode(folder, "police", range(99)), encode(folder, "shelter", range(50, 150))]
    assert tokens("overlap", *lists, "--out", folder / "AGAIN.csv") == 1
    assert "would disclose individuals" in capsys.readouterr().err
    assert not (folder / "AGAIN.csv").exists()
    capsys.readouterr()
    assert tokens("runs") == 0
    errors = capsys.readouterr().err
    assert all(f"tokens are still here: {path.resolve()}" in errors for path in lists)


def test_a_study_has_one_question(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before, each threshold had its own draw, and one of them revealed the person."""
    lists = [encode(folder, "police", range(100)), encode(folder, "shelter", range(50, 150))]
    for option in (("--threshold", "0.501"), ("--round", "1"), ("--epsilon", "5"), ("--exact",)):
        assert tokens("overlap", *lists, "--out", folder / "LISTS.csv", *option) == 2
    assert not (folder / "LISTS.csv").exists()


def test_a_repeated_study_beyond_the_budget_needs_a_reason(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    encode(folder, "police", range(100))
    (folder / "key.json").unlink()
    assert tokens("key", "--out", folder / "key.json", "--study", "again", *EXERCISE[2:]) == 0
    capsys.readouterr()
    out = folder / "again.parquet"
    options = ("--key", folder / "key.json", "--out", out, "--list", "police", "--id", "id")
    # the first study has exact counts
    assert tokens("encode", folder / "police-rows.csv", *options) == 1
    assert "the privacy loss of each person is inf, above 4" in capsys.readouterr().err
    assert not out.exists()
    encode(folder, "police", range(99), "--over-budget", "asked by the parliament")
    output = capsys.readouterr()
    assert "most of police was encoded for overlap-2026 within a year" in output.err
    assert "again (police, shelter; threshold 0.5, epsilon 1)" in output.out
