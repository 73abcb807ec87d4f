"""The calls of the library: intervals of suppressed cells, and the report on a publication."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import SUPPRESSED
from kerege.evidence.sdc.disclosure.assessment import assess_disclosure, feasible_intervals
from tests.evidence.made_sheets import Figure, sheet
from tests.evidence.sdc.disclosure.published import by_sex, publication

KEYS = list(product(("_T", "a", "b"), ("_T", "x", "y")))
INNER = [KEYS.index(key) for key in product("ab", "xy")]


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=4, max_size=4), st.sets(st.sampled_from(KEYS[1:]), min_size=1))
def test_the_intervals_are_those_of_all_tables_that_fit(inner: list[int], hidden: set[tuple[str, str]]) -> None:
    counts = dict(zip(product("ab", "xy"), inner, strict=True))
    figures: dict[tuple[str, ...], Figure] = {
        key: sum(n for cell, n in counts.items() if all(k in ("_T", c) for k, c in zip(key, cell, strict=True)))
        for key in KEYS
    }
    table = sheet(("row", "column"), figures | dict.fromkeys(hidden), of="victims", release="new")
    a, b, c, d = np.indices((sum(inner) + 1,) * 4).reshape(4, -1)
    tables = np.stack([a + b + c + d, a + c, b + d, a + b, a, b, c + d, c, d], axis=1)
    is_hidden = table.status.ravel() == SUPPRESSED
    fitting = tables[
        (tables[:, ~is_hidden] == table.counts.ravel()[~is_hidden]).all(axis=1) & (tables[:, is_hidden] > 0).all(axis=1)
    ]
    expected = {
        KEYS[flat]: (int(fitting[:, flat].min()), int(fitting[:, flat].max())) for flat in np.flatnonzero(is_hidden)
    }
    assert feasible_intervals(publication("new", table)) == {"t": expected}


def test_tables_without_suppressed_cells_have_no_intervals() -> None:
    assert feasible_intervals(publication("new", by_sex(100, 60, 40))) == {"sex": {}}


def test_tables_of_no_people_are_left_out() -> None:
    assert feasible_intervals(publication("new", by_sex(100, 60, 40, of="campaigns"))) == {}


def test_a_suppressed_cell_that_follows_from_its_total_is_a_disclosure() -> None:
    report = assess_disclosure(publication("new", by_sex(70, 62, None)))
    (finding,) = report.disclosures
    assert (finding.kind, finding.cell, finding.lower, finding.upper) == ("interval", {"sex": "m"}, 8, 8)
    assert {(source.value, *source.cell.values()) for source in finding.sources} == {(70,), (62, "f")}
    assert not report.safe
    assert report.undecided == 0


def test_the_threshold_decides() -> None:
    table = by_sex(70, 62, None)
    assert assess_disclosure(publication("new", table), threshold=8).safe
    assert not assess_disclosure(publication("new", table), threshold=9).safe


def test_a_small_published_count_is_a_disclosure_and_zero_is_none() -> None:
    report = assess_disclosure(publication("new", by_sex(69, 60, 9)))
    assert [(f.kind, f.lower, f.upper) for f in report.disclosures] == [("small", 9, 9)]
    assert assess_disclosure(publication("new", by_sex(60, 60, 0))).safe


def test_what_earlier_publications_disclose_is_already_public() -> None:
    table = by_sex(70, 62, None)
    earlier = publication("old", by_sex(70, 62, None, release="old"))
    report = assess_disclosure(publication("new", table), [earlier])
    assert report.disclosures
    assert report.already_public == len(report.disclosures)
    assert report.added == []
    assert all(finding.advice == [] for finding in report.disclosures)


def test_an_earlier_total_discloses_a_new_cell() -> None:
    """The new table hides its total and a cell; the old one states the total of the same people."""
    old = sheet((), {(): 70}, name="all", of="victims", release="old", as_of="2025-12-31", origin="a")
    table = by_sex(None, 62, None, origin="a")
    assert assess_disclosure(publication("new", table)).safe
    report = assess_disclosure(publication("new", table), [publication("old", old)])
    assert {(f.cell.get("sex"), f.lower, f.upper) for f in report.added} >= {("m", 8, 8)}
