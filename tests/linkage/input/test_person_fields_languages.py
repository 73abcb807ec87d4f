"""Names of further languages: hits and confusions of pairs written before any rule."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from kerege.linkage.input.person_fields import Row, family_columns, given_columns

FILE = Path(__file__).parents[1] / "data" / "held_back_names.csv"
PAIRS = list(csv.DictReader(FILE.read_text("utf-8").splitlines()))


def agrees(field: str, one: str, other: str) -> bool:
    """Return whether a model would see the same name, a short form of it, or nearly the same name."""
    columns = given_columns if field == "given" else family_columns
    left, right = columns(one), columns(other)
    return (
        left[field] == right[field]
        or bool(set(_forms(left, field)) & set(_forms(right, field)))
        or (left[f"{field}_key"] == right[f"{field}_key"] and not _are_two_known_names(left, right, field))
    )


def _forms(row: Row, field: str) -> list[str]:
    forms = row[f"{field}_forms"]
    return forms if isinstance(forms, list) else []


def _are_two_known_names(left: Row, right: Row, field: str) -> bool:
    one, other = left[f"{field}_known"], right[f"{field}_known"]
    return None not in (one, other) and one != other


@pytest.mark.parametrize(
    ("language", "hits", "confusions"),
    [("fil", 20, 1), ("uk", 24, 1), ("mn", 12, 0), ("ar", 18, 2), ("zh", 14, 2)],
)
def test_pairs_held_back_are_found_and_different_names_are_not(language: str, hits: int, confusions: int) -> None:
    pairs = [pair for pair in PAIRS if pair["language"] == language]
    agreeing = Counter(pair["same"] for pair in pairs if agrees(pair["field"], pair["one"], pair["other"]))
    assert len(pairs) >= 15
    assert agreeing["1"] >= hits
    assert agreeing["0"] <= confusions


def test_particles_of_a_family_name_do_not_divide_it() -> None:
    for name in ("De la Cruz", "Dela Cruz", "DE LA CRUZ", "Cruz", "дела Круз"):
        assert family_columns(name)["family"] == family_columns("Cruz")["family"]
    assert family_columns("Al")["family"] == "al"
