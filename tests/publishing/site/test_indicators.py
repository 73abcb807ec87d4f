"""Declarations of the indicators: ids, aliases and words are complete, and faults are named."""

from __future__ import annotations

import pytest

from kerege.base.errors import BadInput
from kerege.publishing.site.indicators import PATH, THEMES, find_indicator, list_indicators, of_theme, parse

# ids that the site has ever printed: an entry is added, never taken away
PRINTED = {
    "helped-by-year",
    "assisted-by-year",
    "services",
    "payers",
    "services-by-payer",
    "brought-home",
    "sex",
    "age",
    "origin",
    "state-sex",
    "state-age",
    "state-citizenship",
    "state-regions",
    "regions",
    "crimes-by-region",
    "year-sex-age",
    "year-citizenship",
    "corridors",
    "destination",
    "exploitation",
    "exploitation-forms",
    "state-exploitation",
    "year-exploitation-sex",
    "year-forms",
    "crimes-by-half-year",
    "crimes-by-source",
    "offences",
    "suspects-by-sex",
    "prosecuted-by-sex",
    "convicted-by-sex",
    "hotline-contacts",
    "campaigns",
    "hidden-figure",
    "undetected",
    "detected-worldwide",
    "organised-crime",
}


def test_every_id_that_was_ever_printed_still_leads_to_an_indicator() -> None:
    assert not [name for name in PRINTED if find_indicator(name) is None]
    assert {entry.id for entry in list_indicators()} <= PRINTED


def test_every_theme_has_indicators() -> None:
    assert all(of_theme(theme) for theme in THEMES)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('id = "sex"', 'id = "age"'), "names age twice"),
        (('related = ["sex", "state-age"]', 'related = ["sox"]'), "unknown ids: sox"),
        (('table = "origin"', 'table = "origin", estimate = "undetected"'), "exactly one source"),
        (('quote = "world.officially_reported_cases"', ""), "neither counted from series nor quoted"),
        (('theme = "reach"', 'theme = "other"'), "theme"),
        (("[[indicator]]", "[[indicator"), "is not TOML"),
    ],
)
def test_a_faulty_declaration_is_refused_with_its_fault(change: tuple[str, str], fault: str) -> None:
    text = PATH.read_text(encoding="utf-8")
    assert change[0] in text
    with pytest.raises(BadInput, match=fault):
        parse(text.replace(*change))
