"""Stepwise estimates equal the published ones and those of an independent implementation."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import poisson

from kerege.evidence.mse import Lists, fit, stepwise_many
from kerege.evidence.mse.lists import BadLists, build_unchecked_lists
from kerege.evidence.mse.loglinear import kernels
from kerege.evidence.mse.loglinear.existence import existence
from kerege.evidence.mse.loglinear.hierarchical_models import close_model, from_pairs, model_name, pairs_of
from kerege.evidence.mse.loglinear.stepwise_selection import search_tables, select_stepwise, stepwise_models
from tests.evidence.mse import oracle
from tests.evidence.mse.tables import ALL, mask, resamples, table

POINTS = {  # by stepwise p < 0.02, and by independence
    "UKdat": (11417.9911, 12213.995),
    "UKdat_5": (11312.9903, 13444.131),
    "UKdat_4": (11015.2445, None),
    "Ned": (111139.3712, 52823.46),
    "Ned_5": (121521.6137, 52923.894),
    "NewOrl": (1183.6923, 996.664),
    "NewOrl_5": (1034.1511, 1034.151),
    "Kosovo": (14341.6638, 7394.59),
    "Korea": (268.7778, 141.993),
    "Australia": (6496.0087, 827.167),
}
MODELS = {
    "UKdat": "PF:NCA LA:NG NG:GP LA:PF PF:GP GO:GP NG:GO LA:GP LA:NCA",
    "Ned": "O:Z P:Z I:Z P:R O:P K:O K:R I:K",
    "NewOrl": "D:E",
    "NewOrl_5": "",
}


@pytest.mark.parametrize("name", ALL)
def test_estimates_are_as_published(name: str) -> None:
    lists = table(name)
    stepwise, independence = POINTS[name]
    assert stepwise_many(lists.histories, lists.counts[None])[0] == pytest.approx(stepwise, rel=1e-7, abs=5e-5)
    if independence is not None:
        assert stepwise_many(lists.histories, lists.counts[None], 0)[0] == pytest.approx(independence, abs=6e-3)


@pytest.mark.parametrize("name", MODELS)
def test_models_are_as_published(name: str) -> None:
    lists = table(name)
    model = stepwise_models(lists.histories, lists.counts[None]).models[0]
    chosen = {int(pair) for k, pair in enumerate(pairs_of(lists.number)) if (model >> k) & 1}
    overlapping = {mask(lists, interaction) for interaction in MODELS[name].split()}
    assert {pair for pair in chosen if lists.on(pair, mask=True)} == {
        pair for pair in overlapping if lists.on(pair, mask=True)
    }


@pytest.mark.parametrize("name", ALL)
def test_resamples_equal_the_independent_search(name: str) -> None:
    check_resamples(name, 2 if table(name).number > 5 else 4)


def check_resamples(name: str, times: int) -> None:
    lists = table(name)
    counts = resamples(lists, times)
    results = stepwise_models(lists.histories, counts)
    for row, dense in enumerate(lists.resampled(counts)):
        if any(dense[(np.arange(len(dense)) >> j) & 1 == 1].sum() == 0 for j in range(lists.number)):
            continue
        estimate, pairs = oracle.stepwise(lists.number, dense.astype(float))
        assert results.estimates[row] == pytest.approx(estimate, rel=1e-8)
        assert close_model(lists.number, pairs) == from_pairs(lists.number, int(results.models[row]))


@pytest.mark.parametrize("threshold", [0.001, 0.3, 0.7, 1.0])
def test_other_thresholds_equal_the_independent_search(threshold: float) -> None:
    check_threshold(threshold, 3)


def check_threshold(threshold: float, times: int) -> None:
    for name in ("Kosovo", "Korea", "UKdat_4"):
        lists = table(name)
        counts = resamples(lists, times, seed=3)
        results = stepwise_many(lists.histories, counts, threshold)
        for row, dense in enumerate(lists.resampled(counts)):
            assert results[row] == pytest.approx(
                oracle.stepwise(lists.number, dense.astype(float), threshold)[0], rel=1e-7
            )


def test_sparse_random_tables_equal_the_independent_search() -> None:
    check_sparse_tables(15)


def check_sparse_tables(tables: int) -> None:
    rng = np.random.default_rng(11)
    histories = np.arange(1, 16)
    counts = rng.poisson(rng.gamma(0.3, 8, size=(tables, 15)))
    counts[:, [0, 1, 3, 7]] += 3
    counts = counts[(counts[:, 2] + counts[:, 4] > 0)]
    results = stepwise_many(histories, counts, 0.2)
    for row, people in enumerate(counts):
        dense = np.r_[0.0, people]
        assert results[row] == pytest.approx(oracle.stepwise(4, dense, 0.2)[0], rel=1e-7)


def test_existence_codes_of_artificial_3() -> None:
    lists = table("Artificial_3")
    models = [[], [3], [5], [6], [3, 5], [3, 6], [5, 6], [3, 5, 6]]
    assert [existence(lists, close_model(3, interactions)) for interactions in models] == [0, 1, 0, 0, 1, 1, 0, 2]
    assert model_name(close_model(3, [3, 5]), lists.names) == "A:B, A:C"


def test_existence_equals_the_independent_program_and_rank() -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        dense = np.r_[0, (rng.random(15) < 0.4) * rng.integers(1, 9, 15)].astype(float)
        dense[[1, 2, 4, 8]] += 1
        lists = Lists(np.arange(1, 16), dense[1:].astype(int))
        pairs = [int(pair) for pair in pairs_of(4) if rng.random() < 0.5]
        assert (existence(lists, close_model(4, pairs)) == 0) == oracle.exists(4, dense, pairs)


def test_an_empty_list_leads_to_independence_as_in_r_or_is_dropped() -> None:
    lists = table("UKdat")
    counts = lists.counts.copy()
    counts[(lists.histories >> 5) & 1 == 1] = 0
    is_kept = (lists.histories >> 5) & 1 == 0
    searched = stepwise_many(lists.histories[is_kept], counts[None, is_kept])
    independence = stepwise_many(lists.histories[is_kept], counts[None, is_kept], 0)
    assert stepwise_many(lists.histories, counts[None]) == pytest.approx(independence, rel=1e-12)
    dropped = stepwise_models(lists.histories, counts[None], empty_list="drop list")
    assert dropped.estimates == pytest.approx(searched, rel=1e-12)
    assert from_pairs(6, int(dropped.models[0]))[-1] < 32


def test_no_overlap_is_infinite_and_a_full_list_has_no_unobserved_people() -> None:
    assert stepwise_many([1, 2, 4], [[5, 6, 7]])[0] == np.inf
    assert stepwise_many([1, 3, 5, 7], [[5, 6, 7, 2]])[0] == 20


def test_the_number_of_threads_changes_no_result() -> None:
    lists = table("UKdat_5")
    counts = resamples(lists, 9000)
    single_thread = stepwise_models(lists.histories, counts, threads=1)
    three_threads = stepwise_models(lists.histories, counts, threads=3)
    assert (single_thread.estimates == three_threads.estimates).all()
    assert (single_thread.models == three_threads.models).all()
    assert (stepwise_many(lists.histories, counts[4000:4010]) == single_thread.estimates[4000:4010]).all()


def test_p_values_equal_those_of_scipy() -> None:
    for rate in [1e-6, 0.01, 0.5, 3.2, 40, 1234.5, 1e5]:
        for n in {0, 1, 2, 3, *np.rint(rate + np.array([-6, -2, -0.5, 0, 0.7, 3, 8]) * np.sqrt(rate)).astype(int)}:
            if n >= 0:
                expected = min(poisson.cdf(n, rate), poisson.sf(n - 1, rate))
                assert kernels._p_value(float(n), rate, 1.0) == pytest.approx(expected, rel=2e-10, abs=1e-300)


def test_importing_the_package_loads_neither_numba_nor_scipy() -> None:
    code = "import sys, kerege.evidence.mse; print('numba' in sys.modules, 'scipy' in sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.split() == ["False", "False"]


def test_the_order_of_lists_and_histories_has_no_effect() -> None:
    rng = np.random.default_rng(2)
    for name in ("UKdat", "Ned", "Kosovo"):
        lists = table(name)
        counts = resamples(lists, 50)
        positions = rng.permutation(lists.number)
        permuted = sum(((lists.histories >> j) & 1) << int(positions[j]) for j in range(lists.number))
        order = rng.permutation(len(permuted))
        estimates = stepwise_many(permuted[order], counts[:, order])
        assert estimates == pytest.approx(stepwise_many(lists.histories, counts), rel=1e-8)


def test_ten_lists_are_estimated_and_eleven_refused() -> None:
    rng = np.random.default_rng(4)
    shares = rng.uniform(0.02, 0.3, 10)
    people = (rng.random((3000, 10)) < shares) @ (1 << np.arange(10))
    histories, counts = np.unique(people[people > 0], return_counts=True)
    assert stepwise_many(histories, counts[None])[0] == pytest.approx(3000, rel=0.1)
    with pytest.raises(ValueError, match="at most 10"):
        stepwise_many([1 << j for j in range(11)], [[1] * 11])


def test_strongly_dependent_lists_have_a_correct_estimate_or_none() -> None:
    """With strongly dependent lists Newton's method restarts: the result equals another fit, or is NaN."""
    rng = np.random.default_rng(9)
    histories = np.arange(1, 64)
    for _ in range(20):
        counts = np.where(rng.random(63) < 0.25, np.floor(rng.gamma(0.4, 1e5, 63)), 0).astype(int)
        counts[(1 << np.arange(6)) - 1] += 1
        results = stepwise_models(histories, counts[None])
        model = from_pairs(6, int(results.models[0]))
        if np.isfinite(results.estimates[0]):
            assert results.estimates[0] == pytest.approx(fit(Lists(histories, counts), model).estimate, rel=1e-6)


