"""Covariates that only some lists record: published tables and simulated populations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from polars.testing import assert_frame_equal
from scipy import optimize

from kerege.evidence.mse import Lists
from kerege.evidence.mse.covariates.fit import fit_model, hierarchical_terms, is_identified
from kerege.evidence.mse.covariates.margins import make_margins
from kerege.evidence.mse.covariates.model_search import build_first_order_model, list_candidates, search_model
from kerege.evidence.mse.covariates.strata import Strata, with_covariates
from tests.evidence.mse.tables import table

# van der Heijden, Smith, Cruyff and Bakker 2018, table 1: two registers, each with a covariate of its own
REGISTERS = pl.DataFrame(
    {
        "A": [1, 1, 1, 1, 1, 1, 0, 0],
        "B": [1, 1, 1, 1, 0, 0, 1, 1],
        "X1": ["0", "0", "1", "1", "0", "1", None, None],
        "X2": ["0", "1", "0", "1", None, None, "0", "1"],
        "count": [259, 539, 110, 177, 13898, 12356, 91, 164],
    }
)
RECORDED = {"X1": ["A"], "X2": ["B"]}
MAXIMAL = [["A", "X2"], ["B", "X1"], ["X1", "X2"]]
FOUR = {"sex": ["A", "B", "C", "D"], "age": ["A", "C"], "form": ["A", "B", "D"]}


def list_frame(lists: Lists) -> pl.DataFrame:
    columns = {name: (lists.histories >> j) & 1 for j, name in enumerate(lists.names)}
    return pl.DataFrame({**columns, "count": lists.counts})


def simulated_population(people: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return a simulated population, and its observed people with the covariates that their lists record.

    People on list A are on list B more often.
    """
    rng = np.random.default_rng(seed)
    sex = rng.choice(["f", "m"], people, p=[0.7, 0.3])
    age = rng.choice(["adult", "child"], people, p=[0.75, 0.25])
    sexual = rng.random(people) < np.where(sex == "f", 0.6, 0.15)
    everybody: dict[str, object] = {}
    on_a = np.zeros(people, bool)
    for name, level in (("A", -1.8), ("B", -2.2), ("C", -2.6), ("D", -2.0)):
        odds = level + 0.8 * (sex == "f") * (name in "BD") + 0.6 * (age == "child") * (name == "C")
        odds += 0.9 * sexual * (name == "A") + 1.0 * on_a * (name == "B")
        is_found = rng.random(people) < 1 / (1 + np.exp(-odds))
        on_a = is_found if name == "A" else on_a
        everybody[name] = is_found.astype(int)
    form = np.where(sexual, "sexual", "labour")
    population = pl.DataFrame({**everybody, "sex": sex, "age": age, "form": form})
    seen = population.filter(pl.any_horizontal(pl.col("A", "B", "C", "D") == 1))
    recorded = [
        pl.when(pl.any_horizontal(pl.col(recording) == 1)).then(pl.col(name)).alias(name)
        for name, recording in FOUR.items()
    ]
    return population, seen.with_columns(recorded)


def test_the_maximal_model_of_two_registers_is_as_published() -> None:
    strata = with_covariates(REGISTERS, ["A", "B"], RECORDED, model=MAXIMAL, bootstrap=0)
    assert strata.estimate == pytest.approx(33_769.87, abs=0.006)
    assert strata.no_estimate is None
    without = with_covariates(REGISTERS, ["A", "B"], RECORDED, model=MAXIMAL[:2], bootstrap=0)
    assert without.estimate == pytest.approx(33_764.29, abs=0.006)


def test_the_maximal_model_equals_its_closed_form() -> None:
    """n10(kl) = n10(k+) n11(kl) / n11(k+), n01(kl) = n01(+l) n11(kl) / n11(+l), n00(kl) = n10 n01 / n11."""
    both = np.array([[259, 539], [110, 177]])
    first = np.array([[13898], [12356]]) * both / both.sum(axis=1, keepdims=True)
    second = np.array([[91, 164]]) * both / both.sum(axis=0, keepdims=True)
    strata = with_covariates(REGISTERS, ["A", "B"], RECORDED, model=MAXIMAL, bootstrap=0)
    assert strata.unseen == pytest.approx((first * second / both).ravel(), rel=1e-6)
    assert strata.seen == pytest.approx((both + first + second).ravel(), rel=1e-6)


