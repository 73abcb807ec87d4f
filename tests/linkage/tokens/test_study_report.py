"""The result of a study as a table and as a picture: published counts and rates only."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from kerege.base.errors import BadInput
from kerege.linkage.tokens.study_report import StudyReport

PAIR = {
    "lists": ["police", "shelter"],
    "missed_links": 0.12,
    "false_links": 0.03,
    "missed_between": [0.08, 0.17],
    "false_between": [0.01, 0.06],
    "reviewed_pairs": 40,
}


def report(noise: int, **pair: object) -> StudyReport:
    lists = [{"name": "police"}, {"name": "shelter"}]
    return StudyReport(lists=lists, counts=[403, 301, 4], noise=noise, pairs=[{**PAIR, **pair}])


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]


def test_the_table_holds_every_combination_with_the_limits_of_its_noise() -> None:
    frame = report(6).to_frame()
    assert frame.columns == ["police", "shelter", "count", "lower95", "upper95"]
    assert frame.rows() == [(1, 0, 403, 397, 409), (0, 1, 301, 295, 307), (1, 1, 4, 0, 10)], "no count is below zero"


def test_the_table_of_rates_holds_both_intervals() -> None:
    assert report(6).to_frame(rates=True).rows() == [
        ("police", "shelter", 0.12, 0.08, 0.17, 0.03, 0.01, 0.06, 40),
    ]


def test_the_picture_marks_noisy_counts_and_no_exact_ones() -> None:
    assert "≈403" in texts(report(6).plot())
    assert "403" in texts(report(0).plot())
    assert "≈403" not in texts(report(0).plot())


@pytest.mark.parametrize(("language", "words"), [("en", "false links"), ("ru", "ложные связи"), ("kk", "жалған")])
def test_the_picture_of_rates_names_the_lists_and_the_error(language: str, words: str) -> None:
    shown = " ".join(texts(report(6).plot(language, rates=True)))
    assert "police + shelter" in shown
    assert words in shown


def test_a_run_of_an_earlier_version_without_intervals_is_no_fault() -> None:
    old = {"lists": ["police", "shelter"], "missed_links": 0.12, "false_links": 0.03}
    earlier = StudyReport(lists=[{"name": "police"}, {"name": "shelter"}], counts=[4, 3, 2], noise=6, pairs=[old])
    assert earlier.to_frame(rates=True).rows() == [("police", "shelter", 0.12, None, None, 0.03, None, None, 0)]
    assert "police + shelter" in " ".join(texts(earlier.plot(rates=True)))


def test_an_unknown_language_is_refused() -> None:
    for rates in (False, True):
        with pytest.raises(BadInput, match="language"):
            report(6).plot("xx", rates=rates)