def test_the_first_call_compiles_no_kernel_twice() -> None:
    """A second version for a literal argument would cost a second or more when the cache is empty."""
    code = (
        "from kerege.evidence.mse import Lists, bootstrap, stepwise_many\n"
        "from kerege.evidence.mse.loglinear import kernels\n"
        "lists = Lists([1, 2, 4, 3, 5, 6], [50, 60, 70, 20, 15, 10])\n"
        "stepwise_many(lists.histories, lists.counts[None]), bootstrap(lists, 'bic', times=100)\n"
        "found = [each for each in vars(kernels).values() if hasattr(each, 'signatures')]\n"
        "print(max(len(each.signatures) for each in found))"
    )
    process = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert process.stdout == "1\n"


# -- one step of the search ------------------------------------------------------------------------------------------


def test_a_pair_is_added_only_strictly_below_the_threshold() -> None:
    """The p-value of the first pair of this table, by SciPy: just below it the pair is not added."""
    lists = Lists(range(1, 8), [60, 49, 4, 247, 112, 142, 12])
    total = fit(lists).estimate
    values = []
    for pair in pairs_of(3):
        a, b = (j for j in range(3) if int(pair) >> j & 1)
        rate = lists.on(a) * lists.on(b) / total
        both = lists.on(int(pair), mask=True)
        values.append(min(poisson.cdf(both, rate), poisson.sf(both - 1, rate)))
    smallest = float(min(values))
    first = close_model(3, [int(pairs_of(3)[int(np.argmin(values))])])
    assert select_stepwise(lists, smallest * (1 - 1e-6)).model == close_model(3)
    assert select_stepwise(lists, smallest * (1 + 1e-6)).model == first


