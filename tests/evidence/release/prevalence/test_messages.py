"""Texts of an estimate are in three languages and reveal no count behind a rule."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from kerege.base.multilingual_titles import LANGUAGES
from kerege.evidence.mse.detections import OTHER
from kerege.evidence.release.prevalence import messages
from kerege.evidence.release.spec.prevalence import FURTHER, HEADLINE, METHODS
from kerege.vocabulary import codes

TEXTS = {
    "INVENTED": messages.INVENTED,
    "AXIS": messages.AXIS,
    "AXIS_ALONE": messages.AXIS_ALONE,
    "ASSUMPTIONS": messages.ASSUMPTIONS,
    "OTHERS": messages.OTHERS,
    **messages.ROWS,
    **messages.RULES,
    **messages.NAMES,
    **{f"sentence {kind}": text for kind, text in messages.SENTENCES.items()},
}


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_is_in_three_languages_with_the_same_places(name: str) -> None:
    text = TEXTS[name]
    assert set(text) == set(LANGUAGES)
    places = {frozenset(place for _, place, _, _ in Formatter().parse(version) if place) for version in text.values()}
    assert len(places) == 1
    for lang in ("kk", "ru"):
        if name not in messages.NAMES:
            assert re.search("[а-яәіңғүұқөһ]", text[lang].lower())


@pytest.mark.parametrize("name", messages.RULES)
def test_a_reason_has_no_place_for_a_number(name: str) -> None:
    assert not any("{" in text for text in messages.RULES[name].values())


def test_the_methods_are_in_the_order_of_the_panel() -> None:
    assert tuple(messages.NAMES) == METHODS == HEADLINE + FURTHER
    given = dict.fromkeys(reversed(METHODS), 1) | {"unknown": 2}
    assert [key for key, _ in messages.in_order(given)] == list(METHODS)
    assert messages.in_order({"bic": 7}) == [("bic", 7)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sentence_follows_the_kind_and_says_estimated(lang: str) -> None:
    content = {"no_estimate": None, "detected": {"count": 626, "status": "perturbed"}, "lower": 690, "upper": 820}
    by_kind = {
        kind: messages.estimate_sentence(content | more, lang, str)
        for kind, more in {
            "range": {"kind": "range", "least_chance": 0.1},
            "at_least": {"kind": "at_least", "upper": None},
            "methods": {},
        }.items()
    }
    assert len(set(by_kind.values())) == 3
    for kind, sentence in by_kind.items():
        assert {"kk": "бағалау", "ru": "оценк", "en": "stimated"}[lang] in sentence.lower()
        assert "≈ 626" in sentence
        assert "690" in sentence
        assert ("820" in sentence) == (kind != "at_least")
        assert (" 10" in sentence) == (kind == "range")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_list_is_named_by_its_kind_of_agency(lang: str) -> None:
    assert messages.list_name("ngo", lang) == codes.label("agency_kind", "ngo", lang)
    assert messages.list_name(OTHER, lang) == messages.OTHERS[lang]
    assert messages.list_name("a list of ours", lang) == "a list of ours"
