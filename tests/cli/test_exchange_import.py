"""`kerege import`: a line for each error, exit 2, nothing written; a summary as text and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.casework.cases.models.case import Case
from kerege.cli import main
from tests.casework.exchange.records import FULL, write_csv

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> int:
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_a_dry_run_and_the_import_have_the_same_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_csv(tmp_path / "a.csv", [FULL])
    assert run("import", path, "--dry-run", "--json") == 0
    dry = json.loads(capsys.readouterr().out)
    assert Case.objects.count() == 0
    assert run("import", path, "--json") == 0
    wet = json.loads(capsys.readouterr().out)
    assert (wet["persons_new"], wet["cases_new"], wet["decisions"], wet["comments"]) == (1, 1, 1, 1)
    assert dry | {"dry_run": False} == wet


def test_a_repeated_import_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_csv(tmp_path / "a.csv", [FULL])
    run("import", path)
    capsys.readouterr()
    assert run("import", path) == 0
    assert "nothing changes" in capsys.readouterr().out


def test_faults_are_one_error_line_each_without_values_of_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    canary = "Канарейкина"
    path = write_csv(tmp_path / "a.csv", [{"prs_SecondName": canary, "prs_Birthdate": canary, "prs_Gender": "X"}])
    assert run("import", path) == 2
    output = capsys.readouterr()
    assert output.out == ""
    lines = output.err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("error: a.csv: row 2, column prs_Birthdate: is not a date, write it as")
    gender = "error: a.csv: row 2, column prs_Gender: 'X' is not one of its codes, use one of Feminine"
    assert lines[1].startswith(gender)
    assert canary not in output.err
    assert Case.objects.count() == 0


@pytest.mark.parametrize("name", ["missing.csv", "records.pdf"])
def test_an_invalid_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run("import", tmp_path / name) == 2
    assert capsys.readouterr().err.startswith(f"error: {name}: ")
