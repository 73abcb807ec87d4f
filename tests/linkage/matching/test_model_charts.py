"""Charts of a model: a bar for every level, rates by threshold, all languages, no foreign reference."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.linkage import Model
from kerege.linkage.matching.links import Links
from kerege.linkage.matching.model_charts import THRESHOLDS, expected_rates
from kerege.linkage.review.charts_page import charts_page


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_level_has_a_bar_with_its_bits(language: str) -> None:
    model = Model.bundled()
    chart = model.plot(language)
    levels = [level for comparison in model.comparisons for level in comparison.levels if not level.is_null]
    root = ElementTree.fromstring(str(chart))
    assert len([node for node in root.iter() if node.tag.endswith("rect")]) == len(levels)
    assert len(model.to_frame()) == len(levels)
    assert chart._repr_svg_() == str(chart)


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(BadInput, match="there is no language 'de'"):
        Model.bundled().plot("de")


def test_expected_rates_are_those_of_calibrated_pairs() -> None:
    rng = np.random.default_rng(1)
    chances = rng.uniform(0.05, 1, 50_000)
    is_match = rng.random(len(chances)) < chances
    rates = expected_rates(chances)
    for threshold, row in zip(THRESHOLDS, rates.iter_rows(named=True), strict=True):
        above = chances >= threshold
        assert row["pairs"] == above.sum()
        assert row["precision"] == pytest.approx(is_match[above].mean(), abs=0.05)
        assert row["recall"] == pytest.approx(is_match[above].sum() / is_match.sum(), abs=0.02)


def test_links_without_a_pair_are_drawn_too() -> None:
    links = Links(pl.DataFrame({"probability": pl.Series([], dtype=pl.Float64)}), pl.DataFrame(), Model.bundled())
    ElementTree.fromstring(str(links.plot("ru")))


def test_the_page_needs_no_file_beside_it_and_escapes_the_name_of_the_model() -> None:
    model = Model.bundled()
    document = {**model.document, "linker_uid": "<script>x</script>"}
    page = charts_page(Model(model.prior, model.comparisons, model.rules, document), None, "kk")
    assert "<script" not in page
    assert "src=" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
