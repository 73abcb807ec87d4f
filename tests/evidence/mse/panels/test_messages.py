"""Sentences of the panel in three languages: which facts they state, and when each of them appears."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from string import Formatter
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.mse import Lists
from kerege.evidence.mse.panels import messages
from kerege.evidence.mse.panels.messages import words
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.mse.panels.methods import Options
from kerege.evidence.mse.panels.panel import Panel, Sensitivity
from kerege.evidence.mse.panels.publication_rules import AppliedRule
from kerege.evidence.mse.panels.sensitivity import Variant

LANGUAGES = ("kk", "ru", "en")
LISTS = Lists([1, 2, 4, 3, 5], [1000, 900, 800, 40, 30], ["police", "shelter", "hotline"])
GAP = "\u00a0"


def method(key: str, **more: Any) -> Method:
    facts: dict[str, Any] = {
        "estimate": 9000.0,
        "model": "police:shelter",
        "interval80": (8000.0, 10_000.0),
        "interval95": (7000.0, 12_000.0),
        "recurrence": 0.5,
    } | more
    return Method(key, facts.pop("estimate"), **facts)


def panel_of(*methods: Method, **more: Any) -> Panel:
    """Return a panel with given results; by default of all methods of the headline."""
    results = methods or tuple(method(key) for key in ("stepwise", "bic", "decomposable", "lcmcr"))
    facts: dict[str, Any] = {
        "given": LISTS,
        "lists": LISTS,
        "sensitivity": None,
        "stops": [],
        "complete": True,
        "options": Options(times=20_000, seed=7),
    } | more
    return Panel(methods={result.key: result for result in results}, **facts)


def analysis(**more: Any) -> Sensitivity:
    facts: dict[str, Any] = {
        "odds_ratios": {0.5: (5885.0, (5385.0, 6385.0)), 1.0: (9000.0, (8000.0, 10_000.0)), 2.0: (15_230.0, None)},
        "without": [Variant("without police", 2, 0, math.nan, "", "2 lists, these methods need three")],
        "merged": [],
        "recurrence": 0.123,
        "models": 45,
        "coverage": 0.4,
        "repeated_share": 0.0253,
    } | more
    return Sensitivity(**facts)


# -- catalogues ------------------------------------------------------------------------------------------------------


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_every_translation_states_the_facts_of_the_english_sentence(lang: str) -> None:
    english, other = words("en").texts, words(lang).texts
    for part, sentences in english.items():
        for name, sentence in sentences.items():
            assert placeholders(other[part][name]) == placeholders(sentence), f"{part}.{name}"


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_every_sentence_is_translated(lang: str) -> None:
    """Sentences that consist of facts alone may stay."""
    english, other = words("en").texts, words(lang).texts
    same = {
        f"{part}.{name}"
        for part, sentences in english.items()
        for name, sentence in sentences.items()
        if other[part][name] == sentence and re.search(r"[a-z]", re.sub(r"\{\w+\}", "", sentence))
    }
    assert same == set()


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="there are no words in 'de', give --lang kk, ru, en"):
        words("de")


@pytest.mark.parametrize(
    ("lang", "value", "digits", "text"),
    [
        ("en", 1234567.0, 0, "1,234,567"),
        ("ru", 1234567.0, 0, f"1{GAP}234{GAP}567"),
        ("kk", 1234.56, 1, f"1{GAP}234,6"),
        ("en", 1234.56, 1, "1,234.6"),
        ("ru", 0.5, 2, "0,50"),
        ("en", -1200.0, 0, "-1,200"),
        ("en", math.inf, 0, "∞"),
        ("kk", math.nan, 1, "∞"),
    ],
)
def test_numbers_have_the_separators_of_the_language(lang: str, value: float, digits: int, text: str) -> None:
    assert words(lang).number(value, digits) == text


@pytest.mark.parametrize(("lang", "text"), [("en", "12.3%"), ("ru", f"12,3{GAP}%"), ("kk", "12,3%")])
def test_a_share_is_a_percentage_with_the_sign_of_the_language(lang: str, text: str) -> None:
    assert words(lang).percent(0.1234, 1) == text


def test_an_interval_has_a_dash_and_a_missing_one_is_empty() -> None:
    assert words("en").format_interval((1000.4, math.inf)) == "1,000–∞"
    assert words("en").format_interval(None) == ""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_name_of_a_method_begins_a_line_with_a_capital(lang: str) -> None:
    for key in ("stepwise", "bic", "decomposable", "lcmcr", "lower_bound"):
        name, small = messages.method_name(key, lang), words(lang).say(f"methods.{key}")
        assert name[0].isupper()
        assert name[1:] == small[1:]


# -- answer and reasons ----------------------------------------------------------------------------------------------


def test_the_answer_has_the_detected_and_then_the_range() -> None:
    assert messages.answer(panel_of(), "en") == [
        "2,770 people were detected.",
        "Detected and undetected together, there were between 8,000 and 10,000.",
        "The models cannot see a group that no list can reach: treat the range as one that leans low.",
    ]
    assert messages.reason(panel_of(), "en") == ""


def test_a_panel_of_some_methods_says_which_are_missing_for_a_headline() -> None:
    partial = panel_of(method("stepwise"), complete=False)
    assert messages.answer(partial, "en")[1].startswith("No headline: only some of the methods were asked for")
    assert messages.reason(partial, "en") == "only some of the methods were asked for"


@pytest.mark.parametrize(
    ("rule", "facts", "sentence"),
    [
        ("few_lists", {"lists": 2}, "there are fewer than three lists (2)"),
        ("few_overlaps", {"repeated": 19}, "people on two lists or more: 19, and 20 are needed"),
        ("no_model", {}, "no model has an estimate on these lists"),
        (
            "wide",
            {"lower": 2345.0, "upper": 12_345.0, "ratio": 5.264},
            "the methods span 2,300 to 12,000, 5.3 times as many, and 4 times is the most",
        ),
        (
            "wide",
            {"lower": 2345.0, "upper": math.inf, "ratio": math.inf},
            "the methods span 2,300 to ∞, ∞ times as many, and 4 times is the most",
        ),
        (
            "unsure",
            {"recurrence": 0.071, "ratio": 2.54},
            "the chosen model recurs in only 7.1% of the resamples, and the methods differ by 2.5 times",
        ),
        (
            "bound",
            {"share": 0.014, "bound": 58_170.0},
            "the latent classes lean on their bound: 1.4% of the posterior is within 5% of 58,170 people",
        ),
    ],
)
def test_a_rule_states_its_facts(rule: str, facts: dict[str, float], sentence: str) -> None:
    stopped = panel_of(stops=[AppliedRule(rule, facts)])
    assert messages.reason(stopped, "en") == sentence
    assert messages.answer(stopped, "en")[-1] == f"No estimate is published: {sentence}."
    for lang in ("kk", "ru"):
        assert messages.reason(stopped, lang) != sentence


def test_several_rules_are_joined_in_their_order() -> None:
    stopped = panel_of(stops=[AppliedRule("few_overlaps", {"repeated": 3}), AppliedRule("no_model", {})])
    assert messages.reason(stopped, "en") == (
        "people on two lists or more: 3, and 20 are needed; no model has an estimate on these lists"
    )


@pytest.mark.parametrize(
    ("miss", "false", "sentence"),
    [
        ({"": 0.1}, 0.005, "(missed 10.0%, false 0.5%): 2,500 people on the lists."),
        ({"police": 0.1, "hotline": 0.05}, 0.0, "(missed police 10.0%, hotline 5.0%, false 0.0%): 2,500 people"),
        ({}, 0.02, "(missed 0.0%, false 2.0%): 2,500 people"),
    ],
)
def test_a_correction_states_its_rates_and_the_people_after_it(
    miss: Mapping[str, float], false: float, sentence: str
) -> None:
    corrected = Lists([1, 2, 4, 3, 5], [900, 800, 700, 60, 40], LISTS.names)
    result = panel_of(lists=corrected, linkage={"miss": miss, "false_link": false, "removed": 0.4})
    assert sentence in messages.answer(result, "en")[1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_assumption_on_linkage_is_another_one_after_a_correction(lang: str) -> None:
    plain, corrected = messages.assumptions(lang), messages.assumptions(lang, corrected=True)
    assert [first == second for first, second in zip(plain, corrected, strict=True)] == [True, False, True, True]


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        ({"r_hat": 1.2, "ess_bulk": 50.0, "ess_tail": 40.0}, "its chains do not agree (R-hat 1.20, 1.05 at most)"),
        ({"r_hat": math.nan, "ess_bulk": 50.0, "ess_tail": 40.0}, "its chains do not agree (R-hat ∞, 1.05 at most)"),
        ({"r_hat": 1.05, "ess_bulk": 900.0, "ess_tail": 399.6}, "worth 400 independent draws, 400 at least"),
        ({"r_hat": 1.0, "ess_bulk": 390.0, "ess_tail": 900.0}, "worth 390 independent draws, 400 at least"),
        (
            {"r_hat": 1.0, "ess_bulk": 400.0, "ess_tail": 400.0, "bound_share": 0.02, "bound": 5000},
            "it leans on its bound (2% of the posterior within 5% of 5,000 people)",
        ),
    ],
)
def test_latent_classes_without_an_estimate_state_the_first_check_that_failed(
    about: dict[str, float], sentence: str
) -> None:
    assert sentence in messages.why_no_estimate(Method("lcmcr", None, no_estimate="English", about=about), "en")


@pytest.mark.parametrize(
    ("reason", "russian"),
    [
        ("nobody is on two lists", "в двух списках нет никого"),
        ("everybody is on list police", "все люди есть в списке police"),
        ("a reason of a newer version", "a reason of a newer version"),
    ],
)
def test_a_reason_is_translated_and_keeps_the_name_of_the_list(reason: str, russian: str) -> None:
    assert messages.why_no_estimate(Method("stepwise", None, no_estimate=reason), "ru") == russian
    assert messages.why_no_estimate(Method("stepwise", None, no_estimate=reason), "en") == reason


@pytest.mark.parametrize(
    "reason",
    [
        "no model has an estimate on these lists",
        "the method has no estimate on these lists",
        "no resample has an estimate",
        "independence has no estimate on these lists",
        "the posterior has no maximum",
        "nobody is on two lists",
        "nobody is on exactly two lists",
        "averaging over graphs takes at most 6 lists",
        "nothing holds the estimate: it is infinite",
    ],
)
def test_every_reason_that_a_method_raises_is_translated(reason: str) -> None:
    """A page in Kazakh or Russian would show an English sentence otherwise."""
    sentences = [messages.why_no_estimate(Method("bic", None, no_estimate=reason), lang) for lang in LANGUAGES]
    assert len(set(sentences)) == 3
    assert sentences[2] == reason


# -- table -----------------------------------------------------------------------------------------------------------


def test_rows_have_the_estimate_and_mark_the_intervals_of_the_headline() -> None:
    bic = method("bic", bca80=(7500.0, 9500.0), bca95=(7000.0, 9900.0), warnings=("BCa 80%: shifted",))
    rows = messages.method_rows(panel_of(method("stepwise"), bic, method("lower_bound", interval80=None)), "en")
    assert rows == [
        ["stepwise, p < 0.02", "9,000", "8,000–10,000* ", "7,000–12,000  "],
        ["smallest BIC", "9,000", "8,000–10,000  ", "7,000–12,000  "],
        ["  BCa, as published", "", "7,500–9,500!*", "7,000–9,900  "],
        ["lower bound", "9,000", "", "7,000–12,000  "],
    ]


def test_bca_has_a_row_only_for_the_methods_that_publish_it() -> None:
    results = [method(key, bca80=(1.0, 2.0), bca95=(1.0, 3.0)) for key in ("stepwise", "independence")]
    rows = messages.method_rows(panel_of(*results), "en")
    assert [row[0].strip() for row in rows] == ["stepwise, p < 0.02", "BCa, as published", "independence"]
    assert rows[1][2].strip() == "1–2"  # for stepwise the percentile interval is in the headline


def test_a_method_without_an_estimate_has_none_in_its_row_and_the_reason_in_a_note() -> None:
    result = panel_of(method("stepwise", estimate=None, no_estimate="nobody is on two lists"))
    assert messages.method_rows(result, "en") == [["stepwise, p < 0.02", "none", "", ""]]
    assert messages.notes(result, "en") == ["stepwise, p < 0.02: no estimate, nobody is on two lists"]


def test_models_are_named_except_independence_itself() -> None:
    result = panel_of(
        method("stepwise"), method("bic", model="independence"), method("independence"), method("lcmcr", model="")
    )
    assert messages.models(result, "en") == ["stepwise, p < 0.02: police:shelter", "smallest BIC: none"]


def test_monte_carlo_errors_have_one_decimal_below_10() -> None:
    errors = {"interval80": (9.94, 10.0), "interval95": (0.05, math.inf), "bca80": (1.0, 2.0), "bca95": (3.0, 400.4)}
    result = panel_of(method("stepwise", monte_carlo=errors, bca80=(1.0, 2.0), bca95=(1.0, 2.0)), method("bic"))
    assert messages.errors(result, "en") == [
        "stepwise, p < 0.02: 80% ±9.9 and ±10, 95% ±0.1 and ±∞",
        "  BCa, as published: 80% ±1.0 and ±2.0, 95% ±3.0 and ±400",
    ]


# -- notes -----------------------------------------------------------------------------------------------------------

TWO_LISTS = "two lists cannot show whether one sends people to the other: the number holds only if neither does"
COUNTED = "* these intervals make the headline, if there is one"
WARNED = "! BCa reads its limits far from where it is asked to, or among too few resamples: see --json"


@pytest.mark.parametrize(
    ("result", "notes"),
    [
        (method("independence"), []),
        (method("stepwise"), [COUNTED]),
        (method("stepwise", warnings=("BCa 95%: shifted",)), [COUNTED, WARNED]),
        (method("independence", warnings=("BCa 95%: shifted",)), []),
        (
            method("stepwise", interval80=(9100.0, 10_000.0)),
            [COUNTED, "stepwise, p < 0.02: its interval that counts does not contain its own estimate"],
        ),
        (method("stepwise", interval80=(9000.0, 9000.0)), [COUNTED]),
        (
            method("bic", bca80=(8500.0, 9500.0), warnings=("BCa 80%: shifted",)),
            [COUNTED, WARNED, "smallest BIC: its interval that counts is marked !"],
        ),
        (method("bic", bca80=(8500.0, 9500.0), warnings=("BCa 95%: shifted",)), [COUNTED, WARNED]),
        (
            method("stepwise", about={"resamples_without_estimate": 12}),
            [COUNTED, "stepwise, p < 0.02: resamples without an estimate are left out: 12"],
        ),
        (
            method("thresholding", about={"by_a_hair": {"police:shelter": 8123.4}}),
            ["Bayesian threshold: police:shelter is kept or dropped by a hair; the other way the estimate is 8,123"],
        ),
        (
            method("decomposable", warnings=("it leans",), about={"largest_tried": 85_090_400}),
            [
                COUNTED,
                "decomposable graphs: the posterior leans on the largest number tried, 85,090,400 undetected",
            ],
        ),
        (
            method("chapman"),
            [f"Chapman, two lists: {TWO_LISTS}"],
        ),
    ],
)
def test_a_result_has_the_notes_that_its_facts_require(result: Method, notes: list[str]) -> None:
    assert messages.notes(panel_of(result), "en") == notes


@pytest.mark.parametrize(("bound", "is_noted"), [(7999.0, False), (8000.0, False), (8001.0, True)])
def test_a_lower_bound_above_the_low_end_of_the_range_is_noted(bound: float, is_noted: bool) -> None:
    result = panel_of(method("stepwise"), method("lower_bound", estimate=bound, interval80=None))
    noted = [note for note in messages.notes(result, "en") if note.startswith("lower bound: ")]
    assert bool(noted) is is_noted
    if is_noted:
        assert noted[0].startswith("lower bound: 8,001 is above the low end of the range, 8,000")


@pytest.mark.parametrize(("removed", "is_noted"), [(0.9, False), (1.0, True), (12.4, True)])
def test_people_in_overlaps_below_nobody_are_noted_from_one_person_on(removed: float, is_noted: bool) -> None:
    result = panel_of(method("stepwise"), linkage={"miss": {}, "false_link": 0.02, "removed": removed})
    sentence = f"Correction: overlaps that came out below nobody are set to 0, {removed:.0f} people in all"
    assert (sentence in messages.notes(result, "en")) is is_noted


@pytest.mark.parametrize("key", ["decomposable", "lcmcr", "thresholding", "bic"])
def test_methods_that_take_corrected_lists_as_counted_are_noted(key: str) -> None:
    linkage = {"miss": {"": 0.1}, "false_link": 0.0, "removed": 0.0}
    notes = messages.notes(panel_of(method(key), linkage=linkage), "en")
    assert any("as if it had been counted" in note for note in notes) is (key != "bic")
    assert not any("as if it had been counted" in note for note in messages.notes(panel_of(method(key)), "en"))
    without_interval = panel_of(method(key, interval80=None), linkage=linkage)
    assert not any("as if it had been counted" in note for note in messages.notes(without_interval, "en"))


def test_noise_is_noted_with_its_deviation() -> None:
    noisy = replace(LISTS, noise=2.7991)
    notes = messages.notes(panel_of(given=noisy), "en")
    assert notes[-1].startswith("The counts have noise (standard deviation 2.8 people)")
    assert not any("noise" in note for note in messages.notes(panel_of(), "en"))


# -- sensitivity -----------------------------------------------------------------------------------------------------


def test_odds_ratios_have_the_estimate_and_the_range() -> None:
    assert messages.odds_rows(panel_of(sensitivity=analysis()), "en") == [
        ["1/2", "5,885", "5,385–6,385"],
        ["1", "9,000", "8,000–10,000"],
        ["2", "15,230", ""],
    ]


def test_variants_have_the_name_of_the_list_and_no_row_without_people() -> None:
    merged = [
        Variant("police + shelter as one list", 3, 2700, 8123.4, "independence"),
        Variant("police + hotline as one list", 3, 2600, math.nan, "independence"),
        Variant("shelter + hotline as one list", 2, 0, math.nan, "", "2 lists"),
    ]
    result = panel_of(sensitivity=analysis(merged=merged))
    assert messages.variant_rows(result, "en", "merged") == [
        ["police + shelter", "2,700", "8,123"],
        ["police + hotline", "2,600", "none"],
    ]
    assert messages.variant_rows(result, "en", "without") == []  # nobody is left
    assert messages.merged_range(result, "en") == "Two lists joined, in 1 ways: stepwise estimates from 8,123 to 8,123."


def test_the_range_of_merged_lists_has_the_smallest_and_the_largest_estimate() -> None:
    merged = [Variant(f"{k}", 3, 10, estimate, "m") for k, estimate in enumerate([700.0, math.inf, 500.0])]
    sentence = messages.merged_range(panel_of(sensitivity=analysis(merged=merged)), "en")
    assert sentence == "Two lists joined, in 3 ways: stepwise estimates from 500 to ∞."
    none = messages.merged_range(panel_of(sensitivity=analysis(merged=[])), "en")
    assert none == "With three lists, none can be left out or joined with another."


@pytest.mark.parametrize(
    ("more", "sentences"),
    [
        (
            {},
            [
                "The stepwise model of these lists recurs in 12% of the resamples; different models in them: 45.",
                "Sample coverage 0.40, sparse; people on two lists or more: 70 (2.5%).",
            ],
        ),
        ({"models": None}, ["Sample coverage 0.40, sparse; people on two lists or more: 70 (2.5%)."]),
        (
            {"recurrence": None, "coverage": 0.5},
            ["Sample coverage 0.50; people on two lists or more: 70 (2.5%)."],
        ),
    ],
)
def test_the_footing_has_recurrence_coverage_and_overlap(more: dict[str, Any], sentences: Sequence[str]) -> None:
    assert messages.footing(panel_of(sensitivity=analysis(**more)), "en") == sentences


def test_without_an_analysis_there_are_no_sentences_on_it() -> None:
    result = panel_of()
    assert messages.odds_rows(result, "en") == messages.variant_rows(result, "en", "merged") == []
    assert messages.footing(result, "en") == []
    assert messages.merged_range(result, "en") == ""


def test_the_last_line_has_version_resamples_and_seed() -> None:
    assert re.fullmatch(r"Kerege \S+, 20,000 resamples, seed 7\.", messages.made(panel_of(), "en"))
    assert f"20{GAP}000" in messages.made(panel_of(), "ru")
