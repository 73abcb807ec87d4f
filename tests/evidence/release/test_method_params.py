"""Parameters of a method have their defaults, and each fault is one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.evidence.data.publication_threshold import LEAST
from kerege.evidence.dp.zcdp import DELTA, MOST_RHO, VALUES, epsilon_to_rho, rho_to_epsilon
from kerege.evidence.release.method_params import (
    MOST_NOISE,
    MOST_VALUES,
    TAKES,
    complete,
    find_faults,
    is_names,
    is_whole,
)


def whats(method: Any, params: Any) -> list[str]:
    return [what for what, _ in find_faults(method, params)]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("none", {}),
        ("none", {"threshold": LEAST}),
        ("suppress", {"threshold": 20, "sensitive": ["form"], "version": "rounded"}),
        ("suppress", {"version": "suppressed"}),
        ("cellkey", {"D": 1, "V": 0.001, "smallest": 1, "additive": True}),
        ("cellkey", {"D": MOST_NOISE, "V": 3, "sensitive": []}),
        ("dp", {"rho": MOST_RHO}),
        ("dp", {"epsilon": 1e-6, "delta": 0.0999, "max_values": 1, "cohort": "year"}),
        ("dp", {"rho": 1, "max_values": MOST_VALUES}),
    ],
)
def test_parameters_at_their_limits_are_valid(method: str, params: dict[str, Any]) -> None:
    assert whats(method, params) == []


@pytest.mark.parametrize(
    ("method", "params", "what"),
    [
        ("swap", {}, "unknown method swap"),
        (5, {}, "unknown method 5"),
        ("suppress", ["threshold"], "`params` is not a set of parameters"),
        ("suppress", {"threshold": LEAST - 1}, f"a threshold is a whole number of at least {LEAST}"),
        ("none", {"threshold": True}, f"a threshold is a whole number of at least {LEAST}"),
        ("suppress", {"threshold": 10.0}, f"a threshold is a whole number of at least {LEAST}"),
        ("suppress", {"version": "blurred"}, "`version` is not a version of a protected table"),
        ("suppress", {"sensitive": "form"}, "`sensitive` is not a list of columns"),
        ("cellkey", {"D": MOST_NOISE + 1}, "D, the largest change of a count, is not a whole number"),
        ("cellkey", {"D": 0}, "D, the largest change of a count, is not a whole number"),
        ("cellkey", {"V": 0}, "V, the variance of the noise, is not a number above 0"),
        ("cellkey", {"V": float("inf")}, "V, the variance of the noise, is not a number above 0"),
        ("cellkey", {"smallest": 0}, "smallest, the smallest count shown, is not a whole number of at least 1"),
        ("cellkey", {"additive": 0}, "additive is neither true nor false"),
        ("dp", {}, "the method dp takes either rho or epsilon"),
        ("dp", {"rho": MOST_RHO * 1.001}, "rho is not a number above 0"),
        ("dp", {"rho": True}, "rho is not a number above 0"),
        ("dp", {"epsilon": 0}, "epsilon is not a number above 0"),
        ("dp", {"rho": 1, "delta": 0}, "delta is not a number between 0 and 0.1"),
        ("dp", {"rho": 1, "delta": 0.1}, "delta is not a number between 0 and 0.1"),
        ("dp", {"rho": 1, "max_values": MOST_VALUES + 1}, "max_values is not a whole number"),
        ("dp", {"rho": 1, "cohort": ["year"]}, "cohort names no column"),
    ],
)
def test_a_fault_is_one_sentence_with_a_remedy(method: Any, params: Any, what: str) -> None:
    assert whats(method, params) == [what]
    assert all(todo for _, todo in find_faults(method, params))


@pytest.mark.parametrize("method", TAKES)
def test_unknown_parameters_are_listed_with_those_that_the_method_takes(method: str) -> None:
    needed = {"rho": 1} if method == "dp" else {}
    ((what, todo),) = find_faults(method, needed | {"zeta": 1, "alpha": 2})
    assert what == "unknown parameters alpha, zeta"
    assert todo == f"the method {method} takes {', '.join(TAKES[method])}"


def test_all_faults_of_a_method_are_reported() -> None:
    assert len(whats("cellkey", {"D": 0, "V": 0, "smallest": 0, "additive": 0, "sensitive": 0, "x": 0})) == 6


# -- defaults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("threshold", "most"), [(10, 10), (5, 5), (MOST_NOISE, MOST_NOISE), (MOST_NOISE + 1, MOST_NOISE)]
)
def test_noise_of_cell_keys_reaches_the_threshold_where_it_can(threshold: int, most: int) -> None:
    assert complete("cellkey", {}, threshold) == {"D": most, "V": 3.0, "smallest": 3, "additive": False}


def test_given_parameters_of_cell_keys_are_kept() -> None:
    params = complete("cellkey", {"D": 4, "V": 2, "additive": True, "sensitive": ["x"]})
    assert params == {"D": 4, "V": 2.0, "smallest": 3, "additive": True}
    assert isinstance(params["V"], float)


@pytest.mark.parametrize("delta", [None, 1e-5])
def test_rho_and_epsilon_are_converted_at_delta(delta: float | None) -> None:
    at = {} if delta is None else {"delta": delta}
    by_rho, by_epsilon = complete("dp", {"rho": 0.2} | at), complete("dp", {"epsilon": 3} | at)
    assert by_rho["epsilon"] == rho_to_epsilon(0.2, delta or DELTA)
    assert by_epsilon["rho"] == epsilon_to_rho(3.0, delta or DELTA)
    assert by_epsilon["epsilon"] <= 3
    assert (by_rho["delta"], by_rho["max_values"]) == (delta or DELTA, VALUES)


@pytest.mark.parametrize(("cohort", "kept"), [("year", {"cohort": "year"}), ("", {})])
def test_a_cohort_is_kept_only_if_it_names_a_column(cohort: str, kept: dict[str, str]) -> None:
    params = complete("dp", {"rho": 1, "cohort": cohort})
    assert {name: value for name, value in params.items() if name == "cohort"} == kept


@pytest.mark.parametrize("method", ["none", "suppress"])
def test_suppression_has_no_default_of_its_own(method: str) -> None:
    assert complete(method, {"sensitive": ["x"]}) == {}
    assert complete(method, {"threshold": 20, "version": "rounded"}) == {"threshold": 20, "version": "rounded"}


@pytest.mark.parametrize(("value", "expected"), [(3, True), (True, False), (3.0, False), ("3", False), (None, False)])
def test_a_truth_value_is_no_whole_number(value: object, expected: bool) -> None:
    assert is_whole(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"), [([], True), (["a"], True), ("a", False), ([1], False), (("a",), False)]
)
def test_names_are_a_list_of_texts(value: object, expected: bool) -> None:
    assert is_names(value) is expected
