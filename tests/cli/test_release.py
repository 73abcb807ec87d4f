"""`kerege release` writes a complete signed folder or nothing; `kerege verify` detects every change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.evidence.data.snapshot import read, write
from kerege.evidence.data.snapshot_metadata import PackStamp
from tests.cli.test_cli_old_options import option_names
from tests.cli.test_table import run
from tests.evidence.release.prevalence.made import snapshot

SPEC = """
title = {kk = "Есеп", ru = "Отчёт", en = "Report"}
period = "2025"
[[table]]
name = "sex"
of = "victims"
by = ["sex"]
where = {programme = "iom"}
[[table]]
name = "both"
of = "victims"
by = ["programme", "sex"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path / "home"))
    groups = {("iom", "female"): 400, ("iom", "male"): 300, ("state", "female"): 90, ("state", "male"): 80}
    rows = [{"programme": p, "sex": s} for (p, s), count in groups.items() for _ in range(count)]
    write(tmp_path / "victims.parquet", "victims", rows, as_of="2025-12-31", invented=True, key=b"k" * 32)
    (tmp_path / "spec.toml").write_text(SPEC, encoding="utf-8")
    return tmp_path


def release(folder: Path, out: str = "out") -> int:
    return run("release", folder / "victims.parquet", "--spec", folder / "spec.toml", "--out", folder / out)


def test_a_release_verifies_with_its_source(folder: Path) -> None:
    assert release(folder) == 0
    assert run("verify", folder / "out") == 0
    manifest = json.loads((folder / "out" / "manifest.json").read_bytes())
    assert manifest["format"] == "kerege-release/1"
    assert manifest["invented"] is True
    [source] = manifest["snapshots"]
    assert (source["unit"], source["as_of"]) == ("victims", "2025-12-31")
    assert set(source) == {"unit", "as_of", "fingerprint"}
    assert source["fingerprint"] != read(folder / "victims.parquet").sha256
    assert [table["name"] for table in manifest["tables"]] == ["sex", "both"]


def test_a_release_states_the_pack_of_its_snapshot(folder: Path) -> None:
    stamp = PackStamp(id="kerege-xx", version="1.2", manifest="sha256:" + "0" * 64)
    rows = [{"programme": "iom", "sex": "female"}] * 400
    path, day = folder / "victims.parquet", "2025-12-31"
    write(path, "victims", rows, as_of=day, invented=True, key=b"k" * 32, pack=stamp)
    assert release(folder) == 0
    manifest = json.loads((folder / "out" / "manifest.json").read_bytes())
    assert [source["pack"] for source in manifest["snapshots"]] == [stamp.tree]
    assert run("verify", folder / "out") == 0


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "tables/sex.csv", "public_key.pem"])
def test_any_change_is_detected(folder: Path, name: str) -> None:
    release(folder)
    path = folder / "out" / name
    content = bytearray(path.read_bytes())
    content[40 % len(content)] ^= 1
    path.write_bytes(bytes(content))
    assert run("verify", folder / "out") == 1


def test_an_unsigned_file_is_detected(folder: Path) -> None:
    release(folder)
    (folder / "out" / "tables" / "more.csv").write_text("count,status\n5,ok\n")
    assert run("verify", folder / "out") == 1


def test_a_repeated_request_returns_the_published_release(folder: Path) -> None:
    release(folder)
    release(folder, "again")
    for path in (folder / "out").rglob("*.*"):
        assert path.read_bytes() == (folder / "again" / path.relative_to(folder / "out")).read_bytes()
    assert len((folder / "home" / "ledger" / "ledger.jsonl").read_text().splitlines()) == 1


def test_an_edited_ledger_stops_the_release(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    release(folder)
    ledger = folder / "home" / "ledger" / "ledger.jsonl"
    ledger.write_text(ledger.read_text().replace('"rho": 0', '"rho": 1'))
    assert release(folder, "next") == 1
    assert "line 1" in capsys.readouterr().err
    assert not (folder / "next").exists()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('by = ["sex"]', 'by = ["nothing"]', "no such column"),
        ('"iom"', '"nobody"', "selects nobody"),
        ('of = "victims"', 'of = "crimes"', "there is no snapshot of crimes"),
        ('name = "sex"', 'name = "../sex"', "not a safe file name"),
        ('name = "sex"\n', "", "no name"),
        ('name = "sex"', 'name = "both"', "two tables"),
        ('period = "2025"', "", "no period"),
        ('period = "2025"', 'period = "2025"\nthreshold = 4', "at least 5"),
        ('by = ["sex"]', 'by = ["sex"]\nmethod = "blur"', "unknown method"),
        ("title =", "title", "not TOML"),
    ],
)
def test_a_faulty_specification_is_reported_and_nothing_written(
    folder: Path, old: str, new: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "spec.toml").write_text(SPEC.replace(old, new, 1), encoding="utf-8")
    assert release(folder) == 2
    err = capsys.readouterr().err
    assert words in err
    assert all(line.startswith("error: ") for line in err.splitlines())
    assert not (folder / "out").exists()
    assert not (folder / "home" / "ledger" / "ledger.jsonl").exists()


