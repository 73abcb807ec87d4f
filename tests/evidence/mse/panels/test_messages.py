"""Sentences of the panel in three languages: which facts they state, and when each of them appears."""

from __future__ import annotations

import math
import re
from string import Formatter

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.mse.panels import messages
from kerege.evidence.mse.panels.messages import read_messages
from kerege.evidence.mse.panels.method_result import Method
from tests.evidence.mse.panels.given_results import GAP, LANGUAGES

# -- catalogues ------------------------------------------------------------------------------------------------------


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_every_translation_states_the_facts_of_the_english_sentence(lang: str) -> None:
    english, other = read_messages("en").texts, read_messages(lang).texts
    for part, sentences in english.items():
        for name, sentence in sentences.items():
            assert placeholders(other[part][name]) == placeholders(sentence), f"{part}.{name}"


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_every_sentence_is_translated(lang: str) -> None:
    """Sentences that consist of facts alone may stay."""
    english, other = read_messages("en").texts, read_messages(lang).texts
    same = {
        f"{part}.{name}"
        for part, sentences in english.items()
        for name, sentence in sentences.items()
        if other[part][name] == sentence and re.search(r"[a-z]", re.sub(r"\{\w+\}", "", sentence))
    }
    assert same == set()


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="there is no translation for 'de', give --lang kk, ru, en"):
        read_messages("de")


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
    assert read_messages(lang).number(value, digits) == text


@pytest.mark.parametrize(("lang", "text"), [("en", "12.3%"), ("ru", f"12,3{GAP}%"), ("kk", "12,3%")])
def test_a_share_is_a_percentage_with_the_sign_of_the_language(lang: str, text: str) -> None:
    assert read_messages(lang).percent(0.1234, 1) == text


def test_an_interval_has_a_dash_and_a_missing_one_is_empty() -> None:
    assert read_messages("en").format_interval((1000.4, math.inf)) == "1,000–∞"
    assert read_messages("en").format_interval(None) == ""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_name_of_a_method_begins_a_line_with_a_capital(lang: str) -> None:
    for key in ("stepwise", "bic", "decomposable", "lcmcr", "lower_bound"):
        name, small = messages.method_name(key, lang), read_messages(lang).say(f"methods.{key}")
        assert name[0].isupper()
        assert name[1:] == small[1:]


# -- reasons and assumptions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_assumption_on_linkage_is_another_one_after_a_correction(lang: str) -> None:
    plain, corrected = messages.assumptions(lang), messages.assumptions(lang, corrected=True)
    assert [first == second for first, second in zip(plain, corrected, strict=True)] == [True, False, True, True]


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        ({"r_hat": 1.2, "ess_bulk": 50.0, "ess_tail": 40.0}, "its chains do not agree (R-hat 1.20, 1.05 at most)"),
        ({"r_hat": math.nan, "ess_bulk": 50.0, "ess_tail": 40.0}, "its chains do not agree (R-hat ∞, 1.05 at most)"),
        (
            {"r_hat": 1.05, "ess_bulk": 900.0, "ess_tail": 399.6},
            "its effective sample size is 400, at least 400 are needed",
        ),
        (
            {"r_hat": 1.0, "ess_bulk": 390.0, "ess_tail": 900.0},
            "its effective sample size is 390, at least 400 are needed",
        ),
        (
            {"r_hat": 1.0, "ess_bulk": 400.0, "ess_tail": 400.0, "bound_share": 0.02, "bound": 5000},
            "it is close to its bound (2% of the posterior within 5% of 5,000 people)",
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
        "nothing bounds the estimate: it is infinite",
    ],
)
def test_every_reason_that_a_method_raises_is_translated(reason: str) -> None:
    """A page in Kazakh or Russian would show an English sentence otherwise."""
    sentences = [messages.why_no_estimate(Method("bic", None, no_estimate=reason), lang) for lang in LANGUAGES]
    assert len(set(sentences)) == 3
    assert sentences[2] == reason