@pytest.mark.parametrize(
    ("name", "model", "published"),
    [
        ("UKdat", "PF:NCA LA:NG NG:GP LA:PF PF:GP GO:GP NG:GO", 11417.9911),
        ("UKdat_5", "", 13444.131),
        ("NewOrl", "D:E", 1183.6923),
        ("Kosovo", "bic", 14341.6638),  # of all models of interactions of two lists
        ("UKdat_5", "bic", 12262),  # Silverman, Chan and Vincent 2024, downhill
        ("UKdat", "bic", 12350),
    ],
)
def test_without_covariates_the_estimates_are_as_published(name: str, model: str, published: float) -> None:
    lists = table(name)
    model_terms = "bic" if model == "bic" else [pair.split(":") for pair in model.split()]
    strata = with_covariates(list_frame(lists), lists.names, {}, model=model_terms, bootstrap=0)  # type: ignore[arg-type]
    assert strata.estimate == pytest.approx(published, abs=0.6 if published == int(published) else 0.006)


def log_likelihood(seen: pl.DataFrame, pairs: Sequence[tuple[str, str]], values: NDArray[np.float64]) -> float:
    """Return the log-likelihood of 0/1 variables, person by person.

    The mean of a person is the sum over all cells that match the known values.
    """
    names = ["A", "B", "C", "X", "Y"]
    cells = np.array([[w >> j & 1 for j in range(5)] for w in range(32)])
    columns = [np.ones(32), *cells.T, *(cells[:, names.index(a)] * cells[:, names.index(b)] for a, b in pairs)]
    means = np.exp(np.array(columns).T @ values) * (cells[:, :3].sum(axis=1) > 0)
    total = -means.sum()
    for row in seen.iter_rows(named=True):
        matches = np.ones(32, bool)
        for j, name in enumerate(names):
            matches &= True if row[name] is None else cells[:, j] == int(row[name])
        total += row["count"] * math.log(means[matches].sum())
    return float(total)


def test_the_likelihood_rises_to_the_maximum_of_a_general_optimiser() -> None:
    rng = np.random.default_rng(4)
    rows: Mapping[str, object] = {
        **{name: rng.integers(0, 2, 300) for name in "ABC"},
        "X": rng.choice(["0", "1"], 300),
        "Y": rng.choice(["0", "1"], 300, p=[0.3, 0.7]),
        "count": rng.integers(1, 9, 300),
    }
    seen = pl.DataFrame(rows).filter(pl.any_horizontal(pl.col("A", "B", "C") == 1))
    seen = seen.with_columns(
        X=pl.when(pl.any_horizontal(pl.col("A", "B") == 1) & (pl.Series(rng.random(len(seen))) < 0.9)).then("X"),
        Y=pl.when(pl.any_horizontal(pl.col("B", "C") == 1)).then("Y"),
    )
    recorded = {"X": ["A", "B"], "Y": ["B", "C"]}
    pairs = [("A", "X"), ("B", "C"), ("C", "Y"), ("X", "Y")]
    margins = make_margins(seen, list("ABC"), recorded)
    fit = fit_model(
        margins, hierarchical_terms(5, [["ABCXY".index(a), "ABCXY".index(b)] for a, b in pairs]), margins.counts
    )
    assert fit.converged
    assert is_identified(margins, fit)
    assert np.all(np.diff(fit.path) > -1e-9 * abs(fit.log_likelihood))
    parameters = {term: value for (term, _), value in zip(fit.model.columns, fit.parameters, strict=True)}
    values = np.array(
        [parameters[()], *(parameters[(v,)] for v in range(5))]
        + [parameters["ABCXY".index(a), "ABCXY".index(b)] for a, b in pairs]
    )
    grouped = seen.group_by(list("ABCXY")).agg(pl.col("count").sum())
    assert log_likelihood(grouped, pairs, values) == pytest.approx(fit.log_likelihood, rel=1e-12)
    gradient = optimize.approx_fprime(values, lambda v: log_likelihood(grouped, pairs, v), 1e-6)
    assert np.max(np.abs(gradient)) < 0.01  # for 1,300 people, by finite differences
    start = np.array([4.0, *np.zeros(9)])
    optimum = optimize.minimize(
        lambda v: -log_likelihood(grouped, pairs, v), start, method="BFGS", options={"gtol": 1e-4}
    )
    assert -optimum.fun == pytest.approx(fit.log_likelihood, abs=1e-6)
    cells = [
        np.exp(optimum.x[0] + x * optimum.x[4] + y * optimum.x[5] + x * y * optimum.x[9])
        for x in (0, 1)
        for y in (0, 1)
    ]
    assert fit.unseen == pytest.approx(cells, rel=1e-3)


@pytest.fixture(scope="module")
def strata() -> Strata:
    return with_covariates(simulated_population(60_000, 3)[1], list("ABCD"), FOUR, bootstrap=40)