@pytest.mark.parametrize("name", ["Kosovo", "Korea", "UKdat_4", "Australia"])
def test_the_selected_model_has_the_estimate_of_its_own_fit(name: str) -> None:
    lists = table(name)
    selected = select_stepwise(lists)
    assert selected.estimate == pytest.approx(fit(lists, selected.model).estimate, rel=1e-8)
    assert selected.estimate == stepwise_many(lists.histories, lists.counts[None])[0]
    assert select_stepwise(lists, 0).model == close_model(lists.number)


def test_two_lists_and_a_threshold_out_of_range_are_refused() -> None:
    two = build_unchecked_lists(("A", "B"), np.array([1, 2, 3]), np.array([50, 60, 20]))
    with pytest.raises(BadLists, match="there are fewer than three lists, give three or more that overlap"):
        select_stepwise(two)
    for threshold in (-0.1, 1.1, np.nan):
        with pytest.raises(BadLists, match=r"the threshold is .*, give a number from 0 to 1"):
            select_stepwise(table("Korea"), threshold)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_column_of_unobserved_people_is_allowed_if_it_is_empty(rows: int) -> None:
    lists = table("Korea")
    dense = np.tile(lists.dense, (rows, 1))
    results = stepwise_models(np.arange(8), dense)
    assert results.estimates.shape == results.models.shape == (rows,)
    assert results.estimates == pytest.approx(np.full(rows, select_stepwise(lists).estimate))
    dense[-1, 0] = 1
    with pytest.raises(BadLists, match=r"histories\[0\] is 0, on no list"):
        stepwise_models(np.arange(8), dense)


def test_the_order_of_the_axes_in_memory_compiles_nothing_again() -> None:
    lists = table("NewOrl")
    counts = np.array([lists.counts, lists.counts])
    in_rows = search_tables(lists.histories, counts, 0.02)
    compiled = len(kernels.stepwise_rows.signatures)
    assert (search_tables(lists.histories, np.asfortranarray(counts), 0.02).estimates == in_rows.estimates).all()
    assert len(kernels.stepwise_rows.signatures) == compiled
