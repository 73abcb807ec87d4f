"""`kerege export`: a folder that appears whole, or one clear sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.standard.ctdc import VARIABLES
from tests.casework.exchange.records import FULL, bring_in, read_csv
from tests.cli.test_import import run

pytestmark = pytest.mark.django_db


def test_records_without_identity(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring_in(tmp_path, FULL)
    assert run("export", "htcds", "--out", tmp_path / "out", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["cases"], told["with_identity"]) == (1, 1, False)
    (row,) = read_csv(tmp_path / "out" / "htcds.csv")
    assert row["prs_Id"].startswith("kerege-")
    assert "prs_FirstName" not in row


def test_records_with_identity_come_with_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring_in(tmp_path, FULL)
    assert run("export", "htcds", "--with-identity", "--out", tmp_path / "out") == 0
    assert "this file names people" in capsys.readouterr().err
    assert read_csv(tmp_path / "out" / "htcds.csv")[0]["prs_FirstName"] == FULL["prs_FirstName"]


def test_ctdc_has_its_variables(tmp_path: Path) -> None:
    bring_in(tmp_path, FULL)
    assert run("export", "ctdc", "--out", tmp_path / "out") == 0
    header = (tmp_path / "out" / "ctdc.csv").read_text().splitlines()[0]
    assert header.split(",") == list(VARIABLES)


@pytest.mark.parametrize("format_", ["glotip", "sdg", "sdmx", "htcds3"])
def test_a_format_that_cannot_be_written_is_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], format_: str
) -> None:
    assert run("export", format_, "--out", tmp_path / "out") == 2
    assert capsys.readouterr().err.count("error: ") == 1
    assert not (tmp_path / "out").exists()


def test_an_agency_that_does_not_exist_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "htcds", "--agency", "nowhere", "--out", tmp_path / "out") == 2
    assert "no agency has the code nowhere" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
