"""The report page and the texts of a certificate are complete in Kazakh, Russian and English."""

from __future__ import annotations

import re
from string import Formatter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.synthesis import certificate
from kerege.evidence.synthesis.evaluation.messages import band_name, name_combinations, words
from kerege.evidence.synthesis.evaluation.risk_ratings import HIGH, NONE, OPEN, SOME

FROM_FILES = ("unmeasured", "unit", "advised")  # told in English by the file itself
OTHERS = ("kk", "ru")


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", OTHERS)
def test_every_message_has_the_same_facts_in_every_language(lang: str) -> None:
    english, other = words("en").texts, words(lang).texts
    assert english.keys() == other.keys()
    for part in english.keys() - {"read", *FROM_FILES}:
        assert english[part].keys() == other[part].keys(), part
        for name, text in english[part].items():
            assert holes(text) == holes(other[part][name]), f"{part}.{name}"
    assert len(english["read"]) == len(other["read"])


@pytest.mark.parametrize("lang", OTHERS)
def test_no_message_is_left_in_english(lang: str) -> None:
    for part, texts in words(lang).texts.items():
        for name, text in texts.items():
            assert re.search(r"[а-яәіңғүұқөһ]", text.lower()) or (part, name) == ("attacks", "to"), f"{part}.{name}"


def noisy(*cells: tuple[bool, float]) -> Any:
    """Return levels of which something is distinct or not, with so much noise."""
    people = np.array([100.0])
    levels = [SimpleNamespace(supported=np.array([stands]), people=people, spread=spread) for stands, spread in cells]
    return SimpleNamespace(levels=levels)


@pytest.mark.parametrize("lang", OTHERS)
@pytest.mark.parametrize(
    "levels",
    [
        ((False, 1.0),),
        ((True, 1.0), (False, 1.0)),
        ((True, 900.0),),
        ((True, 1.0), (True, 900.0)),
        ((True, 1.0), (True, 1.0), (True, 900.0)),
    ],
)
def test_the_advice_of_a_certificate_is_translated(lang: str, levels: tuple[tuple[bool, float], ...]) -> None:
    _, advice = certificate.assess_utility(noisy(*levels))
    assert advice
    assert words(lang).translated("advised", advice) != advice


@pytest.mark.parametrize(
    ("levels", "says"),
    [
        (((False, 1.0),), "nothing is clear"),
        (((False, 1.0), (False, 1.0)), "nothing is clear"),
        (((True, 1.0), (False, 1.0)), "nothing but single values is clear"),
    ],
)
def test_single_values_are_said_to_stand_out_where_they_do(levels: tuple[tuple[bool, float], ...], says: str) -> None:
    good, advice = certificate.assess_utility(noisy(*levels))
    assert not good
    assert advice.startswith(f"{says} of the noise")


@pytest.mark.parametrize(("small", "good"), [(9, True), (10, True), (12, False)])
def test_a_few_large_pairs_do_not_outweigh_noise(small: int, good: bool) -> None:
    """Pairs of 10 people have an error of 80 %, those of 100 people one of 8 %."""
    people = np.array([100.0] + [10.0] * small)
    pairs = SimpleNamespace(supported=np.array([True] + [False] * small), people=people, spread=10.0)
    measurement: Any = SimpleNamespace(levels=[*noisy((True, 1.0)).levels, pairs])
    assert certificate.assess_utility(measurement)[0] is good
    pairs.supported[:] = True  # standing out of the noise is not yet being told
    pairs.people[1:] = 31.0  # with an error of 26 %
    assert certificate.assess_utility(measurement)[0] is False


@pytest.mark.parametrize("lang", OTHERS)
def test_unit_and_levels_are_translated(lang: str) -> None:
    unit = certificate.guarantee(1.0, 1e-9, 0.0, [{"rho": 0.1}], holds=True)["unit"]
    assert words(lang).translated("unit", unit) != unit
    assert all(words(lang).translated("level", level) != level for level in (NONE, OPEN, SOME, HIGH))


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("en", "1,234.5 12.3% 2.5"), ("ru", "1\xa0234,5 12,3\xa0% 2,5"), ("kk", "1\xa0234,5 12,3% 2,5")],
)
def test_numbers_are_formatted_for_the_language(lang: str, expected: str) -> None:
    messages = words(lang)
    assert f"{messages.count(1234.5, 1)} {messages.percent(0.123)} {messages.trimmed(2.5)}" == expected


def test_an_unknown_language_is_one_sentence() -> None:
    with pytest.raises(BadInput, match="there is no page in 'de'"):
        words("de")


@pytest.mark.parametrize(
    ("length", "lang", "name"), [(1, "en", "single values"), (3, "en", "triples"), (5, "en", "5 values together")]
)
def test_combinations_are_named_by_their_length(length: int, lang: str, name: str) -> None:
    assert name_combinations(length, words(lang)) == name


@pytest.mark.parametrize(
    ("least", "most", "lang", "text"),
    [(1, 9, "en", "1–9"), (1_000, None, "en", "1,000+"), (1_000, 4_999, "ru", "1\u00a0000–4\u00a0999")],
)
def test_a_band_of_counts_has_its_ends(least: int, most: int | None, lang: str, text: str) -> None:
    assert band_name(least, most, words(lang)) == text
