"""`kerege report`: exit codes, one sentence for each error, no partial output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.cli import main
from tests.publishing import made

pytestmark = pytest.mark.django_db


def run(*argv: str) -> int:
    """Return the exit code of a command line."""
    try:
        main(["report", *argv])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_a_year_without_a_release_is_exit_1_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path))
    assert run("--year", "2025", "--out", str(tmp_path / "out")) == 1
    assert "there is no release of 2025" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_unknown_language_is_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--year", "2025", "--lang", "kk,fr", "--out", str(tmp_path / "out")) == 2
    assert capsys.readouterr().err == "error: --lang: there is no language 'fr', choose from kk, ru, en\n"


def test_a_folder_that_is_no_report_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert run("--year", "2025", "--out", str(tmp_path)) == 2
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_the_report_is_written_and_listed_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path))
    made.make(tmp_path)
    assert run("--year", "2025", "--lang", "en", "--out", str(tmp_path / "out"), "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["languages"] == ["en"]
    assert (tmp_path / "out" / "en" / "index.html").is_file()
