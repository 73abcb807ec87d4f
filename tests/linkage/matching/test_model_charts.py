"""Charts of a model: a bar for every level, rates by threshold, all languages, no foreign reference."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.linkage import Model
from kerege.linkage.matching.links import Links
from kerege.linkage.matching.model_charts import THRESHOLDS, expected_rates, labelled_rates
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


def test_rates_of_labels_are_those_of_counting_the_labelled_pairs() -> None:
    chance = np.random.default_rng(4)
    ids = [(f"l{row}", f"r{row}") for row in range(200)]
    probabilities, truth = chance.random(150), chance.random(200) < 0.6
    turned = [pair[::-1] if row % 3 else pair for row, pair in enumerate(ids)]
    pairs = pl.DataFrame(ids[:150], schema=["left", "right"], orient="row").with_columns(probability=probabilities)
    labels = pl.DataFrame(turned, schema=["left", "right"], orient="row").with_columns(is_match=truth)
    for row in labelled_rates(pairs, labels).iter_rows(named=True):
        above = [same for share, same in zip(probabilities, truth, strict=False) if share >= row["threshold"]]
        assert row["pairs"] == len(above)
        assert row["precision"] == pytest.approx(sum(above) / len(above) if above else 1.0)
        assert row["recall"] == pytest.approx(sum(above) / truth.sum())
    assert Links(pairs, pl.DataFrame(), Model.bundled()).plot(labels=labels).startswith("<svg")


def test_the_limits_of_labels_are_those_of_clopper_and_pearson() -> None:
    """9 of 10 has the published limits 0.555 and 0.997, 0 of 10 has 0 and 0.308."""
    pairs = pl.DataFrame({"left": list("abcdefghij"), "right": ["x"] * 10, "probability": [0.995] * 9 + [0.6]})
    labels = pairs.select("left", "right", is_match=pl.lit(value=True))
    last = labelled_rates(pairs, labels).filter(threshold=0.99).row(0, named=True)
    assert (last["recall_lower"], last["recall_upper"]) == pytest.approx((0.555, 0.9975), abs=0.0005)
    none = labelled_rates(pairs, labels.with_columns(is_match=False)).filter(threshold=0.05).row(0, named=True)
    assert (none["precision_lower"], none["precision_upper"]) == pytest.approx((0.0, 0.3085), abs=0.0005)
    assert (none["recall"], none["recall_lower"], none["recall_upper"]) == (1.0, 0.0, 1.0)


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