def test_a_simulated_population_is_estimated_in_all_strata(strata: Strata) -> None:
    population = simulated_population(60_000, 3)[0]
    assert strata.no_estimate is None
    assert strata.estimate == pytest.approx(60_000, rel=0.03)
    for name in FOUR:
        truth = population.group_by(name).len().sort(name)["len"].to_numpy()
        assert strata.by(name)["estimate"].to_numpy() == pytest.approx(truth, rel=0.08)
    planted_terms = {("A", "B"), ("B", "sex"), ("D", "sex"), ("C", "age"), ("A", "form"), ("sex", "form")}
    assert planted_terms <= set(strata.model)


def test_strata_sum_to_the_total_and_intervals_include_the_estimates(strata: Strata) -> None:
    assert strata.table["estimate"].sum() == pytest.approx(strata.estimate)
    assert strata.table["detected"].sum() == pytest.approx(strata.detected)
    assert strata.table.height == 8
    population = strata.by()
    assert population["estimate"][0] == pytest.approx(strata.estimate)
    assert (population["lower95"][0], population["upper95"][0]) == pytest.approx(strata.interval95)
    assert strata.interval95[0] <= strata.interval80[0] < strata.estimate < strata.interval80[1] <= strata.interval95[1]
    assert (strata.table["lower95"] <= strata.table["upper80"]).all()
    assert not strata.table["small"].any()


def test_strata_scaled_to_a_total_sum_to_it(strata: Strata) -> None:
    scaled = strata.benchmarked(70_000)
    assert scaled.table["estimate"].sum() == pytest.approx(70_000)
    assert scaled.table["detected"].to_list() == strata.table["detected"].to_list()
    assert scaled.interval95[0] > strata.interval95[0]
    with pytest.raises(ValueError, match="were seen"):
        strata.benchmarked(100)


def test_strata_depend_on_the_seed_and_not_on_the_order_of_rows() -> None:
    seen = simulated_population(3000, 5)[1]
    first = with_covariates(seen, list("ABCD"), FOUR, bootstrap=5)
    second = with_covariates(seen.reverse(), list("ABCD"), FOUR, bootstrap=5)
    assert_frame_equal(first.table, second.table)
    assert with_covariates(seen, list("ABCD"), FOUR, bootstrap=5, seed=2).interval95 != first.interval95


def test_small_strata_are_flagged() -> None:
    seen = simulated_population(600, 7)[1]
    strata = with_covariates(seen, list("ABCD"), FOUR, bootstrap=0)
    assert strata.table.filter("small").height > 0
    assert math.isnan(strata.interval95[0])


def test_an_unidentified_model_has_no_estimate() -> None:
    """Only A records X1, so no person shows the interaction of A and X1."""
    strata = with_covariates(REGISTERS, ["A", "B"], RECORDED, model=[["A", "X1"], ["A", "B"]], bootstrap=0)
    assert strata.no_estimate is not None
    assert "interactions" in strata.no_estimate
    margins = make_margins(REGISTERS, ["A", "B"], RECORDED)
    assert list_candidates(margins) == ((0, 3), (1, 2), (2, 3))
    assert build_first_order_model(margins) == ((), (0,), (1,), (2,), (3,), (0, 3), (1, 2), (2, 3))


def test_lists_that_do_not_overlap_are_refused() -> None:
    rows = pl.DataFrame({"A": [1, 0, 0], "B": [0, 1, 0], "C": [0, 0, 1], "count": [40, 50, 60]})
    with pytest.raises(ValueError, match="nobody is on two lists"):
        with_covariates(rows, ["A", "B", "C"], {}, bootstrap=0)


def test_a_stratum_on_one_list_has_no_estimate_with_their_interaction() -> None:
    """With this interaction the list would imply that no person of the stratum is unobserved."""
    rows = pl.DataFrame(
        {
            "A": [1, 0, 0, 1, 1, 0, 1],
            "B": [0, 1, 0, 1, 0, 1, 1],
            "C": [0, 0, 1, 0, 1, 1, 1],
            "count": [90, 80, 70, 30, 25, 20, 9],
            "form": ["x"] * 7,
        }
    )
    rare = pl.DataFrame({"A": [1, 1], "B": [0, 1], "C": [0, 0], "count": [3, 1], "form": ["y", "y"]})
    lists, recorded = ["A", "B", "C"], {"form": ["A", "B", "C"]}
    with_interaction = with_covariates(pl.concat([rows, rare]), lists, recorded, model=[["A", "form"]], bootstrap=0)
    assert with_interaction.no_estimate == "the model has no estimate on these lists"
    assert math.isnan(with_interaction.estimate)
    selected = with_covariates(pl.concat([rows, rare]), lists, recorded, bootstrap=20)
    assert selected.no_estimate is None
    assert ("A", "form") not in selected.model
    assert selected.table["small"].to_list() == [False, True]


