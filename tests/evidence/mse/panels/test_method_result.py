"""Results of a method as JSON: stable keys, null for what is missing or not finite."""

from __future__ import annotations

import json
import math

import pytest

from kerege.evidence.mse.panels.method_result import Method, as_json_value, finite_or_none, limits_as_list

KEYS = [
    "estimate",
    "model",
    "interval80",
    "interval95",
    "bca80",
    "bca95",
    "profile80",
    "profile95",
    "monte_carlo",
    "recurrence",
    "warnings",
    "no_estimate",
]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), (0.0, 0.0), (-3.5, -3.5), (math.inf, None), (-math.inf, None), (math.nan, None)],
)
def test_a_number_that_json_cannot_hold_is_null(value: float | None, expected: float | None) -> None:
    assert finite_or_none(value) == expected


def test_limits_become_a_list_and_an_infinite_limit_null() -> None:
    assert limits_as_list((800.0, 1200.0)) == [800.0, 1200.0]
    assert limits_as_list((800.0, math.inf)) == [800.0, None]
    assert limits_as_list(None) is None


def test_facts_of_any_depth_become_json() -> None:
    facts = {"by_a_hair": {3: 700.0, 5: math.nan}, "levels": (0.1, math.inf), "bound": 20, "cut": True, "name": "A:B"}
    value = as_json_value(facts)
    assert value == {
        "by_a_hair": {"3": 700.0, "5": None},
        "levels": [0.1, None],
        "bound": 20,
        "cut": True,
        "name": "A:B",
    }
    json.dumps(value, allow_nan=False)


def test_a_result_has_all_keys_and_its_own_facts_beside_them() -> None:
    method = Method(
        "bic",
        900.0,
        "A:B",
        interval80=(800.0, 1000.0),
        bca80=(790.0, math.inf),
        monte_carlo={"interval80": (3.0, math.inf)},
        recurrence=0.5,
        warnings=("a warning",),
        about={"resamples": 100, "bias_z0": math.inf},
    )
    assert method.as_dict() == {
        "estimate": 900.0,
        "model": "A:B",
        "interval80": [800.0, 1000.0],
        "interval95": None,
        "bca80": [790.0, None],
        "bca95": None,
        "profile80": None,
        "profile95": None,
        "monte_carlo": {"interval80": [3.0, None]},
        "recurrence": 0.5,
        "warnings": ["a warning"],
        "no_estimate": None,
        "resamples": 100,
        "bias_z0": None,
    }


def test_a_method_without_an_estimate_has_the_same_keys_and_its_reason() -> None:
    result = Method("lcmcr", None, no_estimate="the chains do not agree").as_dict()
    assert list(result) == KEYS
    assert result["no_estimate"] == "the chains do not agree"
    assert (result["estimate"], result["model"], result["recurrence"], result["warnings"]) == (None, None, None, [])
