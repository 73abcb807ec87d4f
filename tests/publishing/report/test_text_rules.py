"""Rules of the texts that a machine can check, for every sentence of the report in three languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from kerege.base.multilingual_titles import LANGUAGES
from kerege.publishing.report.localiser import get_localiser
from kerege.publishing.report.templates import Entries, Template

PRINTED = ("front", "tile", "estimate", "quote", "chapter", "press", "figure")
SENTENCES = ("finding", "alt", "sentences", "bullets", "body", "lead", "crimes", "headline", "more", "caption", "tile")
COMPARING = {
    "en": r"\b(most|first|second|next|largest|longest|highest|widest|leading|majority|more|fewer|less|about as many|"
    r"top|chief|main(?!ly)|than)\b",
    "ru": r"\b(больше|меньше|чаще|сам(ая|ое|ый|ые)|перво[ем]|первом|втором|впервые|большинство|поровну|далее|затем|"
    r"больш(ая|ей) част\w*|крупнейш\w+)\b",
    "kk": r"\b(ең|көп|көбі|көбінің|көбін|аз|бірінші|екінші|бірдей|басым|одан кейін|жиі)\b",
}
# words that look like a comparison and are none
NAMES = {
    "en": r"first (help|half|assist\w*|service)|at (least|most)|less than one chance|second half|main form",
    "ru": r"впервые (оказа\w+|получ\w+|оказана)|первое полугодие|первая помощь|не меньше|не больше",
    "kk": r"бірінші жартысында|ең кіші баға|көп дегенде|аз дегенде",
}
PROVED = {"max", "order", "diff", "less", "more", "near", "every", "crossed"}
ESTIMATED = {"en": "estimat", "ru": "оценк", "kk": "бағалау"}
FACT_OF_THE_PAST = {"en": r"\bthere were\b", "ru": r"\bбыло\b", "kk": r"\bболған\b"}
MOST_WORDS = 20


def templates(lang: str) -> Iterator[tuple[str, Template]]:
    """Yield the sentences of the report with their paths."""
    text = get_localiser(lang).text
    for section in PRINTED:
        yield from _below(text[section], section)


def _below(tree: Mapping[str, Any], path: str) -> Iterator[tuple[str, Template]]:
    for name, entry in tree.items():
        if isinstance(entry, dict) and "text" not in entry:
            yield from _below(entry, f"{path}.{name}")
        elif name in SENTENCES:
            yield from ((f"{path}.{name}", template) for template in _flat(entry))


def _flat(entries: Entries | list[Entries]) -> Iterator[Template]:
    if isinstance(entries, list):
        for entry in entries:
            yield from _flat(entry)
    else:
        yield Template.of(entries)


def plain(template: Template, lang: str) -> str:
    """Return the words without holes and without the names of `NAMES`."""
    return re.sub(NAMES[lang], "", re.sub(r"\{[^}]*\}", "", template.text), flags=re.IGNORECASE)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_that_compares_declares_a_claim(lang: str) -> None:
    compared = [
        (path, template)
        for path, template in templates(lang)
        if re.search(COMPARING[lang], plain(template, lang), re.IGNORECASE)
    ]
    assert len(compared) > 25
    assert [(path, template.text) for path, template in compared if template.claim not in PROVED] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_declared_comparison_uses_a_word_that_compares(lang: str) -> None:
    """The list of words would miss a sentence whose comparing word it does not know."""
    silent = [
        (path, template.text)
        for path, template in templates(lang)
        if template.claim in PROVED
        and not path.endswith("alt")
        and not re.search(COMPARING[lang], plain(template, lang), re.IGNORECASE)
    ]
    assert len(silent) <= 4, silent


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_has_at_most_twenty_words(lang: str) -> None:
    long = []
    for path, template in templates(lang):
        if path.endswith((".alt", ".caption", ".more", ".tile")):
            continue
        words = re.sub(r"\{if_\w+\}", "", template.text)
        words = re.sub(r"\{\w+:(people|crimes|contacts|campaigns|services|victims|people_dat)\}", "n noun", words)
        count = len([word for word in words.split() if re.search(r"\w", word)])
        if count > MOST_WORDS:
            long.append((path, count, template.text))
    assert long == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_estimate_says_so_before_its_number_and_has_both_ends_and_its_condition(lang: str) -> None:
    estimates = [(path, template.text) for path, template in templates(lang) if "{est_lower" in template.text]
    assert len(estimates) >= 12
    for path, text in estimates:
        before = text[: text.index("{est_lower")].lower()
        assert ESTIMATED[lang] in before, (path, text)
        assert not re.search(FACT_OF_THE_PAST[lang], text), (path, text)
        if "{if_range}" in text:
            assert "{est_upper" in text, (path, text)
            assert "{est_chance}" in text or path.endswith((".tile", ".alt")), (path, text)
        assert "{est_period}" in text or path.startswith(("estimate.tile", "figure")), (path, text)
