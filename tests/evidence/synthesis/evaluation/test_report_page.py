"""The report page holds the figures of the evaluation, in its language and without any script."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.synthesis.evaluation.attacks import Inference, Privacy, Rate, Risk
from kerege.evidence.synthesis.evaluation.evaluate import Evaluation, evaluate
from kerege.evidence.synthesis.evaluation.messages import words
from kerege.evidence.synthesis.evaluation.report_page import HEADS, format_error, list_figures, page
from kerege.evidence.synthesis.evaluation.utility import CountErrors, LengthComparison

GUARANTEE = {"holds": True, "epsilon": 4.0, "delta": 1e-9, "unit": "one record"}


def snapshot(path: str, extra: int = 0) -> Snapshot:
    rows = {"sex": ["f", "m", "m"] * 40 + ["f"] * extra, "form": ["a", "b", "a"] * 40 + ["b"] * extra}
    return Snapshot(pl.DataFrame(rows), "records", "", False, f"{extra:064x}", path=path)


@pytest.fixture(scope="module")
def plain() -> Evaluation:
    """Return an evaluation of synthetic records with 30 rows more, without attacks and certificate."""
    return evaluate(snapshot("real <rows>.csv"), snapshot("", 30), order=2, private=False)


def attacked(evaluation: Evaluation, value: float) -> Evaluation:
    """Return the evaluation with one attack of this risk; the columns differ in their risk."""
    rate = Rate(1_000, 0.5, 0.4, 0.6)
    risk = Risk(rate, Rate(1_000, 0.2, 0.1, 0.3), value, value - 0.05, value + 0.05)
    low = replace(risk, risk=-0.2, low=-0.3, high=-0.1)
    inference = Inference(risk, {"sex": low, "a <column>": risk}, 0.3)
    return replace(evaluation, privacy=Privacy(96, 24, True, {2: risk}, inference, None), unmeasured="")


def certified(evaluation: Evaluation, **changes: Any) -> Evaluation:
    return replace(evaluation, certificate={"guarantee": GUARANTEE | changes, "worth": True, "advice": ""})


def cards(html: str) -> list[tuple[str, str, str]]:
    """Return title, number and text of the cards at the top."""
    return re.findall(r'<div class="card fact"><h2>(.*?)</h2><b>(.*?)</b>(.*?)</div>', html)


def cells(html: str, label: str) -> list[list[str]]:
    """Return the cells of the table with a label."""
    table = html.partition(f'aria-label="{escape(label)}"')[2].partition("</table>")[0]
    return [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", table) if "<td>" in row]


# -- the cards ---------------------------------------------------------------------------------------------------------


def test_without_a_certificate_nothing_is_promised(plain: Evaluation) -> None:
    (title, number, text), _, _ = cards(page(plain))
    assert (title, number) == ("The promise", "none")
    assert text.startswith("There is no certificate beside the file")


def test_a_promise_states_epsilon_its_odds_and_delta(plain: Evaluation) -> None:
    (_, number, text), *_ = cards(page(certified(plain)))
    assert number == "ε = 4"
    assert "at most 54.6 times (except with probability 1e-09)" in text  # e^4 = 54.598


def test_a_delta_that_is_not_stated_is_left_out(plain: Evaluation) -> None:
    (_, _, text), *_ = cards(page(certified(plain, delta=None)))
    assert "times. Protected: " in text


def test_an_enormous_epsilon_has_odds_that_can_be_printed(plain: Evaluation) -> None:
    (_, number, text), *_ = cards(page(certified(plain, epsilon=1e6)))
    assert number == "ε = 1e+06"
    assert "5,184,705,528,587,072,045,056" in text  # e^50


@pytest.mark.parametrize("holds", [False, None, "yes"])
def test_a_guarantee_that_does_not_hold_is_called_not_private(plain: Evaluation, holds: object) -> None:
    (_, number, _), *_ = cards(page(certified(plain, holds=holds)))
    assert number == "not private"


def test_without_attacks_the_reason_is_given(plain: Evaluation) -> None:
    _, (title, number, text), _ = cards(page(replace(plain, unmeasured="a reason in the file")))
    assert (title, number) == ("Disclosure risk", "not run")
    assert text == "The risks were not measured: a reason in the file."


@pytest.mark.parametrize(
    ("value", "number", "text"),
    [(0.0, "nothing shown", "None of 2 tests shows"), (0.3, "2 of 2", "tests show a risk, 2 of them a high one")],
)
def test_risks_are_counted(plain: Evaluation, value: float, number: str, text: str) -> None:
    _, card, _ = cards(page(attacked(plain, value)))
    assert card[1] == number
    assert card[2].startswith(text)


def test_the_error_is_that_of_the_longest_combinations(plain: Evaluation) -> None:
    mean = plain.quality.lengths[-1].errors.mean
    assert mean is not None
    *_, (title, number, text) = cards(page(plain))
    assert (title, number) == ("The counts", f"± {mean:.1f}")
    assert "a count of pairs; 0% are missing" in text


def test_rows_without_values_have_no_error() -> None:
    silent = Snapshot(pl.DataFrame({"a": [None, None]}, schema={"a": pl.String}), "records", "", False, "a")
    *_, (_, number, text) = cards(page(evaluate(silent, silent, order=1, private=False)))
    assert (number, text) == ("none", "The real data has no combination to compare.")


# -- the sections ------------------------------------------------------------------------------------------------------


def test_the_page_without_attacks_has_no_section_on_them(plain: Evaluation) -> None:
    assert "What an intruder learns" not in page(plain)
    html = page(attacked(plain, 0.3))
    assert "What an intruder learns" in html
    assert "96 rows in the data, 24 to compare with." in html
    assert "four fifths of the real rows" in html


def test_columns_stand_in_the_order_of_their_least_risk(plain: Evaluation) -> None:
    rows = cells(page(attacked(plain, 0.3)), "Risk by column")
    assert rows == [
        ["a &lt;column&gt;", "50.0%", "20.0%", "30.0%", "25.0% to 35.0%"],
        ["sex", "50.0%", "20.0%", "0.0%", "0.0% to 0.0%"],  # a risk below 0 is none
    ]


def test_a_badge_has_the_level_as_its_class_and_in_words(plain: Evaluation) -> None:
    html = page(attacked(plain, 0.3), "ru")
    assert 'class="badge high-risk"' in html
    assert f">{words('ru').translated('level', 'high risk')}<" in html


def test_tables_hold_the_figures_of_every_length(plain: Evaluation) -> None:
    html = page(plain)
    assert cells(html, "Error by length") == [
        [escape(cell) for cell in list_figures(length)] for length in plain.quality.lengths
    ]
    rows = cells(html, "Error by count")
    assert [row[0] for row in rows] == ["1–9", "10–49", "50–99", "100–499", "500–999", "1,000+"]
    for row, bands in zip(rows, zip(*(length.bands for length in plain.quality.lengths), strict=True), strict=True):
        assert row[1:] == [format_error(band) for band in bands]


def test_there_is_a_section_for_each_length_with_combinations(plain: Evaluation) -> None:
    assert re.findall(r'<section class="card"><h3>(.*?)</h3>', page(plain)) == ["Single values", "Pairs"]


def test_names_of_files_are_escaped_and_folders_left_out(plain: Evaluation) -> None:
    html = page(replace(plain, original=replace(plain.original, path="/secret/folder/real <rows>.csv")))
    assert "real &lt;rows&gt;.csv" in html
    assert "<rows>" not in html
    assert "/secret" not in html


def test_only_the_synthetic_file_has_its_hash(plain: Evaluation) -> None:
    html = page(plain)
    assert plain.synthetic.sha256 in html
    assert plain.original.sha256 not in html


@pytest.mark.parametrize(
    ("worth", "lead"), [(True, "The certificate advises:"), (False, "advises against publication:")]
)
def test_the_advice_of_the_certificate_is_shown_with_its_verdict(plain: Evaluation, worth: bool, lead: str) -> None:
    advised = replace(plain, certificate={"guarantee": GUARANTEE, "worth": worth, "advice": "take <fewer> columns"})
    html = page(advised)
    assert lead in html
    assert "take &lt;fewer&gt; columns." in html


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_page_is_complete_in_each_language_and_loads_nothing(plain: Evaluation, lang: str) -> None:
    html = page(attacked(certified(plain), 0.3), lang)
    assert f'<html lang="{lang}"' in html
    assert not re.search(r"<script|https?://(?!www\.w3\.org)|@import|url\(", html)
    assert "$" not in re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)  # no place of the template is left


def test_another_language_is_refused(plain: Evaluation) -> None:
    with pytest.raises(BadInput, match="there is no page in 'de', give --lang kk, ru, en"):
        page(plain, "de")


# -- formatted text ----------------------------------------------------------------------------------------------------


def test_a_row_has_a_cell_for_each_head_in_order() -> None:
    errors = CountErrors(1_234, 1.25, 1.0, 0.126, 0.064)
    comparison = LengthComparison(2, errors, (), 3, 0.25, 1, 0.05, 0.12345)
    assert dict(zip(HEADS[:1] + tuple(range(1, 9)), list_figures(comparison), strict=True)) == {
        HEADS[0]: "pairs",
        1: "1,234",
        2: "1.2",
        3: "1.0",
        4: "13%",
        5: "6%",
        6: "5%",
        7: "25%",
        8: "0.123",
    }
    assert len(HEADS) == 9


def test_a_row_without_combinations_has_empty_cells() -> None:
    nothing = LengthComparison(1, CountErrors(0, None, None, None, None), (), 0, None, 0, None, None)
    assert list_figures(nothing) == ["single values", "0", *[""] * 7]
    assert format_error(nothing.errors) == ""


def test_an_error_is_shown_in_people_and_as_a_share() -> None:
    assert format_error(CountErrors(5, 2.0, 1.0, 0.25, 0.1)) == "2.0 (25%)"
    assert format_error(CountErrors(5, 2.0, 1.0, 0.25, 0.1), words("ru")) == "2,0 (25\u00a0%)"
