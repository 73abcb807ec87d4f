"""`kerege synthesize`: records with a certificate, one JSON object, or one sentence and no output."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from kerege.evidence.data import snapshot as snapshots
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import synthesize as make_records
from kerege.evidence.synthesis.generation.repeated_fit import fit_and_repeat
from tests.cli.test_table import run

Out = pytest.CaptureFixture[str]
SCHEMA = """
[columns.a]
values = ["x", "y"]
[columns.b]
values = ["p", "q"]
[columns.m]
values = ["u", "v", "w"]
multi = true
"""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the fit in this process, which is faster."""

    monkeypatch.setattr(import_module(make_records.__module__), "fit_in_process", fit_and_repeat)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with a table and its schema of public values."""
    rng = np.random.default_rng(1)
    n = 900
    pl.DataFrame(
        {
            "a": rng.choice(["x", "y", ""], n),
            "b": rng.choice(["p", "q", ""], n),
            "m": rng.choice(["u;v", "u", "", "w; u", "v"], n),
        }
    ).write_csv(tmp_path / "people.csv")
    (tmp_path / "schema.toml").write_text(SCHEMA)
    return tmp_path


def synthesize(folder: Path, out: str, *more: object, epsilon: object = 4, schema: str = "schema.toml") -> int:
    return run("synthesize", folder / "people.csv", "--out", folder / out, "--epsilon", epsilon, "--schema",
               folder / schema, "--ledger", folder / "ledger", *more)  # fmt: skip


def made_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"people.csv", "schema.toml", "ledger"}


def test_records_and_certificate_are_made_end_to_end(files: Path, capfd: Out) -> None:
    """The fit is in a process of its own here, and the noise is that of publications."""
    assert synthesize(files, "out.csv") == 0
    out, err = capfd.readouterr()
    assert "records of 3 columns in out.csv" in out
    assert "epsilon 4 at delta 1e-09" in out
    assert not err
    assert made_in(files) == {"out.csv", "out.csv.counts.csv", "out.csv.certificate.json"}
    certificate = json.loads((files / "out.csv.certificate.json").read_text())
    assert certificate["guarantee"]["holds"]
    records = snapshots.read(files / "out.csv", multi=["m"]).frame
    assert records.columns == ["a", "b", "m"]
    assert records.height == certificate["rows"]
    assert 780 < records.height < 1_020


@pytest.mark.usefixtures("quick")
def test_the_result_is_one_json_object(files: Path, capfd: Out) -> None:
    assert synthesize(files, "out.csv", "--json") == 0
    out, _ = capfd.readouterr()
    assert json.loads(out) == json.loads((files / "out.csv.certificate.json").read_text())
    assert len(out.splitlines()) == 1
    assert "NaN" not in out
    assert "Infinity" not in out


@pytest.mark.usefixtures("quick")
def test_csv_and_parquet_agree_and_are_charged_once(files: Path, capfd: Out) -> None:
    for out in ("out.csv", "out.parquet", "again.csv"):
        assert synthesize(files, out) == 0
    assert (files / "out.csv").read_bytes() == (files / "again.csv").read_bytes()
    lists = pl.col("m").list.sort()
    table = pl.read_parquet(files / "out.parquet").with_columns(lists)
    assert snapshots.read(files / "out.csv", multi=["m"]).frame.with_columns(lists).equals(table)
    texts = [(files / f"{out}.certificate.json").read_text() for out in ("out.csv", "out.parquet", "again.csv")]
    assert texts[0] == texts[1] == texts[2]
    assert synthesize(files, "other.csv", "--seed", 9) == 0
    assert (files / "other.csv").read_bytes() != (files / "out.csv").read_bytes()
    assert [entry.rho > 0 for entry in Ledger(files / "ledger").entries()] == [True, False, False]
    capfd.readouterr()


@pytest.mark.usefixtures("quick")
def test_records_not_worth_publishing_are_marked(files: Path, capfd: Out) -> None:
    (files / "people.csv").write_text("a,b,m\nx,p,u\ny,q,v\n")
    assert synthesize(files, "out.csv", "--json") == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["worth"] is False
    assert err.startswith("low utility: ")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("out", "more", "words"), [
    ("out", [], "neither .csv nor .parquet"), ("out.xlsx", [], "neither .csv nor .parquet"),
    ("out.csv", ["--epsilon", 0], "epsilon is not a number"), ("out.csv", ["--epsilon", -1], "epsilon is not a number"),
    ("out.csv", ["--epsilon", 1e9], "epsilon is not a number"), ("out.csv", ["--epsilon", "much"], "valid number"),
    ("out.csv", ["--delta", 1], "delta is not a number"), ("out.csv", ["--seed", -1], "the seed is not a whole number"),
    ("out.csv", ["--seed", 2**31], "the seed is not"), ("out.csv", ["--preset", "bold"], "no preset bold"),
    ("out.csv", ["--order", 4], "not measured"), ("out.csv", ["--columns", "a,none"], "no such column"),
    ("out.csv", ["--columns", "a,a"], "named twice"), ("people.csv", [], "is an input, name another"),
    ("people.csv/out.csv", [], "cannot be written"), ("ledger/../schema.toml/x.csv", [], "cannot be written"),
    ("out.csv", ["--schema", "none.toml"], "cannot be read"),
])  # fmt: skip
def test_an_error_is_one_sentence_and_nothing_is_written(
    files: Path, capfd: Out, out: str, more: list[object], words: str
) -> None:
    before = (files / "people.csv").read_bytes()
    (files / "ledger").mkdir()
    assert synthesize(files, out, *more) == 2
    output, err = capfd.readouterr()
    assert not output
    assert words in err
    assert err.startswith("error: ")
    assert len(err.splitlines()) == 1
    assert not made_in(files)
    assert not Ledger(files / "ledger").entries()
    assert (files / "people.csv").read_bytes() == before


@pytest.mark.usefixtures("quick")
def test_a_missing_table_and_folder_are_refused(files: Path, capfd: Out) -> None:
    (files / "people.csv").unlink()
    assert synthesize(files, "out.csv") == 2
    assert "cannot be read" in capfd.readouterr().err
    (files / "people.csv").write_text("a,b,m\n_T,p,u\nx,q,v\n")
    assert synthesize(files, "out.csv") == 2
    assert "are reserved for totals" in capfd.readouterr().err
    assert not made_in(files)


@pytest.mark.usefixtures("quick")
def test_an_overdrawn_budget_is_refused(files: Path, capfd: Out) -> None:
    ledger = Ledger(files / "ledger")
    with ledger.locked():
        ledger.set_budget("2025", epsilon_to_rho(1.0), "test")
    assert synthesize(files, "out.csv", "--period", "2025", "--json") == 1
    out, err = capfd.readouterr()
    assert not out
    assert "the privacy budget of 2025 does not allow it" in err
    assert not made_in(files)
    assert synthesize(files, "out.csv", "--period", "2025", epsilon=0.5) == 0
    assert ledger.spent("2025") == pytest.approx(epsilon_to_rho(0.5), rel=1e-6)


@pytest.mark.usefixtures("quick")
def test_a_missing_output_folder_is_created(files: Path, capfd: Out) -> None:
    assert synthesize(files, "new/deep/out.parquet") == 0
    names = {path.name for path in (files / "new" / "deep").iterdir()}
    assert names == {"out.parquet", "out.parquet.counts.csv", "out.parquet.certificate.json"}
    assert "out.parquet" in capfd.readouterr().out


@pytest.mark.usefixtures("quick")
def test_values_that_nobody_listed_are_found_under_delta_also_in_several_columns(files: Path, capfd: Out) -> None:
    given = (files / "people.csv", "--out", files / "out.csv", "--epsilon", 4, "--ledger", files / "ledger")
    assert run("synthesize", *given) == 2
    assert "name the column with --multi" in capfd.readouterr().err
    assert run("synthesize", *given, "--multi", "m") == 0
    certificate = json.loads((files / "out.csv.certificate.json").read_text())
    assert certificate["guarantee"]["delta_for_unlisted_values"] == 5e-10
    assert [column["source"] for column in certificate["columns"]] == ["discovered under delta"] * 3
    assert [column["multi"] for column in certificate["columns"]] == [False, False, True]


BINS = """
[columns.age]
bins = [0, 18, 60]
[columns.income]
private_bins = 3
range = [0, 900]
[columns.arrival]
date = "year"
range = ["2020", "2024"]
"""


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    """Return a folder with a table of numbers and dates, in CSV and in Parquet, and their bins."""
    chance = np.random.default_rng(1)
    frame = pl.DataFrame(
        {
            "age": chance.integers(0, 80, 400) + 0.5,
            "income": chance.integers(0, 900, 400),
            "arrival": pl.Series(chance.integers(18_300, 20_000, 400)).cast(pl.Date),
        }
    )
    frame.write_parquet(tmp_path / "people.parquet")
    frame.write_csv(tmp_path / "people.csv")
    (tmp_path / "schema.toml").write_text(BINS)
    return tmp_path


@pytest.mark.usefixtures("quick")
def test_numbers_and_dates_are_in_bins_and_evaluated_in_them(numbers: Path, capfd: Out) -> None:
    made = []
    for kind in ("csv", "parquet"):
        given = (numbers / f"people.{kind}", "--out", numbers / "out.csv", "--ledger", numbers / "ledger")
        assert run("synthesize", *given, "--epsilon", 8, "--schema", numbers / "schema.toml") == 0
        made.append((numbers / "out.csv").read_bytes())
    assert made[0] == made[1]
    records = pl.read_csv(numbers / "out.csv", infer_schema=False)
    assert set(records["age"].drop_nulls()) == {"0--17", "18--59", "60+"}
    assert set(records["arrival"].drop_nulls()) <= {"2020", "2021", "2022", "2023", "2024"}
    assert records["income"].n_unique() <= 4
    capfd.readouterr()
    assert run("evaluate", numbers / "people.parquet", numbers / "out.csv", "--no-privacy", "--json") == 0
    quality = json.loads(capfd.readouterr().out)["quality"]
    assert quality["lengths"][0]["fabricated"] == quality["lengths"][0]["missing"] == 0


@pytest.mark.usefixtures("quick")
def test_bins_apply_to_records_with_an_epsilon_only(numbers: Path, capfd: Out) -> None:
    given = (numbers / "people.csv", "--out", numbers / "out.csv", "--ledger", numbers / "ledger")
    assert run("synthesize", *given, "--k-anonymous", 5, "--schema", numbers / "schema.toml") == 2
    assert len(capfd.readouterr().err.splitlines()) == 3
    assert not (numbers / "out.csv").exists()


def test_a_k_anonymous_file_needs_no_epsilon(files: Path, capfd: Out) -> None:
    common = (
        "synthesize",
        files / "people.csv",
        "--out",
        files / "out.csv",
        "--ledger",
        files / "ledger",
        "--multi",
        "m",
    )
    assert run(*common, "--k-anonymous", 10) == 0
    out, err = capfd.readouterr()
    assert "no combination of up to 3 values of fewer than 10 people" in out
    assert "For one release only" in err
    for wrong in ((), ("--k-anonymous", 10, "--epsilon", 4)):
        assert run(*common, *wrong) == 2
        assert "give either --epsilon or --k-anonymous" in capfd.readouterr().err
    assert run(*common, "--k-anonymous", 10, "--period", "2025") == 2
    assert "apply to --epsilon only" in capfd.readouterr().err


def test_a_column_that_the_schema_leaves_out_is_in_no_k_anonymous_file(files: Path, capfd: Out) -> None:
    (files / "some.toml").write_text("[columns.m]\nleave_out = true\n")
    given = (files / "people.csv", "--out", files / "out.csv", "--ledger", files / "ledger", "--k-anonymous", 10)
    schema = ("--schema", files / "some.toml")
    assert run("synthesize", *given, *schema, "--columns", "a,m") == 2
    assert "column m: is left out by the schema file" in capfd.readouterr().err
    # its cells with several values need no --multi
    assert run("synthesize", *given, *schema) == 0
    columns = set((files / "out.csv").read_text(encoding="utf-8").splitlines()[0].split(","))
    assert columns == {"a", "b"}


def test_values_outside_the_public_list_are_reported_before_the_charge(files: Path, capfd: Out) -> None:
    (files / "short.toml").write_text(SCHEMA.replace('["x", "y"]', '["x"]'))
    (files / "other.toml").write_text(SCHEMA.replace('["x", "y"]', '["z"]'))
    assert synthesize(files, "out.csv", schema="other.toml") == 2
    assert "column a: holds none of the values of its list" in capfd.readouterr().err
    assert not (files / "ledger").exists()
    assert synthesize(files, "out.csv", schema="short.toml") == 0
    (errors,) = [line for line in capfd.readouterr().err.splitlines() if "answers are not in its list" in line]
    assert errors.startswith("note, for internal use only: a: ")


def test_a_failed_fit_is_charged_and_keeps_its_noise(files: Path, capfd: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    """The measurement is in the ledger before any record is made of it.

    The next try is made from the same counts.
    """

    def fails(*_: Any, **options: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(import_module(make_records.__module__), "fit_in_process", fails)
        assert synthesize(files, "out.csv") == 130
    [entry] = Ledger(files / "ledger").entries()
    assert entry.rho > 0
    noisy = (files / "ledger" / "outputs" / entry.request / "noisy.npz").read_bytes()
    assert synthesize(files, "out.csv") == 0
    assert [charge.rho for charge in Ledger(files / "ledger").entries()] == [entry.rho, 0]
    assert (files / "ledger" / "outputs" / entry.request / "noisy.npz").read_bytes() == noisy
    capfd.readouterr()


# -- before anything is spent ----------------------------------------------------------------------------------------


def foreseen(folder: Path, *more: object) -> int:
    return run("synthesize", folder / "people.csv", "--epsilon", 1, "--schema", folder / "schema.toml", "--ledger",
               folder / "ledger", "--dry-run", *more)  # fmt: skip


@pytest.mark.parametrize("more", [[], ["--cohorts", "b", "--series", "s"], ["--out", "out.csv"]])
def test_a_dry_run_reports_cost_errors_and_utility_only(files: Path, capfd: Out, more: list[object]) -> None:
    assert foreseen(files, "--people", 10, "--period", "2025", *more) == 0
    out, err = capfd.readouterr()
    assert not err
    for words in (
        "would charge epsilon 1 at delta 1e-09 (rho 0.01497) to 2025",
        "the ledger allows it",
        "of 1000",
        "low utility",
        "dry run: nothing was charged",
    ):
        assert words in out
    assert not made_in(files)
    assert not (files / "ledger").exists()


def test_a_dry_run_lists_new_revised_and_kept_cohorts(files: Path, capfd: Out) -> None:
    cohorts = ("--cohorts", "b", "--series", "s")
    assert synthesize(files, "out.csv", *cohorts, "--through", "p", epsilon=1) == 0
    capfd.readouterr()
    assert foreseen(files, *cohorts) == 0
    out = capfd.readouterr().out
    assert "to the budget that all external files share, for each new b; its later revisions are paid" in out
    assert "new: q\nkept: p, _U\n" in out
    assert foreseen(files, *cohorts, "--through", "p", "--revise", "p") == 0
    out = capfd.readouterr().out
    assert "revisions use the reserved budget: nothing would be charged\nrevised: p\nkept: _U\n" in out


def test_a_dry_run_is_one_json_object_without_data_of_the_records(files: Path, capfd: Out) -> None:
    """It also omits the number of values outside the public lists, which a real run reports to its user."""
    plans = []
    for rows in ("x,p,u\n", "x,p,u\ny,q,v\nelse,q,v\n"):
        (files / "people.csv").write_text(f"a,b,m\n{rows}")
        assert foreseen(files, "--json") == 0
        out, err = capfd.readouterr()
        assert not err
        plans.append(json.loads(out))
    assert plans[0] == plans[1]
    assert plans[0]["dry_run"] is True


def test_a_dry_run_says_whether_it_is_the_worst_case(files: Path, capfd: Out) -> None:
    errors = []
    for more in ((), ("--values-p65", 2)):
        assert foreseen(files, *more) == 0
        output = capfd.readouterr().out
        assert ("at worst, as if everybody reported" in output, "if 65 of 100 people report 2 values" in output) == (
            not more,
            bool(more),
        )
        assert foreseen(files, *more, "--json") == 0
        errors.append(json.loads(capfd.readouterr().out)["expected"][0]["error"])
    assert errors[0] > errors[1]


def test_a_dry_run_predicts_the_decision_of_the_ledger(files: Path, capfd: Out) -> None:
    ledger = Ledger(files / "ledger")
    with ledger.locked():
        ledger.set_budget("2025", epsilon_to_rho(0.5), "test")
    assert foreseen(files, "--period", "2025", "--json") == 0
    result = json.loads(capfd.readouterr().out)
    assert result["allowed"] is False
    assert synthesize(files, "out.csv", "--period", "2025", epsilon=1) == 1
    assert result["refusal"] in capfd.readouterr().err


def test_invalid_options_of_a_dry_run_are_refused(files: Path, capfd: Out) -> None:
    people = ("synthesize", files / "people.csv", "--multi", "m")
    for given, words in (
        (("--epsilon", 4), "no file is named, give --out FILE, or --dry-run"),
        (("--epsilon", 4, "--out", files / "out.csv", "--people", 9), "--people applies to --dry-run only"),
        (("--epsilon", 4, "--out", files / "out.csv", "--values-p65", 9), "--values-p65 applies to --dry-run only"),
        (("--epsilon", 4, "--dry-run", "--values-p65", -1), "number of reported values is below 0"),
        (("--k-anonymous", 10, "--dry-run"), "--dry-run apply to --epsilon only"),
        (("--epsilon", 4, "--through", "p"), "--through and --revise apply to --cohorts only"),
        (("--epsilon", 4, "--revise", "p"), "--through and --revise apply to --cohorts only"),
        (("--epsilon", 4, "--series", "s"), "--series applies to --cohorts and --k-anonymous only"),
    ):
        assert run(*people, *given) == 2
        assert words in capfd.readouterr().err
    assert not made_in(files)


@pytest.mark.parametrize("unit", ["services", "campaigns"])
def test_units_other_than_persons_are_refused(tmp_path: Path, unit: str, capfd: Out) -> None:
    path = tmp_path / "rows.parquet"
    snapshots.write(path, unit, [{"quarter": "2025-Q1"}], as_of="2025-01-01", invented=True, key=b"k")
    for guarantee in (("--epsilon", 4), ("--k-anonymous", 10)):
        assert run("synthesize", path, "--out", tmp_path / "out.csv", "--ledger", tmp_path / "ledger", *guarantee) == 2
        assert "is not a person" in capfd.readouterr().err
