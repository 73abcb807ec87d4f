"""The file of an estimate is checked against its model before it is written."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.release.prevalence.estimate_file import EstimateContents

TEXT = {"kk": "а", "ru": "б", "en": "c"}
WHOLE: dict[str, Any] = {
    "format": "kerege-estimate/1",
    "name": "undetected",
    "title": TEXT,
    "of": "victims",
    "period": "2021/2025",
    "where": {"sex": ["female"]},
    "invented": True,
    "notice": TEXT,
    "lists": {"helpers": ["ngo", "hotline"]},
    "notes": ["a note"],
    "assumptions": TEXT,
    "seed": 1,
    "bootstrap": 200,
    "code_version": "1",
    "planted": 750,
    "detected": {"table": "detected", "count": 626, "status": "ok"},
    "no_estimate": None,
    "lower": 700,
    "upper": 800,
    "methods": {"bic": {"estimate": 740, "interval80": [700, 800], "interval95": None}},
    "sensitivity": [{"key": "odds_2", "label": TEXT, "estimate": None}],
}


def test_a_file_is_written_as_it_was_read() -> None:
    assert EstimateContents.parsed(WHOLE, "e.json").tree == WHOLE


def test_an_estimate_of_real_people_has_no_notice_and_no_truth() -> None:
    real = {key: value for key, value in WHOLE.items() if key not in ("notice", "planted")} | {"invented": False}
    assert EstimateContents.parsed(real, "e.json").tree == real


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("format",), "kerege-estimate/3", "format"),
        (("name",), "../x", "name"),
        (("period",), "last year", "period"),
        (("lower",), -1, "lower"),
        (("lower",), 700.5, "lower"),
        (("detected", "status"), "suppressed", "detected.status"),
        (("methods", "bic", "interval80"), [700], "methods.bic.interval80"),
        (("methods", "bic", "interval80"), [700, 800, 900], "methods.bic.interval80"),
        (("methods", "bic", "standard_error"), 4.2, "methods.bic.standard_error is an unknown key"),
        (("sensitivity", 0, "label"), {"english": "c"}, "sensitivity"),
        (("notice",), None, "notice"),  # may be absent, but not null
        (("planted",), 0, "planted"),
        (("overlaps",), [1, 2], "overlaps is an unknown key"),
    ],
)
def test_a_file_with_another_figure_is_refused_with_its_place(
    path: tuple[Any, ...], value: object, sentence: str
) -> None:
    tree = copy.deepcopy(WHOLE)
    part: Any = tree
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    with pytest.raises(BadInput) as refused:
        EstimateContents.parsed(tree, "e.json")
    assert len(refused.value.faults) == 1
    assert str(refused.value).startswith("e.json: ")
    assert sentence in str(refused.value)


@pytest.mark.parametrize("key", ["detected", "no_estimate", "lower", "methods", "assumptions"])
def test_a_file_states_every_part_even_if_it_is_withheld(key: str) -> None:
    tree = {name: value for name, value in WHOLE.items() if name != key}
    with pytest.raises(BadInput, match=f"{key} is missing, add it"):
        EstimateContents.parsed(tree, "e.json")
