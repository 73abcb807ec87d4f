"""Faults of a requested estimate are reported before anything is counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.snapshot import read, write
from kerege.evidence.mse.panels.methods import METHODS as OF_THE_PANEL
from kerege.evidence.mse.panels.publication_rules import IN_HEADLINE
from kerege.evidence.release import build as gate
from kerege.evidence.release.spec import parse
from kerege.evidence.release.spec.prevalence import HEADLINE, METHODS
from tests.evidence.release.prevalence.made import DETECTED, ESTIMATE, KEY, snapshot, spec


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "estimate 1 has no name"),
        ({"name": "../x"}, "estimate 1 has a name that is not a safe file name"),
        ({"of": 3}, "estimate undetected: `of` is missing"),
        ({"period": ""}, "estimate undetected: has no period"),
        ({"period": "2025/2021"}, "estimate undetected: the period 2025/2021 is neither a year nor two years"),
        ({"where": {"sex": []}}, "estimate undetected: `where` is not a filter"),
        ({"where": {"year": "2025"}}, "estimate undetected: the year is given twice"),
        ({"lists": "ngo"}, "estimate undetected: `lists` is not a list of kinds of agencies"),
        ({"lists": ["ngo", "ngo"]}, "estimate undetected: a kind of agency is on two lists"),
        ({"lists": {"a": ["ngo"], "b": ["ngo"]}}, "estimate undetected: a kind of agency is on two lists"),
        ({"seed": -1}, "estimate undetected: the seed is not a whole number"),
        ({"bootstrap": 10}, "estimate undetected: `bootstrap` is not a number of resamples"),
        ({"bootstrap": True}, "estimate undetected: `bootstrap` is not a number of resamples"),
        ({"methods": ["stepwise"]}, "estimate undetected: `methods` does not span a headline"),
        ({"planted": 0}, "estimate undetected: `planted` is not a number of people"),
        ({"title": {"en": "E"}}, "estimate undetected: the title lacks a language"),
        ({"rounded": 5}, "estimate undetected: unknown key rounded"),
    ],
)
def test_a_fault_is_one_sentence(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput) as bad:
        parse(spec(ESTIMATE | change))
    assert says in str(bad.value)


def test_estimates_have_distinct_names() -> None:
    with pytest.raises(BadInput, match="two estimates are called undetected"):
        parse(spec(ESTIMATE, ESTIMATE))


def test_the_methods_are_the_first_seven_of_the_panel() -> None:
    assert set(METHODS) == set(list(OF_THE_PANEL)[:7])
    assert set(HEADLINE) == set(IN_HEADLINE)


@pytest.mark.parametrize(
    ("change", "tables", "says"),
    [
        ({"of": "crimes"}, [DETECTED], "there is no snapshot of crimes"),
        ({"period": "2024/2025"}, [DETECTED], "no table of the release counts the same people"),
        ({}, [DETECTED | {"where": {}}], "no table of the release counts the same people"),
        ({"where": {"sex": "male"}}, [DETECTED], "no table of the release counts the same people"),
        ({"planted": 5}, [DETECTED], "a planted truth, but the people are not invented"),
        ({"lists": ["ngo", "hotline", "police"]}, [DETECTED], "real people on 3 named lists"),
        ({}, [DETECTED], "real people on 0 named lists"),
        (
            {
                "lists": {
                    "a": ["ngo", "internal_affairs"],
                    "b": ["hotline", "crisis_centre"],
                    "c": ["embassy"],
                    "d": ["health"],
                }
            },
            [DETECTED],
            "real people on 4 named lists, 2 of all with people",
        ),
        ({}, [DETECTED, DETECTED | {"name": "by", "by": ["detected_by"]}], "the table by shows the size of the lists"),
        ({}, [DETECTED | {"method": "dp", "params": {"rho": 0.05}}], "the number detected is noised"),
    ],
)
def test_an_estimate_must_fit_the_snapshot_and_the_tables(
    change: dict[str, Any], tables: list[dict[str, Any]], says: str, tmp_path: Path
) -> None:
    source = snapshot(tmp_path, invented=False)
    with pytest.raises(BadInput) as bad:
        gate.prepare([source], spec(ESTIMATE | change, tables=tables), tmp_path / "draft")
    assert says in str(bad.value)
    assert not (tmp_path / "draft").exists()


def test_two_lists_of_the_same_people_are_refused(tmp_path: Path) -> None:
    both = [{"year": "2025", "detected_by": ["embassy", "consulate"], "agency_kind": "ngo", "sex": "male"}] * 40
    alone = [{"year": "2025", "detected_by": ["ngo"], "agency_kind": "ngo", "sex": "male"}] * 40
    write(tmp_path / "v.parquet", "victims", both + alone, as_of="2025-12-31", invented=True, key=KEY)
    with pytest.raises(BadInput, match="estimate undetected: the lists consulate, embassy hold the same people"):
        gate.prepare([read(tmp_path / "v.parquet")], spec(), tmp_path / "draft")
