"""The words for a disclosure: labels instead of codes, in the language of the page."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from kerege.publishing.gate.messages import cell_text, describe_disclosure, list_findings, value_label
from kerege.web.templatetags.kerege import number

VICTIMS = {"name": "by_sex", "of": "victims", "by": ["sex"], "where": {}, "title": {"en": "By sex"}}
CODES = {"sex": "male", "exploitation": "labour"}


def test_a_group_that_no_table_shows_is_described_as_such() -> None:
    cell = {"sex": "male", "without exploitation": "labour"}
    disclosure = {"kind": "difference", "table": "by_sex", "cell": cell, "lower": 4, "upper": 4, "from": []}
    with override("en"):
        figure, attack, _ = describe_disclosure(disclosure, {"by_sex": VICTIMS}, 10).sentences
    assert figure.startswith("These people could be found: Sex: Male; ")
    assert "labour" not in figure.replace("Forced labour", "")
    assert "exactly 4, fewer than 10" in figure
    assert attack.startswith("No table shows this figure")


CHOSEN = VICTIMS | {"name": "chosen", "by": [], "title": {"en": "Chosen countries"}}
FROM = [
    {"release": "May", "table": "by_sex", "cell": {"sex": "male"}, "value": 11000},
    {"release": "May", "table": "chosen", "cell": {}, "value": 10996},
]
MALI = {"kind": "difference", "table": "chosen", "release": "May", "lower": 4, "upper": 4, "from": FROM} | {
    "cell": {"sex": "male", "origin": "ML"},
    "advice": [{"table": "chosen", "action": "hide", "cells": [{}, {"sex": "male"}]}],
}


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_a_refusal_names_people_both_figures_the_sum_and_the_second_suppression(lang: str) -> None:
    with override(lang):
        finding = describe_disclosure(MALI, {"by_sex": VICTIMS, "chosen": CHOSEN}, 10)
        labels = [value_label("victims", name, code) for name, code in MALI["cell"].items()]  # type: ignore[attr-defined]
        equation = f"{number(11000)} − {number(10996)} = 4"
    assert all(label in finding.figure for label in labels)
    assert equation in finding.attack
    assert finding.reason
    assert not {"male", "ML", "by_sex"} & set(" ".join(finding.sentences).split())


def test_each_figure_has_the_table_that_shows_it() -> None:
    """Two tables show men: all of them, and those of the chosen countries."""
    tables = {"by_sex": VICTIMS, "chosen": CHOSEN}
    with override("en"):
        both = describe_disclosure(MALI, tables, 10).attack
        one = describe_disclosure(MALI | {"kind": "interval", "from": FROM[1:]}, tables, 10).attack
    assert "“By sex”: Male – 11,000; “Chosen countries”: the total – 10,996" in both
    assert "“Chosen countries” does not show this figure, but it follows from others: the total – 10,996" in one


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "Country of origin: other than Uzbekistan or Kyrgyzstan"),
        ("ru", "Страна происхождения: кроме значения Узбекистан или Кыргызстан"),
        ("kk", "Шыққан елі: Өзбекстан немесе Қырғызстан мәнінен басқа"),
    ],
)
def test_another_value_is_named_by_the_values_of_the_filters(lang: str, words: str) -> None:
    chosen = CHOSEN | {"where": {"origin": ["UZ", "KG"]}}
    mali = MALI | {"cell": {"sex": "male", "origin": "another"}}
    with override(lang):
        finding = describe_disclosure(mali, {"by_sex": VICTIMS, "chosen": chosen}, 10)
        shown = describe_disclosure(mali, {"by_sex": VICTIMS | {"by": ["origin"]}, "chosen": chosen}, 10)
    assert words in finding.figure
    assert words not in shown.figure  # a table shows the column, so the filter does not name all its values


def test_figures_of_an_earlier_release_have_their_titles_and_labels() -> None:
    old = VICTIMS | {"name": "old", "release_label": "April", "title": {"en": "By sex in April"}}
    source = {"release": "April", "table": "old", "cell": {"sex": "male"}, "value": 60}
    disclosure = MALI | {"from": [source], "kind": "interval", "already_public": False}
    report = {"threshold": 10, "disclosures": [disclosure]}
    with override("en"):
        [finding] = list_findings(report, [CHOSEN, old], known=False)
    assert "“By sex in April” (April): Male – 60" in finding.attack


def test_no_sum_is_shown_that_could_be_a_coincidence() -> None:
    ambiguous = [source | {"value": value} for source, value in zip([*FROM, FROM[0]], (4, 4, 4), strict=True)]
    with override("en"):
        finding = describe_disclosure(MALI | {"from": ambiguous}, {"by_sex": VICTIMS, "chosen": CHOSEN}, 10)
    assert "=" not in finding.attack


def test_the_complement_of_two_columns_has_the_labels_of_both() -> None:
    with override("en"):
        both = cell_text(VICTIMS, {"without sex and exploitation": "male and labour"})
        single = [cell_text(VICTIMS, {f"without {name}": code}) for name, code in CODES.items()]
    assert " and labour" not in both
    assert all(text.removeprefix("without ") in both for text in single)
