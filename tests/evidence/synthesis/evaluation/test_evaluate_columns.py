"""An evaluation compares the same columns of all files, and the rows of the cohorts that a file holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.synthesis.evaluation.evaluate import (
    NOT_HELD,
    TOO_MANY,
    certificate,
    check_order,
    code_alike,
    compared_columns,
    epsilon_of,
    evaluate,
    guarantee,
    list_coded_columns,
)
from kerege.evidence.synthesis.evaluation.refit import NotAnew


def snapshot(columns: str, rows: int = 2, sha256: str = "a", path: str = "") -> Snapshot:
    frame = pl.DataFrame({name: ["x", "y"] * rows for name in columns}).head(rows)
    return Snapshot(frame, "records", "", False, sha256, path=path)


REAL, CONTROL = snapshot("abc", path="real.csv"), snapshot("abc", sha256="b", path="control.csv")


def test_without_a_certificate_all_columns_of_the_original_are_compared() -> None:
    assert compared_columns(REAL, snapshot("cba"), None, chosen=False) == ["a", "b", "c"]
    assert compared_columns(REAL, snapshot("abc"), CONTROL, chosen=False) == ["a", "b", "c"]


def test_with_a_certificate_the_columns_of_the_file_are_compared() -> None:
    assert compared_columns(REAL, snapshot("ca"), None, chosen=True) == ["a", "c"]


@pytest.mark.parametrize(
    ("synthetic", "control", "chosen", "faults"),
    [
        (snapshot("ab", path="made.csv"), None, False, ["made.csv: lacks c, give files with the same columns"]),
        (
            snapshot("abcz", path="made.csv"),
            None,
            False,
            ["made.csv: has beyond the original's columns z, give files with the same columns"],
        ),
        (
            snapshot("xy", path="made.csv"),
            None,
            True,
            ["made.csv: has beyond the original's columns x, y, give files with the same columns"],
        ),
        (
            snapshot("abc", 0, path="made.csv"),
            replace(CONTROL, frame=CONTROL.frame.drop("b")),
            False,
            [
                "made.csv: holds no rows, give a file with at least one row",
                "control.csv: lacks b, give files with the same columns",
            ],
        ),
        (
            snapshot("abc"),
            replace(CONTROL, sha256="a"),
            False,
            ["control.csv: is the original file itself, give rows that the synthetic ones were not made from"],
        ),
    ],
)
def test_files_that_cannot_be_compared_are_named_all_at_once(
    synthetic: Snapshot, control: Snapshot | None, chosen: bool, faults: list[str]
) -> None:
    with pytest.raises(BadInput) as refused:
        compared_columns(REAL, synthetic, control, chosen=chosen)
    assert list(map(str, refused.value.faults)) == faults


def test_columns_of_the_control_that_are_not_compared_may_be_missing() -> None:
    control = replace(CONTROL, frame=CONTROL.frame.drop("b"))
    assert compared_columns(REAL, snapshot("ac"), control, chosen=True) == ["a", "c"]


@pytest.mark.parametrize("order", [0, -1])
def test_an_order_below_one_is_refused(order: int) -> None:
    with pytest.raises(BadInput, match=f"there are no combinations of {order} values, give --order 1, 2, 3 or more"):
        check_order(order)
    check_order(1)


# -- the certificate ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["[1]", "no JSON", '"text"', "\udcff"])
def test_a_file_that_is_no_certificate_is_refused_with_its_path(tmp_path: Path, content: str) -> None:
    path = tmp_path / "made.csv.certificate.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(
        BadInput, match=r"made\.csv\.certificate\.json: is not a certificate, put the certificate there"
    ):
        certificate(tmp_path / "made.csv")


def test_the_certificate_of_the_file_is_taken_before_that_of_the_release(tmp_path: Path) -> None:
    (tmp_path / "made.certificate.json").write_text('{"rows": 1}')
    (tmp_path / "made.csv.certificate.json").write_text('{"rows": 2}')
    assert certificate(tmp_path / "made.csv") == {"rows": 2}
    assert certificate(tmp_path / "made.parquet") == {"rows": 1}


@pytest.mark.parametrize(
    ("claimed", "epsilon"),
    [
        (None, None),
        ({}, None),
        ({"guarantee": None}, None),
        ({"guarantee": {"epsilon": "4"}}, None),
        ({"guarantee": {"epsilon": 4}}, 4.0),
        ({"guarantee": {"epsilon": 0.5}}, 0.5),
    ],
)
def test_an_epsilon_is_a_number_of_the_guarantee(claimed: dict[str, Any] | None, epsilon: float | None) -> None:
    assert epsilon_of(claimed) == epsilon
    assert isinstance(guarantee(claimed), dict)


# -- the rows of the cohorts -------------------------------------------------------------------------------------------


def years(*values: str | None) -> Snapshot:
    frame = pl.DataFrame({"year": values, "sex": ["f"] * len(values)}, schema={"year": pl.String, "sex": pl.String})
    return Snapshot(frame, "records", "", False, "a")


CLAIM: dict[str, Any] = {"request": {"cohorts": "year"}, "cohorts": [{"value": "2023"}, {"value": "_U"}]}


@pytest.mark.parametrize(
    ("claim", "rows"),
    [
        (CLAIM, ["2023", None]),
        (CLAIM | {"cohorts": [{"value": "2023"}]}, ["2023"]),
        (CLAIM | {"cohorts": []}, []),
        (CLAIM | {"cohorts": [{"value": "2023"}, "2024", {"value": 2025}]}, ["2023"]),  # malformed entries
        (CLAIM | {"cohorts": "2023"}, ["2023", "2024", None]),
        (CLAIM | {"request": {"cohorts": "age"}}, ["2023", "2024", None]),
        (CLAIM | {"request": None}, ["2023", "2024", None]),
        ({}, ["2023", "2024", None]),
    ],
)
def test_only_the_rows_of_published_cohorts_are_compared(
    claim: dict[str, Any], rows: list[str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kerege.evidence.synthesis.evaluation.evaluate.certificate", lambda path: claim)
    original, synthetic = years("2023", "2024", None), replace(years("2023"), path=str(tmp_path / "made.csv"))
    if rows:
        result = evaluate(original, synthetic, order=1, private=False)
        assert result.original.frame["year"].to_list() == rows
        assert result.quality.rows == len(rows)
    else:
        with pytest.raises(BadInput, match="holds no rows"):
            evaluate(original, synthetic, order=1, private=False)


# -- the reason without attacks ----------------------------------------------------------------------------------------


def test_attacks_need_a_control_or_a_way_to_make_the_file_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = snapshot("abc", path=str(tmp_path / "made.csv"))
    without = evaluate(REAL, made, order=1)
    assert without.privacy is None
    assert without.unmeasured == "there is neither --control nor a certificate beside the file by which to make it anew"

    def refit(rest: pl.DataFrame, claimed: dict[str, Any], seed: int) -> pl.DataFrame:
        raise NotAnew("a reason")

    monkeypatch.setattr("kerege.evidence.synthesis.evaluation.evaluate.certificate", lambda path: {"rows": 1})
    assert evaluate(REAL, made, order=1).unmeasured == NOT_HELD
    assert evaluate(REAL, made, order=1, private=False).comparison.untried["predictions"] == NOT_HELD
    failed = evaluate(snapshot("abc", 60), made, order=1, refit=refit)
    assert (failed.privacy, failed.unmeasured, failed.verdicts) == (None, "a reason", [])


def test_an_evaluation_is_written_without_the_hash_of_the_real_rows() -> None:
    result = evaluate(REAL, snapshot("abc", sha256="c"), order=1, private=False, seed=7)
    tree = result.as_dict()
    assert tree["original"] == {"file": "real.csv", "rows": 2}
    assert tree["synthetic"] == {"file": "", "rows": 2, "sha256": "c"}
    assert (tree["order"], tree["seed"], tree["privacy"], tree["unmeasured"]) == (1, 7, None, "not asked for")


# -- combinations of four values ---------------------------------------------------------------------------------------


def test_four_values_are_compared_unless_there_are_too_many_or_another_order_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, made = snapshot("abcdef", 60), snapshot("abcdef", 50, sha256="c")
    whole = evaluate(real, made, private=False)
    assert [(length.length, length.errors.combinations) for length in whole.quality.lengths][-1] == (4, 30)
    assert (whole.order, whole.uncounted) == (4, "")
    assert whole.quality.lengths[-1].distance is None
    monkeypatch.setattr("kerege.evidence.synthesis.evaluation.evaluate.MOST_COMBINATIONS", 60 * 15 - 1)
    fewer = evaluate(real, made, private=False)
    assert (fewer.order, fewer.uncounted) == (3, TOO_MANY)
    assert evaluate(real, made, order=4, private=False).uncounted == ""


def test_numbers_of_the_real_rows_are_divided_as_the_certificate_says() -> None:
    claim = {"schema": {"columns": {"a": {"bins": [0, 10], "values": ["0--9", "10+"], "source": "schema file"}}}}
    real = Snapshot.from_frame(pl.DataFrame({"a": [1, 10, 200], "b": ["x", "y", "z"]}))
    assert code_alike(real, claim).frame["a"].to_list() == ["0--9", "10+", "10+"]
    assert list_coded_columns(claim) == ["a"]
    assert code_alike(real, {"schema": {"columns": {"b": {"values": ["x"]}}}}) is real
    assert list_coded_columns(None) == list_coded_columns({"guarantee": {"kind": "k-anonymous"}}) == []
