"""Lists from a snapshot: independent detections of a closed period, with all people counted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.data.periods import list_years
from kerege.evidence.data.snapshot import Snapshot, read
from kerege.evidence.mse.detections import MOST, OTHER, SMALL, people_by, snapshot_lists

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
    assert list_years(period) == years


@pytest.mark.parametrize("period", ["2025/2024", "last year", "2025-Q1"])
def test_an_invalid_period_is_refused(period: str) -> None:
    with pytest.raises(BadInput, match="period"):
        list_years(period)


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


# -- selection of people ---------------------------------------------------------------------------------------------


def counted_by_hand(rows: list[Row], lists: dict[str, tuple[str, ...]]) -> dict[int, int]:
    """Return the people by history, row by row."""
    people: Counter[int] = Counter()
    for _, kinds, _ in rows:
        people[sum(1 << place for place, group in enumerate(lists.values()) if set(group) & set(kinds or []))] += 1
    people.pop(0, None)
    return dict(people)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.just("2025"), st.none() | st.lists(st.sampled_from(["a", "b", "c", "no"]), max_size=3), st.just("")
        ),
        min_size=1,
        max_size=12,
    )
)
def test_histories_are_those_of_a_count_row_by_row(rows: list[Row]) -> None:
    rows = [*rows, ("2025", ["a"], "")]
    detected = snapshot_lists(snapshot(rows), "2025", lists={"first": ["a"], "others": ["b", "c"]})
    histories = dict(zip(detected.lists.histories.tolist(), detected.lists.counts.tolist(), strict=True))
    assert histories == counted_by_hand(rows, detected.groups)
    assert detected.people == len(rows) == sum(histories.values()) + detected.unlisted


def test_people_without_a_year_belong_to_no_period() -> None:
    frame = pl.DataFrame({"year": ["2025", None], "detected_by": [["ngo"], ["ngo"]]})
    rows = Snapshot(frame, "victims", "", True, "0" * 64, frozenset({"detected_by"}))
    assert snapshot_lists(rows, "2025").people == 1
    assert snapshot_lists(rows).people == 2  # without a period all people count


def test_a_condition_on_a_column_of_several_values_holds_if_one_of_them_does() -> None:
    means = [["debt", "force"], ["fraud"], None, []]
    frame = pl.DataFrame({"detected_by": [["ngo"]] * 4, "means": means})
    rows = Snapshot(frame, "victims", "", True, "0" * 64, frozenset({"detected_by", "means"}))
    assert snapshot_lists(rows, where={"means": ["force"]}).people == 1
    assert snapshot_lists(rows, where={"means": ["force", "fraud"]}).people == 2


def test_the_missing_column_is_named_with_its_remedy() -> None:
    frame = pl.DataFrame({"detected_by": [["ngo"]]})
    rows = Snapshot(frame, "victims", "", True, "0" * 64, frozenset({"detected_by"}), "people.parquet")
    for call in (lambda: snapshot_lists(rows, "2025"), lambda: snapshot_lists(rows, where={"year": ["2025"]})):
        with pytest.raises(BadInput) as caught:
            call()
        todo = "take a snapshot of victims, or a file with this column"
        assert str(caught.value) == f"people.parquet: column year: there is no such column, {todo}"


# -- lists -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("people", "is_list"), [(29, False), (30, True), (31, True)])
def test_a_kind_becomes_a_list_from_30_people_on(people: int, is_list: bool) -> None:
    rows: list[Row] = [("2025", [kind], "") for kind in ("a", "b") for _ in range(3 * SMALL)]
    rows += [("2025", ["rare"], "")] * people + [("2025", ["rarest"], "")] * 3
    groups = snapshot_lists(snapshot(rows), "2025").groups
    assert ("rare" in groups) is is_list
    assert groups == {"a": ("a",), "b": ("b",)} | (
        {"rare": ("rare",), "rarest": ("rarest",)} if is_list else {OTHER: ("rare", "rarest")}
    )


@pytest.mark.parametrize(("kinds", "names"), [(6, 6), (7, 6), (9, 6)])
def test_more_than_six_lists_are_joined_from_the_smallest(kinds: int, names: int) -> None:
    rows: list[Row] = [("2025", [f"k{n}"], "") for n in range(kinds) for _ in range(SMALL + n)]
    detected = snapshot_lists(snapshot(rows), "2025")
    assert detected.lists.number == names
    largest = [f"k{n}" for n in reversed(range(kinds))][: 6 if kinds == 6 else 5]
    assert list(detected.groups)[: len(largest)] == largest
    assert detected.lists.people == detected.people


def test_six_lists_and_a_rest_are_joined_too() -> None:
    """Six large kinds and a small one make seven lists: the smallest large one joins the rest."""
    rows: list[Row] = [("2025", [f"k{n}"], "") for n in range(6) for _ in range(SMALL + n)]
    rows += [("2025", ["rare"], "")] * 2
    assert snapshot_lists(snapshot(rows), "2025").groups[OTHER] == ("k0", "rare")


def test_requested_kinds_become_a_list_each_and_the_others_one() -> None:
    detected = snapshot_lists(snapshot(PEOPLE, 40), "2024/2025", lists=["police"])
    assert detected.groups == {"police": ("police",), OTHER: ("hotline", "ngo")}
    assert detected.notes == ["other is one list of hotline, ngo"]
    named = snapshot_lists(snapshot(PEOPLE, 40), "2024/2025", lists=["police", "ngo"])
    assert named.groups == {"police": ("police",), "ngo": ("ngo",), "hotline": ("hotline",)}  # one kind keeps its name
    assert named.notes == []


@pytest.mark.parametrize("answer", ["unknown", "not_asked", "refused", "no", ""])
def test_an_answer_beside_an_agency_adds_no_list(answer: str) -> None:
    rows: list[Row] = [("2025", ["ngo", answer], ""), ("2025", [answer], "")]
    detected = snapshot_lists(snapshot(rows), "2025")
    assert (detected.groups, detected.unlisted) == ({"ngo": ("ngo",)}, 1)


def test_referrals_count_only_if_the_file_names_the_assisting_agency() -> None:
    frame = pl.DataFrame({"detected_by": [["police"], ["police"]], "agency_kind": ["ngo", None]})
    rows = Snapshot(frame, "victims", "", True, "0" * 64, frozenset({"detected_by"}))
    kinds = ["police", "ngo"]
    assert snapshot_lists(rows, lists=kinds, referrals=True).lists.repeated == 1
    assert snapshot_lists(rows, lists=kinds).lists.repeated == 0
    without = Snapshot(frame.drop("agency_kind"), "victims", "", True, "0" * 64, frozenset({"detected_by"}))
    assert snapshot_lists(without, lists=kinds, referrals=True).lists.repeated == 0


def with_answers() -> Snapshot:
    rows = [
        ("2025", ["police"], "f", ["labour", "sexual"]),
        ("2025", ["ngo", "police"], "unknown", ["sexual"]),
        ("2025", ["ngo"], None, ["unknown"]),
        ("2025", None, "f", ["labour"]),
        ("2024", ["ngo"], "m", None),
    ]
    several = pl.List(pl.String)
    schema = {"year": pl.String, "detected_by": several, "sex": pl.String, "form": several}
    frame = pl.DataFrame(rows * 40, schema=schema, orient="row")
    return Snapshot(frame, "victims", "2025-12-31", True, "0" * 64, frozenset({"detected_by", "form"}))


def test_people_on_lists_are_counted_by_covariate_and_several_values_are_one() -> None:
    detected, people = people_by(with_answers(), ["sex", "form"], "2025")
    rows = {tuple(row.values()) for row in people.select("ngo", "police", "sex", "form", "count").to_dicts()}
    assert rows == {(0, 1, "f", "labour+sexual", 40), (1, 1, None, "sexual", 40), (1, 0, None, None, 40)}
    assert people["count"].sum() == detected.lists.people


@pytest.mark.parametrize("name", ["detected_by", "police", "count"])
def test_a_list_is_no_covariate(name: str) -> None:
    with pytest.raises(BadInput, match="is no covariate"):
        people_by(with_answers(), [name])


def test_a_covariate_that_is_no_column_is_refused() -> None:
    with pytest.raises(BadInput, match="there is no such column"):
        people_by(with_answers(), ["age"])
