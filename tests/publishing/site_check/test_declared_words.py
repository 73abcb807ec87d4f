"""Numbers of quoted texts: each text is judged by its own numbers, never by those of another one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from kerege.publishing.site_check.declared_words import declare
from kerege.publishing.site_check.judge import judge_page
from tests.publishing import made

LANGUAGES = ("kk", "ru", "en")


def page_of(address: str) -> str:
    """Return the text of a public page."""
    return Client(HTTP_HOST="localhost").get(address, secure=True).content.decode()


def faults(page: str) -> list[str]:
    """Return the numbers of a page that nothing bears out."""
    return [fault.partition(" in “")[0] for fault in judge_page(page, {}, {}, declare([])).faults if " in “" in fault]


@pytest.mark.django_db
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_changed_number_of_the_law_is_found_also_where_another_article_has_it(house: Path, lang: str) -> None:
    made.make(house)
    page = page_of(f"/{lang}/law/")
    assert faults(page) == []
    section = re.search(r'<section[^>]*data-quoted="law/art-18".*?</section>', page, re.DOTALL)
    assert section is not None
    heading = re.search(r"<h2>.*?</h2>", section[0], re.DOTALL)
    assert heading is not None
    assert "18" in heading[0]
    changed = section[0].replace(heading[0], heading[0].replace("18", "24"))
    assert "24" in faults(page.replace(section[0], changed))


@pytest.mark.parametrize("claim", ["3", "11"])
def test_a_sentence_of_the_article_is_not_excused_by_the_law_nor_by_another_sentence(claim: str) -> None:
    quoted = declare([]).quoted
    own = quoted[f"article/{claim}"]
    others = [numbers for name, numbers in quoted.items() if name != f"article/{claim}"]
    foreign = {number for numbers in others for number in numbers} - own - declare([]).numbers
    assert foreign
    for number in sorted(foreign):
        assert faults(f'<main><blockquote data-quoted="article/{claim}">{number:f} people</blockquote></main>'), number
