"""The article, sentence by sentence: borne out, quoted, or not safe; unsafe numbers are never repeated."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from kerege.publishing.report.formats import article_check
from kerege.publishing.report.localiser import voice
from kerege.publishing.storage.editions import Edition

Make = Callable[..., Edition]


def claims(edition: Edition, lang: str = "en") -> dict[str, article_check.Claim]:
    return {claim.id: claim for claim in article_check.claims(edition, voice(lang))}


def test_every_claim_has_an_answer(edition: Make) -> None:
    found = claims(edition())
    assert list(found) == [str(number) for number in range(1, 20)]
    assert all(claim.parts for claim in found.values())


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_unsafe_numbers_are_masked_in_every_language(edition: Make, lang: str) -> None:
    found = claims(edition(), lang)
    for number, hidden in (("10", {"7"}), ("12", {"981", "907", "3", "52", "47.9", "0.1"})):
        printed = {
            str(article_check.parse(match[1]))
            for match in article_check.NUMBER.finditer(" ".join(found[number].pieces))
        }
        assert not printed & hidden
        assert len(found[number].pieces) > 1


def test_verdicts_follow_the_release(edition: Make) -> None:
    found = claims(edition())
    assert [part.verdict for part in found["10"].parts] == ["computed"] * 4 + ["unsafe"]
    assert found["10"].parts[0].number == "1,741\u00a0people"
    assert found["12"].parts[-1].verdict == "unsafe"
    assert "about 980" in found["12"].parts[0].number
    assert found["7"].parts[0].verdict == "quoted"
    assert "destination=IR" in found["10"].parts[-1].query


def test_a_share_that_was_cut_instead_of_rounded_is_told(edition: Make) -> None:
    exact = {("male",): 981, ("female",): 907, ("transgender",): None}
    parts = claims(edition(changes={"sex": exact}))["12"].parts
    assert [part.reason for part in parts if part.number == "48.0%"] == [
        "From the counts it is 47.96%: the article cut the decimals off instead of rounding."
    ]


def test_a_number_that_differs_from_the_article_is_told(edition: Make) -> None:
    part = claims(edition(changes={"destination": {("AE",): 62}}))["10"].parts[1]
    assert (part.verdict, part.number) == ("computed", "62\u00a0people")
    assert part.reason == "The release gives another number than the article."


def test_numbers_of_all_three_languages_are_understood() -> None:
    assert (
        article_check.parse("1,891")
        == article_check.parse("1\u00a0891")
        == article_check.parse("1 891")
        == Decimal(1891)
    )
    assert article_check.parse("47,9") == article_check.parse("47.9") == Decimal("47.9")
    assert article_check.mask("Iran (7), 17 and 7%", {Decimal(7)}).count(article_check.MASK) == 2
