"""Columns by period."""

from __future__ import annotations

import re

import pytest

from kerege.charts import NARROW, WIDE, Value, draw_svg
from tests.charts.given_charts import IOM, PAYERS, STATE, SVG, by_year, marks, read, simple, texts


def heights(svg: str) -> dict[str, float]:
    rects = {key: group.find(f"{SVG}rect") for key, group in marks(svg)}
    return {key: float(rect.get("height", "")) for key, rect in rects.items() if rect is not None}


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_heights_of_columns_are_proportional_to_the_counts(width: int) -> None:
    drawn = heights(draw_svg(by_year(), width))
    counts = [*IOM, *STATE]
    assert len(drawn) == len(counts)
    for (key, height), count in zip(drawn.items(), counts, strict=True):
        assert height / drawn["state 2024"] == pytest.approx(count / 247, abs=0.002), key


def test_a_wide_picture_prints_every_number_and_the_newest_is_the_largest() -> None:
    svg = draw_svg(by_year())
    assert {str(count) for count in (*IOM, *STATE)} <= set(texts(svg))
    sizes = {"".join(text.itertext()): float(text.get("font-size", 12)) for text in read(svg).iter(f"{SVG}text")}
    assert max(sizes, key=lambda text: sizes[text]) == "171"


def test_a_narrow_picture_prints_ends_peaks_and_the_newest() -> None:
    assert {"40", "177", "15", "247", "171"} <= set(texts(draw_svg(by_year(), NARROW)))


def test_a_withheld_value_is_hatched_with_its_word_and_has_no_length() -> None:
    small, large = (draw_svg(by_year(iom_2010=Value.withheld(upper))) for upper in (9, 90))
    assert small == large
    rect = next(group for key, group in marks(small) if key == "iom 2010").find(f"{SVG}rect")
    assert rect is not None
    assert rect.get("fill", "").endswith("-hatch)")
    assert "withheld" in texts(small)


def test_a_rounded_number_reads_about_and_says_by_how_much_it_may_differ() -> None:
    printed = texts(draw_svg(by_year(state_2025=Value.rounded(170, 2))))
    assert "≈170" in printed
    assert any("at most 2" in text for text in printed)


def test_noise_has_a_whisker_from_limit_to_limit() -> None:
    svg = draw_svg(by_year(state_2024=Value(240, "noise", 200, 280)))
    group = next(group for key, group in marks(svg) if key == "state 2024")
    rect, whisker = group.find(f"{SVG}rect"), group.find(f"{SVG}path")
    assert rect is not None
    assert whisker is not None
    high, low = (float(number) for number in re.findall(r"^M[\d.]+ ([\d.]+)h6m-3 0V([\d.]+)", whisker.get("d", ""))[0])
    base = float(rect.get("y", "")) + float(rect.get("height", ""))
    assert (base - high) / (base - low) == pytest.approx(280 / 200, abs=0.01)


def test_an_estimate_floats_and_has_faded_ends() -> None:
    svg = draw_svg(simple("columns", {"2024": 100, "2025": Value.estimated(50, 150)}))
    rect = next(group for key, group in marks(svg) if key == "a 2025").find(f"{SVG}rect")
    column = next(group for key, group in marks(svg) if key == "a 2024").find(f"{SVG}rect")
    assert rect is not None
    assert column is not None
    assert rect.get("fill", "").endswith("-rise)")
    assert float(rect.get("height", "")) == pytest.approx(float(column.get("height", "")), abs=0.2)
    assert "50–150" in texts(svg)


def test_the_words_of_a_break_are_printed() -> None:
    assert "who pays changed" in texts(draw_svg(by_year()))


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_line_of_a_break_crosses_no_word_above_the_columns(width: int) -> None:
    svg = draw_svg(by_year(), width)
    [(x, top)] = re.findall(r'd="M([\d.]+) ([\d.]+)V[\d.]+" [^>]*stroke-dasharray="2 4"', svg)
    words = {name.label for name in PAYERS} | {"who pays changed"}
    heads = [text for text in read(svg).iter(f"{SVG}text") if text.text in words]
    assert len(heads) == 3
    over = [head for head in heads if float(head.get("x", 0)) <= float(x) <= float(head.get("x", 0)) + 60]
    assert bool(over) == (width == NARROW)
    assert all(float(head.get("y", 0)) < float(top) for head in over)


def test_a_value_that_was_not_counted_has_no_mark() -> None:
    assert "state 2004" not in dict(marks(draw_svg(by_year())))


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_chart_without_numbers_is_drawn(width: int) -> None:
    nothing = simple("columns", {"2024": 0, "2025": Value.withheld(9)})
    assert {"0", "withheld"} <= set(texts(draw_svg(nothing, width)))
