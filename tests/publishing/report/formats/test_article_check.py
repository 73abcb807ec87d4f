"""Check of the article: each claim has a result, and unsafe numbers are never repeated."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from kerege.publishing.report.document import write_prose
from kerege.publishing.report.formats import article_check
from kerege.publishing.report.localiser import get_localiser
from kerege.publishing.storage.year_releases import YearReleases

Make = Callable[..., YearReleases]


def claims(year_releases: YearReleases, lang: str = "en") -> dict[str, article_check.CheckedClaim]:
    return {
        claim.id: claim
        for claim in article_check.check_claims(year_releases, write_prose(get_localiser(lang), year_releases))
    }


def test_every_claim_has_a_verdict(year_releases: Make) -> None:
    checked = claims(year_releases())
    assert list(checked) == [str(number) for number in range(1, 20)]
    assert all(claim.parts for claim in checked.values())


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_unsafe_numbers_are_masked_in_every_language(year_releases: Make, lang: str) -> None:
    checked = claims(year_releases(), lang)
    for number, suppressed in (("10", {"7"}), ("12", {"981", "907", "3", "52", "47.9", "0.1"})):
        printed = {
            str(article_check.parse_number(match[1]))
            for match in article_check.NUMBER.finditer(" ".join(checked[number].pieces))
        }
        assert not printed & suppressed
        assert len(checked[number].pieces) > 1


def test_verdicts_follow_the_release(year_releases: Make) -> None:
    checked = claims(year_releases())
    assert [part.verdict for part in checked["10"].parts] == ["computed"] * 4 + ["unsafe"]
    assert checked["10"].parts[0].number == "1,741\u00a0people"
    assert checked["12"].parts[-1].verdict == "unsafe"
    assert "about 980" in checked["12"].parts[0].number
    assert checked["7"].parts[0].verdict == "quoted"
    assert "destination=IR" in checked["10"].parts[-1].query


def test_a_truncated_share_is_reported(year_releases: Make) -> None:
    exact = {("male",): 981, ("female",): 907, ("transgender",): None}
    parts = claims(year_releases(changes={"sex": exact}))["12"].parts
    assert [part.reason for part in parts if part.number == "48.0%"] == [
        "From the counts it is 47.96%: the article cut the decimals off instead of rounding."
    ]


def test_a_number_that_differs_from_the_article_is_reported(year_releases: Make) -> None:
    part = claims(year_releases(changes={"destination": {("AE",): 62}}))["10"].parts[1]
    assert (part.verdict, part.number) == ("computed", "62\u00a0people")
    assert part.reason == "The release gives another number than the article."


def test_numbers_of_all_three_languages_are_parsed() -> None:
    assert (
        article_check.parse_number("1,891")
        == article_check.parse_number("1\u00a0891")
        == article_check.parse_number("1 891")
        == Decimal(1891)
    )
    assert article_check.parse_number("47,9") == article_check.parse_number("47.9") == Decimal("47.9")
    assert article_check.mask_numbers("Iran (7), 17 and 7%", {Decimal(7)}).count(article_check.MASK) == 2
