"""Namesakes of one year, seen by days that differ, say how many links without a day are false."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from benchmarks import tokens_lists
from kerege.linkage.matching.link_files import Linked
from kerege.linkage.matching.model_file import prior_weight
from kerege.linkage.tokens import encode_file, estimate_overlap, link_error_rates, published_counts, token_file
from kerege.linkage.tokens.known_pairs import match_pairs
from kerege.linkage.tokens.namesakes import Namesakes, count_known_dates, dayless_ratio, leave_day_out
from tests.linkage.invented_lists import new_key

LISTS = ("police", "shelter")
DAY = ("birth_date", "birth_day", "birth_turned")


@pytest.fixture(scope="module")
def villages(tmp_path_factory: pytest.TempPathFactory) -> tuple[estimate_overlap.Overlap, float]:
    """Return two linked lists of villages, where names are few, and the true rate of false links."""
    kind, folder = replace(tokens_lists.KINDS[-1], out_of=5_000), tmp_path_factory.mktemp("villages")
    lists = tokens_lists.draw_lists(kind, 31, folder)
    key, read, ids = replace(new_key("x", tuple(lists.paths)), secret=b"villages" * 4), [], []
    for name, path in lists.paths.items():
        made = encode_file.encode_file(path, key, name, {}, "id")
        token_file.write_token_file(folder / f"{name}.parquet", made.header, made.frame)
        read.append(token_file.read(folder / f"{name}.parquet"))
        known = dict(zip(token_file._write_texts(made.frame), made.ids, strict=True))
        ids += [known[text] for text in read[-1].rows]
    overlap = estimate_overlap.overlap(read)
    was = tokens_lists.true(overlap, lists.persons(ids), len(read[0].frame))
    return overlap, was.wrong / was.links


def test_false_links_are_stated_where_names_are_few(villages: tuple[estimate_overlap.Overlap, float]) -> None:
    """Before, half of them were stated: the model knows the names of other lists."""
    overlap, true = villages
    errors = link_error_rates.rates(overlap, overlap.histories)[0]
    assert errors.false_between[0] <= true <= errors.false_between[1]
    assert errors.false == pytest.approx(true, rel=0.5)
    dateless = replace(overlap, known_dates=np.zeros((2, 2)))
    by_model = link_error_rates.rates(dateless, overlap.histories)[0]
    assert by_model.namesakes is None
    assert by_model.false < 0.6 * true


def evidence(linked: Linked, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    return linked.scores(left, right).weights - prior_weight(linked.model.prior)


def test_the_weight_without_a_day_is_that_of_a_record_that_lacks_it(
    villages: tuple[estimate_overlap.Overlap, float],
) -> None:
    linked = villages[0].linked
    dayless = leave_day_out(linked, linked.left, linked.right)
    kept = np.isfinite(dayless)
    hidden = linked.frame.with_columns(pl.lit(None, pl.String).alias(name) for name in DAY)
    both = estimate_overlap._link_tokens(pl.concat([linked.frame, hidden]), 0.5)
    expected = evidence(both, linked.left[kept], linked.right[kept] + len(linked.frame))
    assert kept.sum() > 200
    assert dayless[kept] - prior_weight(linked.model.prior) == pytest.approx(expected)


def test_the_ratio_is_that_of_counting_every_pair_of_records() -> None:
    chance = np.random.default_rng(5)
    for share in (0.9, 0.6):
        known = [(chance.random((40, 2)) < (0.95, share)) for _ in LISTS]
        frames = [
            pl.DataFrame(
                {
                    "birth_year": ["y" if year else None for year, _ in rows.tolist()],
                    "birth_day": ["d" if day else None for _, day in rows.tolist()],
                }
            )
            for rows in known
        ]
        pairs = [(one, other) for one in known[0] for other in known[1] if one[0] and other[0]]
        dated = sum(bool(one[1] and other[1]) for one, other in pairs)
        assert dayless_ratio(*count_known_dates(frames)) == pytest.approx(len(pairs) / dated - 1, abs=0.026)
    nobody = pl.DataFrame({"birth_year": ["y"] * 40})
    assert dayless_ratio(*count_known_dates([frames[0], nobody])) is None, "no day says nothing of namesakes"


def test_one_person_moves_the_pairs_of_namesakes_by_one() -> None:
    draw = np.random.default_rng(4)
    most = 0
    for _ in range(100):
        left, right, weights = draw.integers(0, 6, 14), draw.integers(10, 16, 14), draw.random(14)
        whole = len(match_pairs(left, right, weights))
        for one in {*left.tolist(), *right.tolist()}:
            rest = (left != one) & (right != one)
            most = max(most, abs(whole - len(match_pairs(left[rest], right[rest], weights[rest]))))
    assert most == published_counts.NAMESAKE_SENSITIVITY


def test_namesakes_share_the_epsilon_of_the_rates() -> None:
    """Rates move by three, known pairs by two, namesakes by one: noise for six covers all."""
    shares = [
        published_counts.rate_epsilon(1.0, 3, knows_pairs=pairs, knows_namesakes=names)
        for pairs, names in ((False, True), (True, True))
    ]
    assert shares == pytest.approx([2 / 4 / 2, 2 / 6 / 2])


def test_false_links_of_namesakes_are_those_without_a_day_whose_persons_are_free() -> None:
    """For 100 pairs, a quarter as many lack a day, and in half of these both persons are free."""
    namesakes = Namesakes(100, ratio=0.25, free=0.5)
    assert namesakes.false == pytest.approx(100 * (0.84 * 0.25 + 0.16) * 0.5)
    assert replace(namesakes, count=-3).false == 0.0, "noise can make a number negative"
    noisy = namesakes.with_noise(10, 4.0)
    assert (noisy.count, noisy.false_off) == pytest.approx((110, math.hypot(4, math.sqrt(110)) * 0.37 * 0.5))


def test_the_interval_of_false_links_with_namesakes_is_narrower_and_includes_noise() -> None:
    alone = link_error_rates.LinkageErrors(("a", "b"), 500.0, 10.0, 20.0, 3_000.0)
    known = replace(alone, namesakes=Namesakes(100, ratio=0.25, free=0.5))
    noisy = replace(known, noise=6.0, namesakes=known.namesakes and known.namesakes.with_noise(0, 6.0))
    widths = [rates.false_between[1] / rates.false for rates in (alone, known, noisy)]
    assert known.false == pytest.approx((0.63 * 10 + 18.5) / 500)
    assert widths[1] < widths[2] < widths[0]
