"""Values that many names share carry no evidence; the excess of a whole name is measured in bits."""

from __future__ import annotations

import math

import polars as pl
import pytest

from kerege.linkage.matching.model_file import NAMESAKES
from kerege.linkage.matching.uninformative_values import add_namesakes, blank_shared_values

LISTS = {"contacts": pl.List(pl.String), "documents": pl.List(pl.String)}


def names(count: int) -> list[str]:
    return [f"name {number}" for number in range(count)]


@pytest.mark.parametrize(("different", "is_kept"), [(8, True), (9, False)])
def test_a_value_of_eight_names_is_kept_and_one_of_nine_is_not(different: int, is_kept: bool) -> None:
    """Records of one name count once: a person can have many records."""
    people = [*names(different), *["name 0"] * 20]
    frame = pl.DataFrame(
        {"name_key": people, "contacts": [["100"]] * len(people), "documents": [["N1"]] * len(people)},
        schema_overrides=LISTS,
    )
    blanked = blank_shared_values(frame)
    for column, value in (("contacts", ["100"]), ("documents", ["N1"])):
        assert blanked[column].to_list() == [value if is_kept else None] * len(people)


def test_the_other_values_of_a_record_stay_and_the_first_becomes_its_document() -> None:
    own = [[f"own {number}"] for number in range(9)]
    documents = [["N1", *one] for one in own]
    frame = pl.DataFrame(
        {"name_key": names(9), "documents": documents, "document": ["N1"] * 9, "contacts": [["1", "2"]] + [["1"]] * 8},
        schema_overrides=LISTS,
    )
    blanked = blank_shared_values(frame)
    assert blanked["documents"].to_list() == own
    assert blanked["document"].to_list() == [one[0] for one in own]
    assert blanked["contacts"].to_list() == [["2"]] + [None] * 8


def test_an_address_of_many_names_is_blanked_as_a_whole_and_a_street_alone_is_not() -> None:
    frame = pl.DataFrame(
        {
            "name_key": names(11),
            "street": ["abai"] * 9 + ["abai", "satpaev"],
            "house": ["1"] * 9 + ["2", "1"],
        }
    )
    blanked = blank_shared_values(frame)
    assert blanked["street"].to_list() == [None] * 9 + ["abai", "satpaev"]
    assert blanked["house"].to_list() == [None] * 9 + ["2", "1"]
    streets = frame.with_columns(house=pl.Series(names(11)))
    assert blank_shared_values(streets).equals(streets)


def test_a_record_without_a_name_counts_by_its_given_or_family_key() -> None:
    keys = {"name_key": [None] * 9, "given_key": [f"g{n}" for n in range(5)] + [None] * 4}
    keys["family_key"] = [None] * 5 + [f"f{n}" for n in range(4)]
    frame = pl.DataFrame({**keys, "contacts": [["1"]] * 9}, schema_overrides=LISTS)
    assert blank_shared_values(frame)["contacts"].null_count() == 9
    unnamed = frame.with_columns(family_key=pl.lit(None, pl.String))
    assert blank_shared_values(unnamed)["contacts"].null_count() == 0
    without = frame.select("contacts")
    assert blank_shared_values(without).equals(without)


# -- namesakes ---------------------------------------------------------------------------------------------------------
def register(both: int, given: int, family: int, others: int) -> pl.DataFrame:
    """Return a register with `both` records of a whole name, and others with one or none of its parts."""
    givens = ["dana"] * (both + given) + [f"g{n}" for n in range(family)] + [f"h{n}" for n in range(others)]
    families = ["omar"] * both + [f"f{n}" for n in range(given)] + ["omar"] * family + [f"k{n}" for n in range(others)]
    return pl.DataFrame({"given": givens, "family": families}).with_columns(given_known=pl.lit(None, pl.String))


@pytest.mark.parametrize(
    ("both", "given", "family", "others"),
    [(4, 0, 0, 500), (5, 0, 0, 7), (5, 0, 0, 500), (12, 3, 5, 400), (12, 3, 5, 11), (40, 10, 10, 40), (40, 0, 0, 0)],
)
def test_namesakes_are_the_excess_of_a_whole_name_in_whole_bits(
    both: int, given: int, family: int, others: int
) -> None:
    frame = register(both, given, family, others)
    records = len(frame)
    expected: int | None = None
    if both > 4:
        bits = math.floor(math.log2((both - 4) * records / ((both + given) * (both + family))))
        expected = bits if bits >= 1 else None
    column = add_namesakes(frame)[NAMESAKES].to_list()
    assert column[:both] == [expected] * both
    assert column[both:] == [None] * (records - both)


def test_a_known_given_name_counts_in_all_its_spellings_and_a_missing_part_in_none() -> None:
    known = register(12, 0, 0, 400).with_columns(
        given=pl.Series([f"spelling {n}" for n in range(12)] + [f"h{n}" for n in range(400)]),
        given_known=pl.Series(["dana"] * 12 + [None] * 400, dtype=pl.String),
    )
    assert add_namesakes(known)[NAMESAKES].to_list()[:12] == [math.floor(math.log2(8 * 412 / 144))] * 12
    nameless = register(12, 0, 0, 400).with_columns(family=pl.lit(None, pl.String))
    assert add_namesakes(nameless)[NAMESAKES].null_count() == 412


def test_without_a_family_column_there_are_no_namesakes() -> None:
    frame = register(12, 0, 0, 4).drop("family")
    assert add_namesakes(frame).equals(frame)
