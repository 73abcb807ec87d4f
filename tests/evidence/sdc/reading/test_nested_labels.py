"""Labels that name parts of the label before them."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.reading.nested_labels import NestedLabels, read_nested_labels, states_a_part

NORTH = ["North", "North › A", "North › B", "South"]


@pytest.mark.parametrize(
    ("labels", "codes"),
    [
        (["North", "  A", "  B", "South"], NORTH),
        (["North", "- A", "– B", "South"], NORTH),
        (["North", "• A", "• B", "South"], NORTH),
        (["North", "of which A", "из них B", "South"], NORTH),
        (["North", "  of which A", "  of which B", "South"], NORTH),
        (["1. N", "1.1 A", "2. S"], ["1. N", "1. N › 1.1 A", "2. S"]),
        (["North", "- A", "-- a", "South"], ["North", "North › A", "North › A › a", "South"]),
        (["   Total", "North", "South"], ["Total", "North", "South"]),
        (["Total", "- A", "- B"], ["Total", "A", "B"]),
        (["- A", "- B"], ["- A", "- B"]),
        (["A", "-5"], ["A", "-5"]),
        (["0-17", "of which 0-14", "18+"], ["0-17", "0-14", "18+"]),
    ],
)
def test_a_part_comes_after_its_whole(labels: list[str], codes: list[str]) -> None:
    nested = read_nested_labels(labels)
    assert nested.codes == codes
    assert nested.is_clear


def test_a_part_without_a_whole_before_it_is_not_clear() -> None:
    assert not read_nested_labels(["- A", "North"]).is_clear


def test_a_part_alone_leaves_out_others_of_its_whole() -> None:
    parts = ["Men", "of which boys", "Women", "of which girls", "of which others"]
    codes = ["Men", "Men › boys", "Women", "Women › girls", "Women › others"]
    assert read_nested_labels(parts) == NestedLabels(
        codes, frozenset({"Men › boys"}), parts=frozenset(codes[1::2]) | {codes[4]}
    )


def test_words_for_a_part_need_a_name() -> None:
    assert states_a_part("of which men")
    assert not states_a_part("of which:")
    assert not states_a_part("men")