def test_a_folder_that_is_no_release_is_not_replaced(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "diary.txt").write_text("mine")
    assert release(folder) == 2
    assert (folder / "out" / "diary.txt").read_text() == "mine"


def test_a_release_states_its_estimate_or_the_publication_rule(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = snapshot(folder)  # of people on four lists, in the place of the others
    text = 'title = "T"\nperiod = "2025"\n[[table]]\nname = "all"\nof = "victims"\nwhere = {year = "2025"}\n'
    estimate = '[[estimate]]\nname = "undetected"\nof = "victims"\nperiod = "2025"\nlists = {all = [%s]}\n'
    kinds = '"ngo", "hotline", "crisis_centre", "internal_affairs"'
    (folder / "spec.toml").write_text(text + estimate % kinds, encoding="utf-8")
    assert source.invented
    assert release(folder) == 0
    out = capsys.readouterr().out
    assert "undetected: no estimate (few_lists)" in out
    assert "1 table and 1 estimate of the undetected, signed" in out
    assert run("verify", folder / "out") == 0


@pytest.mark.parametrize(("key", "option"), [('multi = ["means"]\n', []), ("", ["--multi", "means"])])
def test_values_of_a_csv_are_counted_one_by_one(folder: Path, key: str, option: list[str]) -> None:
    table = '[[table]]\nname = "means"\nof = "records"\nby = ["means"]\n'
    (folder / "spec.toml").write_text(f'title = "Means"\nperiod = "2025"\n{key}{table}', encoding="utf-8")
    rows = ["force;debt"] * 40 + ["force"] * 30 + ["debt"] * 25 + ["threat"] * 20
    (folder / "people.csv").write_text("means,sex\n" + "".join(f"{row},f\n" for row in rows), encoding="utf-8")
    command = ["release", folder / "people.csv", "--spec", folder / "spec.toml", "--out", folder / "out", *option]
    assert run(*command) == 0
    lines = (folder / "out" / "tables" / "means.csv").read_text(encoding="utf-8").splitlines()
    assert set(lines[1:]) == {"_T,115,ok", "force,70,ok", "debt,65,ok", "threat,20,ok"}
    manifest = json.loads((folder / "out" / "manifest.json").read_bytes())
    assert manifest["tables"][0]["multi"] == ["means"]


def test_a_semicolon_is_no_category_of_its_own(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    table = '[[table]]\nname = "means"\nof = "records"\nby = ["means"]\n'
    (folder / "spec.toml").write_text(f'title = "Means"\nperiod = "2025"\n{table}', encoding="utf-8")
    rows = ["force;debt"] * 40 + ["force"] * 30
    (folder / "people.csv").write_text("means,sex\n" + "".join(f"{row},f\n" for row in rows), encoding="utf-8")
    assert run("release", folder / "people.csv", "--spec", folder / "spec.toml", "--out", folder / "out") == 2
    sentence = "column means: table means: holds several values in a row, separated by ;, name the column with --multi"
    assert sentence in capfd.readouterr().err
    assert not (folder / "out").exists()


def test_a_semicolon_is_no_category_of_records(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    table = '[[table]]\nname = "sex"\nof = "records"\nby = ["sex"]\n'
    records = '[[microdata]]\nname = "people"\nof = "records"\nepsilon = 1\n'
    (folder / "spec.toml").write_text(f'title = "Means"\nperiod = "2025"\n{table}{records}', encoding="utf-8")
    rows = ["force;debt"] * 40 + ["force"] * 30
    (folder / "people.csv").write_text("means,sex\n" + "".join(f"{row},f\n" for row in rows), encoding="utf-8")
    assert run("release", folder / "people.csv", "--spec", folder / "spec.toml", "--out", folder / "out") == 2
    assert "microdata people: holds several values in a row, separated by ;" in capfd.readouterr().err


def test_the_options_about_published_files_are_those_of_the_assessment(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert {"--dash", "--multi", "--hierarchy", "--not-sensitive", "--cumulative"} <= option_names("attack")
    shared = option_names("attack") - {"--threshold", "--plan", "folder"}
    assert shared <= option_names("release")
    (folder / "press.csv").write_text("sex,count\nfemale,490\nmale,-\n")
    arguments = ("release", folder / "victims.parquet", "--spec", folder / "spec.toml", "--out", folder / "out")
    assert run(*arguments, "--published", folder / "press.csv") == 2
    assert "--dash" in capsys.readouterr().err
    assert run(*arguments, "--published", folder / "press.csv", "--dash", "suppressed") == 0
