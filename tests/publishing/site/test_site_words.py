"""Words of the site: three complete languages, no stray number, every comparison with a claim."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from kerege.publishing.report.localiser import HOLE
from kerege.publishing.site.files.file_words import get_words
from kerege.publishing.site.indicators import list_indicators
from kerege.publishing.site.site_words import read_words

COMPARING = {
    "en": r"\b(most|more than|fewer than|first among|came first|largest)\b",
    "ru": r"(сам(ый|ая|ое) част|чаще всего|на первом месте|больше, чем|меньше, чем|большинств)",
    "kk": r"(ең жиі|ең көп|бірінші орында|алдыңғы орында|жылғыдан .* (аз|көп)|көбінің)",
}


def leaves(tree: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield the path and the value of each text of a tree."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, f"{path}.{key}")
    elif isinstance(tree, list):
        for place, value in enumerate(tree):
            yield from leaves(value, f"{path}[{place}]")
    else:
        yield path, tree


def keys(lang: str) -> dict[str, set[str]]:
    """Return the holes of each text, without the forms of nouns, which differ by language."""
    texts = leaves({name: part for name, part in read_words(lang).items() if name != "nouns"})
    return {path: {hole[1] for hole in HOLE.finditer(str(text))} for path, text in texts}


def test_the_three_languages_have_the_same_texts() -> None:
    assert keys("en").keys() == keys("ru").keys() == keys("kk").keys()


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_indicator_has_its_words(lang: str) -> None:
    words = read_words(lang)
    for indicator in list_indicators():
        assert {"name", "scope", "head"} <= words["indicator"][indicator.id].keys()
        assert set(indicator.know) <= words["know"].keys()
        assert indicator.noun in words["unit"]
        assert {item.why for item in indicator.breaks} <= words["why"].keys()
    assert {indicator.id for indicator in list_indicators()} == words["indicator"].keys()


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_no_text_states_a_number_of_its_own(lang: str) -> None:
    texts = [(path, str(text)) for path, text in leaves(read_words(lang)) if ".half_" not in path]
    prose = [(path, HOLE.sub("", text).replace("sha256", "")) for path, text in texts if not path.endswith(".places")]
    assert not [path for path, text in prose if re.search(r"\d", text)]


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_a_finding_that_compares_declares_the_claim_that_covers_it(lang: str) -> None:
    without = [
        (name, template)
        for name, words in read_words(lang)["indicator"].items()
        for template in words.get("finding", [])
        if isinstance(template, str) and re.search(COMPARING[lang], template, re.IGNORECASE)
    ]
    assert not without


def test_no_russian_text_puts_a_full_stop_after_a_date_that_ends_with_one() -> None:
    texts = [*leaves(read_words("ru")), *leaves(get_words("ru").text)]
    assert [path for path, text in texts if re.search(r"\{(day|old|new|date)\}\.", str(text))] == []
