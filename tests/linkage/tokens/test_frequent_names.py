"""Over-frequent names get no token of their own: the limit, the list and what else would reveal them."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from kerege.linkage.input.person_fields import Row, family_columns, given_columns
from kerege.linkage.tokens.frequent_names import blank_frequent_names, compute_frequency_limit, frequent_values


@pytest.mark.parametrize(("records", "limit"), [(0, 10), (100, 10), (2_000, 10), (2_200, 11), (10_000, 50)])
def test_a_name_is_frequent_above_half_a_percent_and_above_ten_records(records: int, limit: int) -> None:
    assert compute_frequency_limit(records) == limit


def test_only_more_records_than_the_limit_make_a_value_frequent() -> None:
    column = pl.Series("given", ["a"] * 3 + ["b"] * 4 + [None] * 9)
    assert frequent_values(column, 3) == {"b"}
    assert frequent_values(column, 4) == frozenset()


def rare_frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    kinds = {"given_forms": pl.List(pl.String), "family_forms": pl.List(pl.String)}
    return pl.DataFrame(rows, schema_overrides=kinds)


def test_a_frequent_name_of_the_file_loses_its_key_its_forms_and_its_known_spelling() -> None:
    common = {"given": "qqcommon", "given_key": "kk", "given_forms": ["qqcommon", "qqother"], "given_known": "qqknown"}
    short = {"given": "qqrare", "given_key": "rr", "given_forms": ["qqrare", "qqcommon"], "given_known": "qqcommon"}
    frame = blank_frequent_names(rare_frame([common] * 3 + [short]), 2)
    assert frame["given"].to_list() == [None] * 3 + ["qqrare"]
    assert frame["given_key"].to_list() == [None] * 3 + ["rr"]
    assert frame["given_known"].to_list() == [None] * 4, "the known spelling is the common name"
    assert frame["given_forms"].to_list() == [None] * 3 + [["qqrare"]], "a short form would reveal the common name"


def test_a_frequent_skeleton_is_blanked_while_its_rare_names_stay() -> None:
    names = [{"family": f"qq{letter}", "family_key": "kk"} for letter in "abc"] + [{"family": "zz", "family_key": "zz"}]
    frame = blank_frequent_names(rare_frame(names), 2)
    assert frame["family"].to_list() == ["qqa", "qqb", "qqc", "zz"]
    assert frame["family_key"].to_list() == [None] * 3 + ["zz"]


@pytest.mark.parametrize(
    ("column", "derive", "name"), [("given", given_columns, "Айгүл"), ("family", family_columns, "Иванова")]
)
def test_the_public_list_blanks_a_name_that_is_rare_in_the_file(
    column: str, derive: Callable[[str], Row], name: str
) -> None:
    row = {part: derive(name)[part] for part in (column, f"{column}_key")}
    assert blank_frequent_names(pl.DataFrame([row]), 10).row(0) == (None, None)


def test_a_frame_without_names_stays_as_it_is() -> None:
    frame = pl.DataFrame({"sex": ["f"], "birth_date": ["1990"]})
    assert blank_frequent_names(frame, 1).equals(frame)
