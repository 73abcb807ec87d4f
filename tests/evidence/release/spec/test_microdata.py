"""A set of synthetic records: its columns, its cohorts and the request that the synthesis takes."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.release.spec import parse as parse_release
from kerege.evidence.release.spec.microdata import MOST, MicrodataSpec, parse
from kerege.evidence.synthesis.presets import PRESETS

ENTRY: dict[str, Any] = {"name": "people", "of": "victims", "epsilon": 4.0}
COHORTS = {"cohorts": "year", "through": "2024", "revise": ["2023"], "series": "clients"}


def faults(entry: dict[str, Any]) -> list[str]:
    with pytest.raises(BadInput) as refused:
        parse(entry, "f")
    return [fault.what for fault in refused.value.faults]


def test_defaults_are_all_columns_and_the_balanced_preset() -> None:
    spec = parse(ENTRY)
    assert (spec.columns, spec.asked, spec.delta, spec.preset) == ([], [], None, "balanced")
    request = spec.request("2025")
    assert (request.columns, request.epsilon, request.delta, request.preset, request.period, request.seed) == (
        (),
        4.0,
        None,
        "balanced",
        "2025",
        0,
    )


def test_given_values_reach_the_request() -> None:
    spec = parse(ENTRY | {"columns": ["sex", "form"], "epsilon": 2, "delta": 1e-7, "preset": "careful"})
    request = spec.request("")
    assert (request.columns, request.epsilon, request.delta, request.preset) == (("sex", "form"), 2, 1e-7, "careful")


@pytest.mark.parametrize(
    ("columns", "asked"), [([], []), (["sex"], ["year", "sex"]), (["sex", "year"], ["sex", "year"])]
)
def test_the_column_of_cohorts_is_among_those_that_are_read(columns: list[str], asked: list[str]) -> None:
    spec = parse(ENTRY | {"columns": columns, "cohorts": "year"})
    assert spec.asked == asked


def test_cohorts_reach_the_synthesis() -> None:
    divided = parse(ENTRY | COHORTS).divided
    assert (divided.column, divided.through, divided.revise, divided.name) == ("year", "2024", ("2023",), "clients")


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_of_the_synthesis_can_be_named(preset: str) -> None:
    assert parse(ENTRY | {"preset": preset}).preset == preset


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"preset": "bold"}, "microdata people: there is no preset bold"),
        ({"columns": ["sex", "sex"]}, "microdata people: a column is named twice"),
        ({"columns": "sex"}, "microdata people: `columns` is not a list of columns"),
        ({"cohorts": ""}, "microdata people: `cohorts` is not a column"),
        ({"cohorts": "year", "through": 2024}, "microdata people: `through` is not a value of the cohorts"),
        ({"cohorts": "year", "revise": ["2023", "2023"]}, "microdata people: `revise` is not a list of cohorts"),
        ({"cohorts": "year", "series": ""}, "microdata people: `series` is not a name"),
        ({"cohorts": "year", "columns": ["year"]}, "microdata people: there is no column besides the cohorts"),
        ({"through": "2024"}, "microdata people: `through` applies to cohorts only"),
        ({"revise": 5, "series": "x"}, "microdata people: `revise` applies to cohorts only"),
    ],
)
def test_a_fault_is_one_sentence(change: dict[str, Any], what: str) -> None:
    assert faults(ENTRY | change) == [what]


def release(*sets: dict[str, Any]) -> Any:
    table = {"name": "sex", "of": "victims", "by": ["sex"]}
    return parse_release({"title": "T", "period": "2025", "table": [table], "microdata": list(sets)})


def named(number: int, **more: Any) -> dict[str, Any]:
    return ENTRY | {"name": f"set{number}"} | more


def test_a_release_has_a_few_sets() -> None:
    assert len(release(*map(named, range(MOST))).microdata) == MOST
    with pytest.raises(BadInput, match="has 4 sets of synthetic records, take at most 3 in one release"):
        release(*map(named, range(MOST + 1)))


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_two_sets_may_not_have_one_title_in_any_language(lang: str) -> None:
    first, second = ({code: f"{code} {number}" for code in ("kk", "ru", "en")} for number in "ab")
    assert len(release(named(1, title=first), named(2, title=second)).microdata) == 2
    with pytest.raises(BadInput, match="microdata set2: has the title of set1, give each a title of its own, or none"):
        release(named(1, title=first), named(2, title=second | {lang: first[lang]}))


def test_the_loss_of_records_is_no_loss_of_the_tables() -> None:
    assert release(named(1)).rho == 0
    assert MicrodataSpec.kind == "microdata"
