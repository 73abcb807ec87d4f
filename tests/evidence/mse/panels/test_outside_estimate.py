"""Estimates by others: a source, an estimate and its limits, and nothing else."""

from __future__ import annotations

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.mse.panels.outside_estimate import OutsideEstimate, parse_outside
from tests.evidence.mse.panels.given_results import GAP

RDS = OutsideEstimate("RDS 2027", 8000, 5000, 14_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RDS 2027, 8000, 5000-14000", RDS),
        ("  RDS 2027,8,000,5,000–14,000 ", RDS),
        (f"RDS 2027, 8{GAP}000, 5 000 - 14 000", RDS),
        ("Survey, second wave, 100, 100-100", OutsideEstimate("Survey, second wave", 100, 100, 100)),
    ],
)
def test_numbers_may_have_separators_and_the_source_commas(text: str, expected: OutsideEstimate) -> None:
    assert parse_outside(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "RDS 2027",
        "8000, 5000-14000",
        "RDS, 8000",
        "RDS, 8000, 5000",
        "RDS, many, 5000-14000",
        "RDS, 8000, -5-9000",
        "RDS, 8.5, 5-14",
        ", 8000, 5000-14000",
        "RDS\x1b[31m, 8000, 5000-14000",
        "RDS, 8000, 5000-14000 people",
    ],
)
def test_another_text_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(
        BadInput, match='is not an estimate with a source and limits, write --outside "RDS 2027, 8000, 5000'
    ):
        parse_outside(text)


@pytest.mark.parametrize(
    "limits", ["4000, 5000-14000", "15000, 5000-14000", "8000, 14000-5000", "0, 0-9", "8000, 5000-100000001"]
)
def test_an_estimate_outside_its_limits_is_refused(limits: str) -> None:
    with pytest.raises(BadInput, match="has an estimate outside its limits"):
        parse_outside(f"RDS, {limits}")


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("en", "RDS 2027: 8,000, 5,000 to 14,000"),
        ("ru", f"RDS 2027: 8{GAP}000, от 5{GAP}000 до 14{GAP}000"),
        ("kk", f"RDS 2027: 8{GAP}000, 5{GAP}000–14{GAP}000"),
    ],
)
def test_it_is_printed_with_its_source(lang: str, sentence: str) -> None:
    assert RDS.sentence(lang) == sentence
    assert RDS.as_dict() == {"source": "RDS 2027", "estimate": 8000, "lower": 5000, "upper": 14_000}
