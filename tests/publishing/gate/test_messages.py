"""The words for a disclosure: labels instead of codes, in the language of the page."""

from __future__ import annotations

from django.utils.translation import override

from kerege.publishing.gate.messages import cell_text, describe_disclosure

VICTIMS = {"name": "by_sex", "of": "victims", "by": ["sex"], "where": {}, "title": {"en": "By sex"}}
CODES = {"sex": "male", "exploitation": "labour"}


def test_a_group_that_no_table_shows_is_described_as_such() -> None:
    cell = {"sex": "male", "without exploitation": "labour"}
    disclosure = {"kind": "difference", "table": "by_sex", "cell": cell, "lower": 4, "upper": 4, "from": []}
    with override("en"):
        figure, attack, _ = describe_disclosure(disclosure, {"by_sex": VICTIMS}, 10).sentences
    assert figure.startswith("No table shows the figure for “")
    assert "labour" not in figure.replace("Forced labour", "")
    assert "exactly 4" in attack


def test_the_complement_of_two_columns_has_the_labels_of_both() -> None:
    with override("en"):
        both = cell_text(VICTIMS, {"without sex and exploitation": "male and labour"})
        single = [cell_text(VICTIMS, {f"without {name}": code}) for name, code in CODES.items()]
    assert " and labour" not in both
    assert all(text.removeprefix("without ") in both for text in single)
