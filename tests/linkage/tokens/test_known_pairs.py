"""Pairs known without their names measure missed links, and one person changes them by little."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.linkage.tokens import encode_file, estimate_overlap, link_error_rates, published_counts, token_file
from kerege.linkage.tokens.known_pairs import KnownPairs, count_by_document, count_sample
from kerege.linkage.tokens.link_error_rates import LinkageErrors
from tests.linkage.invented_lists import new_key, person, table

LISTS = ("police", "shelter")


def without(person_: int, left: np.ndarray, right: np.ndarray, weights: np.ndarray) -> KnownPairs:
    kept = (left != person_) & (right != person_)
    return count_by_document(left[kept], right[kept], weights[kept], least=0.0)


def test_one_person_moves_the_pairs_with_a_common_document_by_at_most_their_sensitivity() -> None:
    draw, most = np.random.default_rng(3), 0
    for _ in range(150):
        pairs = np.unique(np.column_stack([draw.integers(0, 6, 14), draw.integers(10, 16, 14)]), axis=0)
        left, right, weights = pairs[:, 0], pairs[:, 1], draw.integers(-4, 5, len(pairs)) + 0.5
        whole = count_by_document(left, right, weights, least=0.0)
        for person_ in {*left.tolist(), *right.tolist()}:
            rest = without(person_, left, right, weights)
            most = max(most, abs(whole.linked - rest.linked) + abs(whole.missed - rest.missed))
    assert most == published_counts.KNOWN_SENSITIVITY


def test_known_pairs_share_the_epsilon_of_the_rates() -> None:
    """Rates move by three, known pairs by two: with noise for five each of both, one epsilon covers all."""
    alone, together = (published_counts.rate_epsilon(1.0, 2, knows_pairs=knows) for knows in (False, True))
    assert alone == pytest.approx(2 / 3)
    assert together == pytest.approx(2 / 5)


def test_a_sample_replaces_a_model_that_is_wrong_the_more_the_larger_it_is() -> None:
    """A quarter is missed, and the model says a twentieth."""
    missed = []
    for pairs in (0, 40, 400, 4_000):
        known = KnownPairs(pairs * 3 / 4, pairs / 4, is_sample=True)
        errors = LinkageErrors(LISTS, 1_000.0, 0.0, 50.0, 3_000.0, known=known)
        missed.append(errors.missed)
        low, high = errors.missed_between
        assert low <= errors.missed <= high
    assert missed == sorted(missed)
    assert missed[0] < 0.08
    assert missed[-1] == pytest.approx(0.25, abs=0.01)


def test_people_with_a_common_document_are_not_missed() -> None:
    """A quarter of 400 with a document would be missed without it, and as many of the 600 others are."""
    by_document = KnownPairs(300.0, 100.0, is_sample=False)
    assert by_document.expected_missing(1_000.0)[0] == pytest.approx(200.0, rel=0.01)


def test_lists_on_which_everybody_has_a_common_document_miss_nearly_nobody() -> None:
    known = KnownPairs(1_000.0, 0.0, is_sample=False)
    errors = LinkageErrors(LISTS, 1_000.0, 0.0, 0.0, 1_000.0, known=known)
    assert 0 <= errors.missed_between[0] <= errors.missed < 0.001


def test_noise_makes_known_pairs_say_less() -> None:
    missed, widths = [], []
    for noise in (0.0, 20.0):
        known = KnownPairs(75, 25, is_sample=True, noise=noise)
        errors = LinkageErrors(LISTS, 1_000.0, 0.0, 50.0, 3_000.0, known=known)
        low, high = errors.missed_between
        missed.append(errors.missed)
        widths.append((high - low) / errors.missed)
    assert missed[0] > missed[1]
    assert widths[0] < widths[1]


def test_a_code_counts_once_with_its_heaviest_pair() -> None:
    first = pl.DataFrame({"known": ["a", "a", "b"], "person": [0, 1, 2]})
    second = pl.DataFrame({"known": ["a", "b", "c"], "person": [5, 6, 7]})
    weights = pl.DataFrame({"person": [0, 1, 2], "person_right": [5, 5, 6], "weight": [-3.0, 2.0, -1.0]})
    assert count_sample(first, second, weights, least=0.0) == KnownPairs(1, 1, is_sample=True)


def test_a_reviewed_sample_measures_missed_links_and_links_nobody(tmp_path: Path) -> None:
    """Half of 120 persons are in the sample; a third of it has another name and date on one list."""
    overlaps = {}
    for column in ("", "agreed"):
        key, lists = new_key("x", LISTS), []
        for name in LISTS:
            people = [person(number) | {"agreed": f"C{number}" if number < 60 else ""} for number in range(120)]
            if name == "shelter":
                people[:20] = [person(5_000 + number) | {"agreed": f"C{number}"} for number in range(20)]
            encoded = encode_file.encode_file(table(tmp_path, name, people), key, name, {}, known_column=column)
            token_file.write_token_file(tmp_path / f"{name}.parquet", encoded.header, encoded.frame)
            lists.append(token_file.read(tmp_path / f"{name}.parquet"))
        overlaps[column] = estimate_overlap.overlap(lists)
    assert overlaps["agreed"].histories.tolist() == overlaps[""].histories.tolist() == [20, 20, 100]
    without_sample, with_sample = (link_error_rates.rates(o, o.histories)[0] for o in overlaps.values())
    assert without_sample.known is None
    assert with_sample.known == KnownPairs(40, 20, is_sample=True)
    assert without_sample.missed < 0.1 < with_sample.missed


def test_a_missing_column_of_codes_is_named(tmp_path: Path) -> None:
    path, key = table(tmp_path, "police", [person(number) for number in range(60)]), new_key("x", LISTS)
    with pytest.raises(BadInput, match="agreed"):
        encode_file.encode_file(path, key, "police", {}, known_column="agreed")
