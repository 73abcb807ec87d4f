"""Founding document as data: every figure and claim, in three languages, with its basis."""

from __future__ import annotations

import pytest

from kerege.vocabulary import reference_figures
from kerege.vocabulary.languages import BUILT_IN
from kerege.vocabulary.pack import active_pack

CLAIMS = reference_figures.claims()


def test_the_figures_add_up_to_the_programmes_total() -> None:
    figures = reference_figures.figures()
    total = figures["programme"]["assisted_total"]
    assert total == 1891
    assert sum(figures["destination"].values()) == sum(figures["origin"].values()) == total
    assert sum(cell["count"] for cell in figures["sex"].values()) == total
    assert sum(cell["count"] for cell in figures["exploitation"].values()) == total


def test_all_claims_are_present_in_their_order() -> None:
    assert [claim.id for claim in CLAIMS] == list(range(1, 20))
    assert {claim.kind for claim in CLAIMS} == {"computed", "quoted", "described"}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: str(claim.id))
def test_a_claim_has_the_same_numbers_in_three_languages(claim: reference_figures.FoundingClaim) -> None:
    digits = [
        sorted("".join(letter for letter in word if letter.isdigit()) for word in _numbers(claim.texts[language]))
        for language in BUILT_IN
    ]
    assert all(claim.texts[language].strip() for language in BUILT_IN)
    assert digits[0] == digits[1] == digits[2]


def _numbers(text: str) -> list[str]:
    joined = text.replace("\u00a0", "").replace("\u202f", "")
    for digit in "0123456789":
        joined = joined.replace(f"{digit} 0", f"{digit}0")
    return [word for word in joined.replace("–", " ").replace("-", " ").split() if any(map(str.isdigit, word))]


def test_a_computed_claim_names_its_figure_and_a_described_one_its_app() -> None:
    for claim in CLAIMS:
        assert claim.kind != "computed" or claim.figure or claim.room
        assert claim.kind != "described" or claim.figure or claim.room


def test_a_figure_quoted_from_outside_has_a_source_and_a_text_in_every_language() -> None:
    quoted = {entry["id"]: entry for entry in reference_figures.context()}
    assert quoted["world.traffickers_in_organised_crime_percent"]["value"] == 74
    assert quoted["world.officially_reported_cases"]["value"] == 200_000
    assert quoted["world.world_day"]["value"] == "07-30"
    assert quoted["programme.start_year"]["value"] == 2002
    for entry in quoted.values():
        assert set(entry["source"]) == {"kk", "ru", "en"}
        assert all(entry["source"].values())
        assert all(entry[language] for language in BUILT_IN)


def test_quoted_figures_have_the_shape_of_the_figures_file_and_agree_with_it() -> None:
    figures = reference_figures.figures()
    for section, entries in reference_figures.context_figures().items():
        for name, value in entries.items():
            assert figures[section][name] == value


def test_no_bundled_file_contains_a_local_path() -> None:
    for name in ("figures.toml", "claims.toml", "context.toml"):
        text = active_pack().read_text(f"{reference_figures.FOLDER}/{name}")
        assert "/work" not in text
        assert "../" not in text
