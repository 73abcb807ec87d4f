"""`kerege schema draft`, and files of CTDC without a schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis.measurement.public_schema import CTDC, DISCOVERED, LEFT_OUT, read
from tests.cli.test_table import run

Out = pytest.CaptureFixture[str]
CTDC_FILE = """\
yearOfRegistration,Datasource,gender,ageBroad,majorityStatus,citizenship,traffickMonths,isForcedLabour,typeOfExploitConcatenated,programme
2005.0,Hotline,Female,09--17,Minor,KAZ,0--12 (0-1 yr),1,Forced labour;Sexual exploitation,P1
2016.0,Hotline,Male,-99,Adult,00,25+ (2+ yrs),-99,-99,P2
2016,Case Management,-99,18--20,Adult,KZ,-99,0,Forced labour,P2
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "global.csv").write_text(CTDC_FILE)
    return tmp_path / "global.csv"


def test_a_draft_is_written_once_and_can_be_used(table: Path, capsys: Out) -> None:
    out = table.with_name("schema.toml")
    assert run("schema", "draft", table, *("--out", out, "--multi", "programme")) == 0
    sources = {column.name: column.source for column in read(out)}
    assert (sources["citizenship"], sources["programme"]) == (CTDC, DISCOVERED)
    assert run("schema", "draft", table, "--out", out) == 2
    assert "schema.toml exists, perhaps with your changes, name another file" in capsys.readouterr().err
    assert run("schema", "draft", table, "--out", "/proc/schema.toml") == 2
    assert "cannot be written there" in capsys.readouterr().err


def test_columns_that_identify_people_are_left_out_of_a_draft_and_of_the_records(tmp_path: Path, capsys: Out) -> None:
    rows = [f"KZ-{number},{number},{'fm'[number % 2]},1-{number}" for number in range(30)]
    (tmp_path / "people.csv").write_text("№ дела,ID,sex,remarks\n" + "\n".join(rows) + "\n", encoding="utf-8")
    out = tmp_path / "schema.toml"
    assert run("schema", "draft", tmp_path / "people.csv", "--out", out) == 0
    assert [column.name for column in read(out) if column.source == LEFT_OUT] == ["№ дела", "ID"]
    capsys.readouterr()
    asked = ("synthesize", tmp_path / "people.csv", "--schema", out, "--epsilon", "1", "--ledger", tmp_path / "ledger")
    assert run(*asked, "--dry-run", "--json") == 0
    assert [column["name"] for column in json.loads(capsys.readouterr().out)["columns"]] == ["sex", "remarks"]
    assert run(*asked, "--out", tmp_path / "out.csv") == 2
    assert "column remarks: has another value in each record, as an identifier has" in capsys.readouterr().err
    assert not Ledger(tmp_path / "ledger").entries()


def test_a_draft_for_a_column_that_is_not_there_is_refused(table: Path, capsys: Out) -> None:
    assert run("schema", "draft", table, *("--multi", "x", "--multi", "y")) == 2
    assert capsys.readouterr().err.count("there is no such column") == 2


def test_a_file_of_ctdc_is_read_without_a_schema(table: Path, capsys: Out) -> None:
    asked = ("--epsilon", "1", "--dry-run", "--json", "--ledger", table.with_name("ledger"))
    assert run("synthesize", table, *asked) == 0
    output = capsys.readouterr()
    columns = {column["name"]: column for column in json.loads(output.out)["columns"]}
    assert [name for name, column in columns.items() if column["source"] == DISCOVERED] == [
        "typeOfExploitConcatenated",
        "programme",
    ]
    assert [name for name, column in columns.items() if column["multi"]] == ["typeOfExploitConcatenated"]
    assert "left out" not in output.err
