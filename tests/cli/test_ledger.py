"""`kerege ledger` prints the account and sets budgets; `kerege table --protect dp` respects them."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.cli import operator_account as accounts
from kerege.cli.ledger import app
from kerege.evidence.dp.zcdp import epsilon_to_rho
from tests.cli.test_table import run

ROWS = "sex,year\n" + "female,2024\n" * 300 + "male,2025\n" * 200


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path / "home"))
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    return path


def ledger(*args: str) -> None:
    app(list(args), standalone_mode=False)


def account(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    ledger("--json")
    result = json.loads(capsys.readouterr().out)
    assert isinstance(result, dict)
    return result


def test_an_empty_ledger_is_printed_and_not_created(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert account(capsys) == {
        "entries": [],
        "periods": [],
        "dropped": "",
        "composed": {
            "rho": 0.0,
            "epsilon": 0.0,
            "delta": 1e-9,
            "unbounded": 0,
            "epsilon_of_budget": pytest.approx(12),
            "budget": pytest.approx(1.503, abs=1e-3),
            "left": pytest.approx(1.503, abs=1e-3),
            "reserved": 0.0,
        },
    }
    assert not (rows.parent / "home").exists()


def test_a_table_is_charged_once_and_announced(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ("table", rows, "--by", "sex", "--protect", "dp", "--rho", "0.05", "--period", "2025", "--json")
    assert run(*command) == 0
    first = capsys.readouterr()
    assert "privacy budget of 2025: rho 0 spent, 0.2063 left; this table costs 0.05" in first.err
    assert run(*command) == 0
    second = capsys.readouterr()
    assert second.out == first.out
    assert "this table is stored and costs nothing" in second.err
    table = json.loads(first.out)
    assert {cell["status"] for cell in table["cells"]} == {"noised"}
    assert all(cell["error95"] > 0 for cell in table["cells"])
    assert table["tally"]["noised"] == len(table["cells"]) == 4
    accounts = account(capsys)
    (period,) = accounts["periods"]
    assert (period["period"], period["spent"]) == ("2025", 0.05)
    assert period["left"] == pytest.approx(period["budget"] - 0.05)
    assert accounts["composed"]["epsilon"] > 1.5


def test_an_overdrawn_budget_stops_the_table(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger("budget", "2025", "0.04")
    assert "rho 0.04, 0.04 left" in capsys.readouterr().out
    assert run("table", rows, "--by", "sex", "--protect", "dp", "--rho", "0.05", "--period", "2025") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].startswith("refused: the privacy budget of 2025 does not allow it")
    assert [entry["kind"] for entry in account(capsys)["entries"]] == ["budget"]  # type: ignore[attr-defined,index]


def test_the_account_has_a_text_output(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger("budget", "tables", "0.2", "--reason", "fewer tables")
    assert run("table", rows, "--by", "sex", "--protect", "dp", "--epsilon", "1", "--csv") == 0
    capsys.readouterr()
    ledger()
    out = capsys.readouterr().out
    for word in ("budget", "at most 0.2", "fewer tables", "table", "all periods together", "epsilon 1 at delta 1e-09"):
        assert word in out


def test_the_ceiling_of_all_periods_is_set_in_epsilon_and_holds(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger("budget", "all", "--epsilon", "3")
    command = ("table", rows, "--protect", "dp", "--epsilon", "2", "--csv")
    assert run(*command, "--by", "sex", "--period", "2024") == 0
    capsys.readouterr()
    assert run(*command, "--by", "year", "--period", "2025") == 0
    assert run(*command, "--by", "sex,year", "--period", "2026") == 1
    assert "of all periods together does not allow it: epsilon 2 is requested" in capsys.readouterr().err
    accounts = account(capsys)["composed"]
    assert accounts["epsilon"] == pytest.approx(2.888, abs=0.001)
    assert accounts["epsilon_of_budget"] == pytest.approx(3)
    ledger()
    assert "at most: rho 0.1206, epsilon 3; 0.00" in capsys.readouterr().out


@pytest.fixture
def account_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that changes the account at the terminal."""
    return lambda name: monkeypatch.setattr("kerege.cli.ledger.operator_account", lambda: name)


