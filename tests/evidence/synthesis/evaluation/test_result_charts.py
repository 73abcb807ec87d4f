"""Results show themselves as charts and data frames, with the numbers of the result and nothing else."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.synthesis.evaluation.result_charts import draw_risks, tabulate_risks
from kerege.evidence.synthesis.evaluation.risk_ratings import NONE, SINGLING, SOME, UNTRIED, Verdict
from kerege.evidence.synthesis.evaluation.utility import utility

REAL = pl.DataFrame({"sex": ["female"] * 60 + ["male"] * 12, "form": ["sexual"] * 36 + ["labour"] * 36})
MADE = pl.DataFrame({"sex": ["female"] * 57 + ["male"] * 15, "form": ["sexual"] * 36 + ["labour"] * 36})
RISKS = (
    Verdict(SINGLING, "by one value", UNTRIED, ""),
    Verdict(SINGLING, "by four values", NONE, "", -0.04, -0.16, 0.07),
    Verdict(SINGLING, "by a whole record", SOME, "", 0.09, 0.01, 0.17),
)


def test_a_row_of_the_frame_has_the_errors_of_one_band() -> None:
    rows = utility(REAL, MADE, order=2).to_frame().filter(pl.col("combinations") > 0)
    # counted by hand: 60 and 12 became 57 and 15; 36 and 36 stayed; of pairs 36, 24, 12 the last two became 21 and 15
    assert rows.select("length", "least", "combinations", "mean").rows() == [
        (1, 10, 3, 1.0),
        (1, 50, 1, 3.0),
        (2, 10, 3, 2.0),
    ]


def test_the_last_band_of_the_frame_has_no_upper_end() -> None:
    assert utility(REAL, MADE, order=1).to_frame()["most"].to_list()[-2:] == [999, None]


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_chart_of_errors_states_each_mean_error_that_the_frame_has(lang: str) -> None:
    quality = utility(REAL, MADE, order=2)
    circles = ET.fromstring(quality.plot(lang)).iter("{http://www.w3.org/2000/svg}circle")
    assert len(list(circles)) == quality.to_frame()["mean"].count()


def test_a_chart_of_errors_needs_a_language_of_the_pages() -> None:
    with pytest.raises(BadInput, match="'de'"):
        utility(REAL, MADE, order=1).plot("de")


def test_a_risk_without_attempts_is_in_the_frame_without_numbers_and_not_in_the_chart() -> None:
    assert tabulate_risks(RISKS).select("risk", "value").row(0) == ("by one value", None)
    assert "by one value" not in draw_risks(RISKS, "en")


def test_a_risk_below_chance_is_drawn_at_zero_and_tabulated_as_it_is() -> None:
    assert tabulate_risks(RISKS)["low"].to_list() == [None, -0.16, 0.01]
    assert "by four values – 0%–7%" in draw_risks(RISKS, "en")


def test_a_risk_in_the_chart_has_its_name_and_its_interval() -> None:
    assert "by a whole record – 1%–17%" in draw_risks(RISKS, "en")


def test_an_evaluation_without_attacks_has_an_empty_frame_with_all_columns() -> None:
    assert tabulate_risks([]).columns == ["kind", "risk", "level", "value", "low", "high"]
