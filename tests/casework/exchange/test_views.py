"""Page of the figures: words and numbers in the language of the reader, in each state."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from kerege.casework.exchange import headline_figures
from kerege.casework.exchange.headline_figures import FigureComparison
from kerege.vocabulary import reference_figures
from kerege.web.templatetags.kerege import code

pytestmark = pytest.mark.django_db
NOTE = "below the threshold: these people can be identified; never publish this figure"
STATES = [
    FigureComparison("programme.assisted_total", "computed", 1891, 1891, agrees=True),
    FigureComparison("sex.female.count", "computed", 3, 7, agrees=False, note_template=NOTE),
    FigureComparison("assistance.services", "computed", ["shelter"], ["shelter", "medical_care"], agrees=False),
    FigureComparison(
        "sex.female.printed",
        "derived",
        "47.9%",
        "47.96%",
        agrees=True,
        note_template="truncated, not rounded: %(exact)s rounds to %(rounded)s",
        note_values={"exact": "47.96%", "rounded": "48.0%"},
    ),
    FigureComparison("law.year", "quoted", 2024, 2024, agrees=True),
    FigureComparison("world.officially_reported_period", "quoted", [2020, 2023], [2020, 2023], agrees=True),
    FigureComparison("law.name", "quoted", "Law on Combating Trafficking in Persons", "Law on ...", agrees=True),
    FigureComparison("age.over_30.printed", "unknown", "36.4%", None, agrees=False),
]
KEY = re.compile(r"\b[a-z]+[._][a-z_]+[a-z]\b")  # such as sex.female or medical_care


@pytest.mark.parametrize(
    ("lang", "count", "share", "law"),
    [
        ("kk", "1\xa0891", "47,96%", "Адам саудасына қарсы іс-қимыл туралы"),
        ("ru", "1\xa0891", "47,96\xa0%", "О противодействии торговле людьми"),
        ("en", "1,891", "47.96%", "Law on Combating"),
    ],
)
def test_each_state_of_a_figure_is_in_the_reader_s_words(
    make_user: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch, lang: str, count: str, share: str, law: str
) -> None:
    monkeypatch.setattr(headline_figures, "compare", lambda data, tree: STATES)
    with translation.override(lang):
        page = sign_in(make_user("coordinator")).get(reverse("exchange:figures")).content.decode()
    text = re.sub(r"<[^>]*>", " ", page[page.index("<h1") : page.index("</main>")])
    for words in (count, share, law, "2020–2023"):
        assert words in text, words
    assert "2024" in text
    assert "2\xa0024" not in text
    assert text.count(share) == 2  # the number, and the note on it
    assert KEY.findall(text) == []
    assert page.count("govuk-tag--green") == 5
    assert page.count("govuk-tag--red") == 3


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_figure_of_the_founding_document_has_a_name(lang: str) -> None:
    with translation.override(lang):
        for path, _value in headline_figures.flatten(reference_figures.figures()):
            assert code(path, "headline_figure") not in {"", path}, path
