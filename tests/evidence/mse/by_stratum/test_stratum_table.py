"""Table and sentences of strata in three languages; no share of the detected people is in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kerege.evidence.mse.by_stratum.answer_by import CovariateShift, StratifiedAnswer
from kerege.evidence.mse.by_stratum.stratum import Stratum
from kerege.evidence.mse.by_stratum.stratum_table import (
    shift_sentence,
    strata_html,
    stratum_headers,
    stratum_rows,
    stratum_sentences,
)
from tests.evidence.mse.panels.given_results import LANGUAGES

WOMEN = Stratum({"sex": ["f"], "form": ["a", "b"]}, "range", 310, 40, 1200, 5100, 0.1, population=9_000_000)
OTHERS = Stratum({"sex": ["_U"], "form": ["a"]}, "at_least", 90, 25, 150, reason="wide")
FEW = Stratum({"sex": ["m"], "form": ["a"]}, "none", 40, 3, 40, reason="few_overlaps", population=8_000_000)
WHOLE = Stratum({}, "at_least", 440, 68, 1390, reason="wide")
ANSWERS = StratifiedAnswer(
    ("sex", "form"), [WOMEN, OTHERS, FEW], WHOLE, ("sex",), ("census 2021",), CovariateShift(11_234.0, 13_456.0)
)
PLAIN = replace(ANSWERS, divided_by=(), sources=(), shift=None, strata=[OTHERS])


def test_a_row_has_its_levels_people_condition_and_rates() -> None:
    assert stratum_headers(ANSWERS, "en") == [
        *("sex", "form", "on the lists", "at least", "at most", "if nobody had less than", "per 100,000", "population"),
    ]
    assert stratum_rows(ANSWERS, "en") == [
        ["f", "a, b", "310", "1,200", "5,100", "1 in 10", "13–57", "9,000,000"],
        ["not known", "a", "90", "150", "", "", "", ""],
        ["m", "a", "40", "too few overlaps", "", "", "", "8,000,000"],
        ["all", "", "440", "1,390", "", "", "", ""],
    ]


def test_small_rates_keep_two_digits_and_a_floor_alone_has_an_open_end() -> None:
    one = replace(ANSWERS, strata=[replace(WOMEN, floor=12, top=123), replace(WOMEN, kind="at_least", top=None)])
    assert [row[6] for row in stratum_rows(one, "en")[:2]] == ["0.13–1.4", "≥ 13"]


def test_without_denominators_there_are_no_columns_of_rates() -> None:
    assert len(stratum_headers(PLAIN, "en")) == len(stratum_rows(PLAIN, "en")[0]) == 6
    assert len(stratum_sentences(PLAIN, "en")) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sentences_name_the_denominator_its_source_and_joined_levels(lang: str) -> None:
    sentences = stratum_sentences(ANSWERS, lang)
    assert len(sentences) == 3
    assert "census 2021" in sentences[-1]
    assert "sex" in sentences[-1]
    assert "form" not in sentences[-1]
    assert len(stratum_headers(ANSWERS, lang)) == len(stratum_rows(ANSWERS, lang)[0])


def test_the_line_on_covariates_has_both_figures() -> None:
    assert shift_sentence(ANSWERS, "en") == "With sex, form the methods' figure changes from 11,000 to 13,000."
    far = replace(ANSWERS, shift=CovariateShift(11_234.0, 23_456.0))
    assert shift_sentence(far, "en").endswith("So the answer above is the sum of the strata.")
    failed = replace(ANSWERS, shift=CovariateShift(11_234.0, reason="the model has no estimate"))
    assert shift_sentence(failed, "en") == "With sex, form the methods have no estimate."
    assert shift_sentence(PLAIN, "en") == ""


def test_levels_are_escaped_in_html() -> None:
    hostile = replace(WOMEN, levels={"sex": ["<script>"], "form": ["a"]})
    document = replace(ANSWERS, strata=[hostile])._repr_html_()
    assert document == strata_html(replace(ANSWERS, strata=[hostile]))
    assert "<script>" not in document
    assert "&lt;script&gt;" in document