def test_all_people_on_one_list_have_no_estimate() -> None:
    rows = pl.DataFrame({"A": [1, 1, 1, 1], "B": [0, 1, 0, 1], "C": [0, 0, 1, 1], "count": [50, 20, 30, 9]})
    assert with_covariates(rows, ["A", "B", "C"], {}, bootstrap=5).no_estimate is not None


def test_resamples_without_an_estimate_count_as_unbounded() -> None:
    rows = pl.DataFrame({"A": [1, 0, 0, 1], "B": [0, 1, 0, 1], "C": [0, 0, 1, 0], "count": [40, 50, 60, 2]})
    strata = with_covariates(rows, ["A", "B", "C"], {}, model=[], bootstrap=100)
    assert strata.failed > 5
    assert strata.interval95[1] == math.inf


def test_few_people_on_two_lists_have_no_estimate() -> None:
    rows = pl.DataFrame({"A": [1, 0, 0, 1], "B": [0, 1, 0, 1], "C": [0, 0, 1, 0], "count": [40, 50, 60, 7]})
    strata = with_covariates(rows, ["A", "B", "C"], {}, model=[], bootstrap=0)
    assert strata.no_estimate == "7 people are on two lists or more, and 20 are needed"


def test_a_search_from_the_best_model_keeps_it() -> None:
    margins = make_margins(simulated_population(3000, 5)[1], list("ABCD"), FOUR)
    best = search_model(margins, margins.counts)
    assert search_model(margins, margins.counts, best).log_likelihood == pytest.approx(best.log_likelihood)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"A": [2, 1, 1, 1, 1, 1, 0, 0]}, "other than 0 and 1"),
        ({"A": [None, 1, 1, 1, 1, 1, 0, 0]}, "other than 0 and 1"),
        ({"count": [0.5] * 8}, "fraction"),
        ({"count": [-1] * 8}, "negative"),
        ({"count": [float("nan")] * 8}, "missing"),
        ({"count": [None] * 8}, "missing"),
        ({"count": [10**9] * 8}, "more than"),
        ({"count": [0] * 8}, "nobody"),
        ({"B": [1, 1, 1, 1, 0, 0, 0, 0]}, "on no list"),
        ({"X1": [None] * 8}, "not known for any person"),
        ({"X1": ["1"] * 8}, "X1 is known of people on none of the lists A"),
    ],
)
def test_invalid_tables_are_refused(change: dict[str, list[object]], message: str) -> None:
    rows = REGISTERS.with_columns(**{name: pl.Series(values) for name, values in change.items()})
    with pytest.raises(ValueError, match=message):
        with_covariates(rows, ["A", "B"], RECORDED, bootstrap=0)


@pytest.mark.parametrize(
    ("lists", "covariates", "settings", "message"),
    [
        (["A"], {}, {}, "the number of lists is 1"),
        (["A", "C"], {}, {}, "no column C"),
        (["A", "B", "A"], {}, {}, "called A"),
        (["A", "B"], {"X1": ["C"]}, {}, "recorded on C"),
        (["A", "B"], {"X1": []}, {}, "recorded on no list"),
        (["A", "B"], {"X3": ["A"]}, {}, "no column X3"),
        (["A", "B"], RECORDED, {"model": "best"}, "no model best"),
        (["A", "B"], RECORDED, {"model": [["A", "Z"]]}, "no list or covariate Z"),
        (["A", "B"], RECORDED, {"bootstrap": -1}, "from 0 on"),
    ],
)
def test_unknown_names_and_invalid_settings_are_refused(
    lists: list[str], covariates: dict[str, list[str]], settings: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        with_covariates(REGISTERS, lists, covariates, **settings)  # type: ignore[arg-type]


def test_sums_over_an_unknown_covariate_are_refused(strata: Strata) -> None:
    with pytest.raises(ValueError, match="no covariate year"):
        strata.by("year")


def test_all_identifiable_pairs_are_one_of_the_models() -> None:
    """The model `first_order` has every candidate; named interactions have their parts."""
    seen = simulated_population(2000, 5)[1]
    strata = with_covariates(seen, list("ABCD"), FOUR, model="first_order", bootstrap=0)
    margins = make_margins(seen, list("ABCD"), FOUR)
    names = margins.names
    assert set(strata.model) == {tuple(names[v] for v in pair) for pair in list_candidates(margins)}
    named = with_covariates(seen, list("ABCD"), FOUR, model=[["sex", "A", "form"]], bootstrap=0)
    assert set(named.model) == {("A", "sex"), ("A", "form"), ("sex", "form"), ("A", "sex", "form")}
