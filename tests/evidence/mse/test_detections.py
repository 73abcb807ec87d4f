"""Lists from a snapshot: independent detections of a closed period, with all people counted."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.periods import years_of
from kerege.evidence.data.snapshot import Snapshot, read
from kerege.evidence.mse.detections import MOST, OTHER, SMALL, snapshot_lists

Row = tuple[str, list[str] | None, str]


def snapshot(rows: list[Row], times: int = 1) -> Snapshot:
    """Return a snapshot of rows (year, detected_by, agency_kind), one for each person."""
    frame = pl.DataFrame(
        rows * times,
        schema={"year": pl.String, "detected_by": pl.List(pl.String), "agency_kind": pl.String},
        orient="row",
    )
    return Snapshot(frame, "victims", "2025-12-31", True, "0" * 64, frozenset({"detected_by"}))


PEOPLE: list[Row] = [
    ("2024", ["ngo"], "ngo"),
    ("2024", ["ngo", "police"], "ngo"),
    ("2025", ["hotline"], "ngo"),
    ("2025", ["hotline", "police"], "police"),
    ("2025", None, "ngo"),
    ("2023", ["police"], "police"),
]


def by_names(rows: dict[int, int], names: tuple[str, ...]) -> dict[tuple[str, ...], int]:
    return {tuple(sorted(n for j, n in enumerate(names) if w >> j & 1)): count for w, count in rows.items()}


def test_every_person_of_the_period_is_counted() -> None:
    detected = snapshot_lists(snapshot(PEOPLE, 40), "2024/2025")
    people = by_names(
        dict(zip(detected.lists.histories.tolist(), detected.lists.counts.tolist(), strict=True)), detected.lists.names
    )
    assert people == {("ngo",): 40, ("ngo", "police"): 40, ("hotline",): 40, ("hotline", "police"): 40}
    assert (detected.people, detected.unlisted) == (200, 40)
    assert detected.people == detected.lists.people + detected.unlisted


def test_a_referral_is_no_detection_unless_requested() -> None:
    rows = snapshot(PEOPLE, 40)
    detections, with_referrals = snapshot_lists(rows, "2025"), snapshot_lists(rows, "2025", referrals=True)
    assert detections.lists.repeated == 40
    assert with_referrals.lists.repeated == 80  # a person whom the hotline referred to an NGO is on both lists
    assert (detections.unlisted, with_referrals.unlisted) == (40, 0)


def test_kinds_with_few_people_become_one_list() -> None:
    rows: list[Row] = [("2025", [kind], kind) for kind in ("a", "b", "c") for _ in range(SMALL)]
    rows += [("2025", ["health"], "")] * (SMALL - 1) + [("2025", ["border"], "")] * 3
    detected = snapshot_lists(snapshot(rows), "2025")
    assert detected.groups[OTHER] == ("border", "health")
    assert detected.lists.people == detected.people
    assert any("border, health" in note for note in detected.notes)


def test_the_smallest_of_too_many_lists_become_one() -> None:
    rows: list[Row] = [("2025", [f"k{n}"], "") for n in range(MOST + 3) for _ in range(SMALL + n)]
    detected = snapshot_lists(snapshot(rows), "2025")
    assert detected.lists.number == MOST
    assert detected.groups[OTHER] == ("k0", "k1", "k2", "k3")


def test_lists_of_equal_size_are_sorted_by_name() -> None:
    """The order of the rows has no effect: the bit of each list determines the draws of a seed."""
    rows: list[Row] = [("2025", [kind], "") for kind in ("d", "b", "c", "a") for _ in range(SMALL)]
    orders = [snapshot_lists(snapshot(order), "2025").lists.names for order in (rows, rows[::-1]) for _ in range(5)]
    assert set(orders) == {("a", "b", "c", "d")}


def test_lists_can_be_named_and_an_empty_list_is_left_out_with_a_note() -> None:
    detected = snapshot_lists(
        snapshot(PEOPLE, 40), "2024/2025", lists={"helpers": ["ngo", "hotline"], "border": ["border"]}
    )
    assert detected.groups == {"helpers": ("hotline", "ngo"), "police": ("police",)}
    assert detected.nobody == ("border",)
    assert "border: nobody is on this list, it is left out" in detected.notes


def test_other_kinds_join_a_list_named_other() -> None:
    detected = snapshot_lists(snapshot(PEOPLE, 40), "2024/2025", lists={OTHER: ["ngo"], "police": ["police"]})
    assert detected.groups[OTHER] == ("hotline", "ngo")


def test_an_answer_names_no_agency() -> None:
    detected = snapshot_lists(snapshot([*PEOPLE, ("2025", ["unknown"], "")], 40), "2025")
    assert detected.unlisted == 80


def test_a_further_condition_limits_the_people() -> None:
    detected = snapshot_lists(snapshot(PEOPLE, 40), "2024/2025", where={"agency_kind": ["police"]})
    assert detected.people == 40


def test_control_characters_in_a_kind_are_refused() -> None:
    with pytest.raises(BadInput, match=r"control characters in its name: .*x1b"):
        snapshot_lists(snapshot([("2025", ["ngo\x1b[2J"], "")], 40), "2025")


@pytest.mark.parametrize(("period", "years"), [("", []), ("2025", ["2025"]), ("2023-2025", ["2023", "2024", "2025"])])
def test_a_period_is_a_year_or_a_range_of_years(period: str, years: list[str]) -> None:
    assert years_of(period) == years


@pytest.mark.parametrize("period", ["2025/2024", "last year", "2025-Q1"])
def test_an_invalid_period_is_refused(period: str) -> None:
    with pytest.raises(BadInput, match="period"):
        years_of(period)


def test_missing_columns_and_people_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("year,detected_by\n2025,ngo;police\n", encoding="utf-8")
    with pytest.raises(BadInput, match="--multi detected_by"):
        snapshot_lists(read(path), "2025")
    assert snapshot_lists(read(path, multi=["detected_by"]), "2025").people == 1
    with pytest.raises(BadInput, match="nobody"):
        snapshot_lists(read(path, multi=["detected_by"]), "2024")
    with pytest.raises(BadInput, match="no such column"):
        snapshot_lists(read(path, multi=["detected_by"]), "2025", where={"sex": ["female"]})