def test_two_people_raise_a_budget(
    rows: Path, capsys: pytest.CaptureFixture[str], account_of: Callable[[str], None]
) -> None:
    account_of("aliya")
    raising = ("ledger", "budget", "2025", "--epsilon", "6")
    assert run(*raising) == 1
    assert "epsilon 6 for 2025 is above the present 4: it needs a reason" in capsys.readouterr().err
    assert run(*raising, "--reason", "decision 14") == 0
    assert capsys.readouterr().out == "requested as entry 1; another person approves it with kerege ledger approve 1\n"
    assert run("ledger", "approve", "1") == 1
    assert "entry 1 was requested by cli:aliya: another person approves it" in capsys.readouterr().err
    account_of("bolat")
    assert run("ledger", "approve", "1", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert result == {"period": "2025", "ceiling": epsilon_to_rho(6.0), "left": epsilon_to_rho(6.0), "seq": 2}
    assert run("ledger", "approve", "7") == 2
    capsys.readouterr()
    ledger()
    out = " ".join(capsys.readouterr().out.split())
    assert "requested 2025 at most 0.4" in out
    assert "cli:bolat, requested by cli:aliya: decision 14" in out


def test_two_people_go_on_without_lost_entries(
    rows: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    charge = ("table", rows, "--by", "sex", "--protect", "dp", "--rho", "0.05")
    assert run(*charge) == 0
    home = rows.parent / "home"
    (home / "ledger").rename(home / "away")
    assert run(*charge) == 1
    ledger("--json")
    assert "warning: nothing can be charged: the ledger" in capsys.readouterr().err
    for person, command in (("aliya", ("give-up", "--reason", "the disk broke")), ("bolat", ("approve", "1"))):
        monkeypatch.setattr("kerege.cli.ledger.operator_account", lambda person=person: person)
        assert run("ledger", *command) == 0
    out = capsys.readouterr().out
    assert "requested as entry 1" in out
    assert "entry 2: the lost entries count as rho 1.503, the rest of the budget of all periods" in out
    ledger()
    assert "cli:bolat, requested by cli:aliya: the disk broke" in " ".join(capsys.readouterr().out.split())
    assert run(*charge) == 1
    assert "the privacy budget of all periods together does not allow it" in capsys.readouterr().err
    assert run("ledger", "give-up", "--reason", "again") == 2


def test_the_account_is_that_of_the_operating_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not follow USER, which the person at the terminal can set."""
    for name in ("USER", "LOGNAME"):
        monkeypatch.setenv(name, "somebody-else")
    login = tmp_path / "loginuid"
    monkeypatch.setattr(accounts, "LOGIN", login)
    own = pwd.getpwuid(os.getuid()).pw_name
    assert accounts.operator_account() == own
    login.write_text(str(2**32 - 1))
    assert accounts.operator_account() == own
    login.write_text("0")
    assert accounts.operator_account() == pwd.getpwuid(0).pw_name  # sudo keeps the account that logged in
    login.write_text("4000000000")
    assert accounts.operator_account() == "4000000000"


@pytest.mark.parametrize("given", [[], ["0.2", "--epsilon", "1"], ["--epsilon", "0"], ["--epsilon", "nan"]])
def test_a_budget_is_one_number(rows: Path, given: list[str]) -> None:
    with pytest.raises(BadInput, match=r"are both given|not a number above 0"):
        ledger("budget", "2025", *given)


def test_files_outside_the_register_share_a_ceiling(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("synthesize", rows, "--out", rows.parent / "out.csv", "--epsilon", "4") == 0
    accounts = account(capsys)
    (period,) = accounts["periods"]
    assert (period["period"], period["reserved"]) == ("files", 0)
    assert period["left"] < 0.01  # half of delta was charged for values outside the public lists
    assert accounts["composed"]["rho"] == period["spent"]
    rows.write_text(ROWS.removesuffix("male,2025\n"))
    assert run("synthesize", rows, "--out", rows.parent / "out.csv", "--epsilon", "1") == 1
    assert "name the people of this file with --period" in capsys.readouterr().err


def test_reserves_for_cohorts_are_printed(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (rows.parent / "schema.toml").write_text(
        '[columns.sex]\nvalues = ["female", "male"]\n[columns.year]\nvalues = ["2024", "2025", "2026"]\n'
    )
    assert run("synthesize", rows, "--out", rows.parent / "out.csv", "--epsilon", "4", "--cohorts", "year", "--series",
               "house", "--through", "2025", "--schema", rows.parent / "schema.toml") == 0  # fmt: skip
    accounts = account(capsys)
    (period,) = accounts["periods"]
    budget = period["budget"]
    assert (period["spent"], period["reserved"]) == (pytest.approx(0.8 * budget), pytest.approx(0.2 * budget))
    assert period["left"] == pytest.approx(0, abs=1e-9)
    assert accounts["composed"]["reserved"] == period["reserved"]
    ledger()
    out = " ".join(capsys.readouterr().out.split())
    assert "0.2063 set aside for each: year 2024, year 2025, year _U" in out
    assert "files 0.2063 0.1651 0.04126 0" in out
    assert "left, 0.04126 set aside" in out


def test_a_second_ledger_has_its_own_account(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = rows.parent / "other"
    command = ("table", rows, "--by", "sex", "--protect", "dp", "--rho", "0.05", "--ledger", other)
    assert run(*command) == 0
    assert account(capsys)["entries"] == []
    ledger("--ledger", str(other), "--json")
    assert len(json.loads(capsys.readouterr().out)["entries"]) == 1


def test_perturbed_figures_are_the_same_at_every_call(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outs = []
    for by in ("sex", "sex", "sex,year"):
        assert run("table", rows, "--by", by, "--protect", "cellkey", "--json") == 0
        outs.append(json.loads(capsys.readouterr().out))
    assert outs[0] == outs[1]
    totals = {cell["sex"]: cell["count"] for cell in outs[0]["cells"]}
    crossed = {(cell["sex"], cell["year"]): cell["count"] for cell in outs[2]["cells"]}
    assert crossed["female", "_T"] == totals["female"] == crossed["female", "2024"]  # the same people
    assert outs[0]["params"]["half_width"] == outs[0]["params"]["D"] == 10
    assert not (rows.parent / "home" / "ledger").exists()  # cell keys cost no privacy loss
