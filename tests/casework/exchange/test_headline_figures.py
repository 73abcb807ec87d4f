"""Figures.

Each compared with the printed one; a changed number is named; a truncated share passes with a note.
"""

from __future__ import annotations

import copy
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.casework.exchange import headline_figures
from kerege.vocabulary import codes, reference_figures


def cohort() -> list[dict[str, Any]]:
    """1,891 rows with the margins of the founding document, columns independent of one another."""
    margins = {
        "destination": {"KZ": 1741, "AE": 61, "TR": 28, "RU": 28, "IR": 7, "BH": 26},
        "origin": {"UZ": 944, "KZ": 774, "KG": 72, "RU": 28, "TJ": 73},
        "sex": {"male": 981, "female": 907, "transgender": 3},
        "age_band": {"18_25": 677, "31_40": 500, "41_50": 188, "26_30": 526},
        "exploitation": {"labour": 1151, "sexual": 711, "other": 29},
    }
    columns = {name: [code for code, n in counts.items() for _ in range(n)] for name, counts in margins.items()}
    kinds = ["shelter", "repatriation", "psychological_support", "medical_care", "documentation"]
    return [
        {name: values[i] for name, values in columns.items()}
        | {"year": str(2004 + i % 17), "programme": "iom", "services": [f"{kinds[i % 5]}:iom"]}
        for i in range(1891)
    ]


@pytest.fixture
def books() -> headline_figures.FigureData:
    rows = cohort()
    services = [{"year": row["year"], "payer": "iom"} for row in rows] + [{"year": "2021", "payer": "state"}]
    return headline_figures.FigureData(rows, services, lambda first, last: 134, "iom", 2004, 2020, 10)


def test_every_figure_of_the_founding_document_agrees(books: headline_figures.FigureData) -> None:
    compared = headline_figures.compare(books, reference_figures.figures())
    assert [row.id for row in compared if not row.agrees] == []
    assert Counter(row.kind for row in compared)[headline_figures.COMPUTED] >= 19


def leaves(tree: dict[str, Any]) -> list[str]:
    return [path for path, value in headline_figures.flatten(tree) if not isinstance(value, bool)]


@pytest.mark.parametrize("path", leaves(reference_figures.figures()))
def test_any_changed_value_fails_by_its_name(path: str, books: headline_figures.FigureData) -> None:
    tree = copy.deepcopy(reference_figures.figures())
    *parents, last = path.split(".")
    at: Any = tree
    for name in parents:
        at = at[name]
    value = at[last]
    at[last] = value + 1 if isinstance(value, int | float) else ["x"] if isinstance(value, list) else "1.1%"
    wrong = [row.id for row in headline_figures.compare(books, tree) if not row.agrees]
    assert path in wrong


def test_truncated_shares_pass_with_a_note(books: headline_figures.FigureData) -> None:
    compared = {row.id: row for row in headline_figures.compare(books, reference_figures.figures())}
    assert "truncated" in compared["sex.female.printed"].note
    assert compared["sex.male.printed"].note == ""


def test_cells_below_the_threshold_are_named(books: headline_figures.FigureData) -> None:
    compared = {row.id: row for row in headline_figures.compare(books, reference_figures.figures())}
    flagged = {name for name, row in compared.items() if "below the threshold" in row.note}
    assert flagged == {"sex.transgender.count", "destination.IR"}


@pytest.mark.parametrize(
    ("share", "printed", "agrees"),
    [
        ("47.9640", "48.0%", True),
        ("47.9640", "47.9%", True),
        ("47.9640", "47.8%", False),
        ("47.9640", "48%", True),
        ("47.9640", "47%", True),
        ("47.9640", "47,96 %", True),
        ("47.9640", "half", False),
        ("0.05", "0.1%", True),
    ],
)
def test_a_share_agrees_when_rounded_or_truncated(share: str, printed: str, agrees: bool) -> None:
    assert headline_figures.compare_share(Decimal(share), printed)[0] is agrees


def test_ages_that_cut_a_band_cannot_be_computed(books: headline_figures.FigureData) -> None:
    assert headline_figures.count_persons_of_age(books, "age_18_25") == 677
    assert headline_figures.count_persons_of_age(books, "over_30") == 688
    assert headline_figures.count_persons_of_age(books, "under_18") == 0
    assert headline_figures.count_persons_of_age(books, "age_18_24") is None


def test_unknown_figures_fail_instead_of_passing(books: headline_figures.FigureData) -> None:
    wrong = headline_figures.compare(books, {"sex": {"martian": {"count": 0}}, "weather": {"sun": 1}, "age": 3})
    assert [row.agrees for row in wrong] == [False, False, False]


def test_a_period_that_cannot_be_read_is_one_sentence(books: headline_figures.FigureData) -> None:
    with pytest.raises(BadInput, match="two days"):
        headline_figures.compare(books, {"crimes": {"recorded": 134, "period": "spring"}})


def test_every_figure_of_the_page_has_a_label() -> None:
    paths = {path for path, _value in headline_figures.flatten(reference_figures.figures())}
    assert paths == codes.code_list("headline_figure").codes.keys()
