"""Text alternative of a chart."""

from __future__ import annotations

import dataclasses

from kerege.charts import Value, alt_text
from tests.charts.given_charts import by_year, simple


def test_peaks_ends_and_breaks_are_told() -> None:
    text = alt_text(by_year())
    for part in (
        "2004 – 40",
        "highest 2017 – 177",
        "2020 – 15",
        "highest 2024 – 247",
        "2025 – 171",
        "who pays changed",
    ):
        assert part in text


def test_no_peak_is_told_if_a_withheld_number_may_exceed_it() -> None:
    assert "highest 2024" in alt_text(by_year(state_2022=Value.withheld(246)))
    assert "highest 2024" not in alt_text(by_year(state_2022=Value.withheld(247)))


def test_no_peak_is_told_if_two_values_tie_or_rounded_ones_overlap() -> None:
    assert "highest" not in alt_text(simple("columns", {"2023": 5, "2024": 5, "2025": 1}))
    assert "highest" not in alt_text(simple("columns", {"2024": Value.rounded(50, 5), "2025": Value.rounded(60, 5)}))


def test_a_description_has_at_most_60_words_in_each_language() -> None:
    many = simple("bars", {f"A long name of a place {n}": n for n in range(40)})
    for lang in ("kk", "ru", "en"):
        assert 3 <= len(alt_text(dataclasses.replace(many, lang=lang)).split()) <= 60
