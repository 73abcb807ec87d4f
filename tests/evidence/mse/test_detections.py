"""Lists out of a snapshot: who was detected by whom, of a closed period, nobody lost on the way."""

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
    """(year, detected_by, agency_kind) a person."""
    frame = pl.DataFrame(
        rows * times,
        schema={"year": pl.String, "detected_by": pl.List(pl.String), "agency_kind": pl.String},
        orient="row",
    )
    return Snapshot(frame, "victims", "2025-12-31", True, "0" * 64, frozenset({"detected_by"}))


MADE: list[Row] = [
    ("2024", ["ngo"], "ngo"),
    ("2024", ["ngo", "police"], "ngo"),
    ("2025", ["hotline"], "ngo"),
    ("2025", ["hotline", "police"], "police"),
    ("2025", None, "ngo"),
    ("2023", ["police"], "police"),
]


def counted(rows: dict[int, int], names: tuple[str, ...]) -> dict[tuple[str, ...], int]:
    return {tuple(sorted(n for j, n in enumerate(names) if w >> j & 1)): count for w, count in rows.items()}


def test_every_history_of_the_period_is_counted_and_nobody_is_lost() -> None:
    found = snapshot_lists(snapshot(MADE, 40), "2024/2025")
    people = counted(
        dict(zip(found.lists.histories.tolist(), found.lists.counts.tolist(), strict=True)), found.lists.names
    )
    assert people == {("ngo",): 40, ("ngo", "police"): 40, ("hotline",): 40, ("hotline", "police"): 40}
    assert (found.people, found.unlisted) == (200, 40)
    assert found.people == found.lists.people + found.unlisted


def test_a_referral_is_no_detection_unless_asked_for() -> None:
    rows = snapshot(MADE, 40)
    without, beside = snapshot_lists(rows, "2025"), snapshot_lists(rows, "2025", referrals=True)
    assert without.lists.repeated == 40
    assert beside.lists.repeated == 80  # whom the hotline sent to an NGO is on both
    assert (without.unlisted, beside.unlisted) == (40, 0)


def test_kinds_with_few_people_are_one_list() -> None:
    rows: list[Row] = [("2025", [kind], kind) for kind in ("a", "b", "c") for _ in range(SMALL)]
    rows += [("2025", ["health"], "")] * (SMALL - 1) + [("2025", ["border"], "")] * 3
    found = snapshot_lists(snapshot(rows), "2025")
    assert found.groups[OTHER] == ("border", "health")
    assert found.lists.people == found.people
    assert any("border, health" in note for note in found.notes)


def test_the_smallest_of_too_many_lists_are_one() -> None:
    rows: list[Row] = [("2025", [f"k{n}"], "") for n in range(MOST + 3) for _ in range(SMALL + n)]
    found = snapshot_lists(snapshot(rows), "2025")
    assert found.lists.number == MOST
    assert found.groups[OTHER] == ("k0", "k1", "k2", "k3")


def test_lists_of_one_size_stand_in_the_order_of_their_names() -> None:
    """Whatever the order of the rows: which list is which bit decides what a seed draws."""
    rows: list[Row] = [("2025", [kind], "") for kind in ("d", "b", "c", "a") for _ in range(SMALL)]
    found = [snapshot_lists(snapshot(order), "2025").lists.names for order in (rows, rows[::-1]) for _ in range(5)]
    assert set(found) == {("a", "b", "c", "d")}


def test_lists_can_be_named_and_a_list_that_nobody_is_on_is_left_out_and_said() -> None:
    found = snapshot_lists(snapshot(MADE, 40), "2024/2025", lists={"helpers": ["ngo", "hotline"], "border": ["border"]})
    assert found.groups == {"helpers": ("hotline", "ngo"), "police": ("police",)}
    assert found.nobody == ("border",)
    assert "border: nobody is on this list, it is left out" in found.notes


def test_others_join_the_list_that_is_called_so() -> None:
    found = snapshot_lists(snapshot(MADE, 40), "2024/2025", lists={OTHER: ["ngo"], "police": ["police"]})
    assert found.groups[OTHER] == ("hotline", "ngo")


def test_an_answer_names_no_agency() -> None:
    found = snapshot_lists(snapshot([*MADE, ("2025", ["unknown"], "")], 40), "2025")
    assert found.unlisted == 80


def test_a_further_condition_limits_the_people() -> None:
    found = snapshot_lists(snapshot(MADE, 40), "2024/2025", where={"agency_kind": ["police"]})
    assert found.people == 40


def test_a_kind_of_agency_cannot_steer_the_terminal() -> None:
    with pytest.raises(BadInput, match=r"control characters in its name: .*x1b"):
        snapshot_lists(snapshot([("2025", ["ngo\x1b[2J"], "")], 40), "2025")


@pytest.mark.parametrize(("period", "years"), [("", []), ("2025", ["2025"]), ("2023-2025", ["2023", "2024", "2025"])])
def test_a_period_is_a_year_or_two(period: str, years: list[str]) -> None:
    assert years_of(period) == years


@pytest.mark.parametrize("period", ["2025/2024", "last year", "2025-Q1"])
def test_anything_else_is_no_period(period: str) -> None:
    with pytest.raises(BadInput, match="period"):
        years_of(period)


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("year,detected_by\n2025,ngo;police\n", encoding="utf-8")
    with pytest.raises(BadInput, match="--multi detected_by"):
        snapshot_lists(read(path), "2025")
    assert snapshot_lists(read(path, multi=["detected_by"]), "2025").people == 1
    with pytest.raises(BadInput, match="nobody"):
        snapshot_lists(read(path, multi=["detected_by"]), "2024")
    with pytest.raises(BadInput, match="no such column"):
        snapshot_lists(read(path, multi=["detected_by"]), "2025", where={"sex": ["female"]})
