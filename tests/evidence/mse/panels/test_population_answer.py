"""One call from lists to the answer, and how a notebook shows it."""

from __future__ import annotations

import math
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from kerege.base.errors import BadInput
from kerege.evidence import mse
from kerege.evidence.mse import Lists
from kerege.evidence.mse.headline.headline import HeadlineSettings
from kerege.evidence.mse.panels.answer import answer_lines
from kerege.evidence.mse.panels.headline_chart import headline_chart
from kerege.evidence.mse.panels.panel import Panel, panel
from kerege.evidence.mse.panels.population_answer import PopulationAnswer, answer
from kerege.evidence.mse.panels.publication_rules import IN_HEADLINE
from tests.evidence.mse.panels.given_results import HEADLINE, LANGUAGES, LISTS, panel_of
from tests.evidence.mse.tables import table


class Texts(HTMLParser):
    """Texts of an HTML document in their order, and the open elements at its end."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_answer_is_the_headline_of_the_panel_with_the_same_answers() -> None:
    settings = HeadlineSettings(referrals_out=True, linkage_reviewed=False)
    expected = panel(table("Korea"), list(IN_HEADLINE), times=100, seed=3, sweeps=1000, settings=settings)
    result = answer(table("Korea"), referrals_out=True, linkage_reviewed=False, times=100, seed=3, sweeps=1000)
    assert result.panel.headline == expected.headline
    assert (result.kind, result.floor, result.top) == (
        expected.headline.kind,
        expected.headline.floor,
        expected.headline.top,
    )
    assert result.detected == 123


def test_the_package_exports_panel_and_answer() -> None:
    assert mse.answer is answer
    assert mse.panel is panel


def test_an_unknown_language_is_refused_before_the_work() -> None:
    with pytest.raises(BadInput, match="no translation"):
        answer(LISTS, lang="de", times=-1)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_words_are_those_of_the_command(lang: str) -> None:
    result = PopulationAnswer(panel_of(), lang)
    assert str(result).split("\n") == answer_lines(panel_of(), lang)


def test_without_a_top_there_is_no_condition() -> None:
    assert PopulationAnswer(panel_of()).least_chance == HEADLINE.least_chance
    at_least = panel_of(headline=replace(HEADLINE, kind="at_least", reason="wide", top=None))
    assert PopulationAnswer(at_least).least_chance is None


def test_plot_is_the_chart_of_the_headline_as_an_image_of_notebooks() -> None:
    drawing = PopulationAnswer(panel_of(), "ru").plot()
    assert drawing == headline_chart(panel_of(), "ru")
    assert type(drawing._repr_svg_()) is str
    assert ElementTree.fromstring(drawing).tag.endswith("svg")
    assert repr(drawing) == f"<SvgChart of {len(drawing):,} characters>"


def test_a_panel_draws_the_headline_or_its_methods() -> None:
    drawing, methods = panel_of().plot(), panel_of().plot(methods=True)
    assert drawing == headline_chart(panel_of())
    assert "percentile" in methods or "stepwise" in methods
    assert drawing != methods


@pytest.mark.parametrize("shown", [PopulationAnswer(panel_of()), panel_of()], ids=["answer", "panel"])
def test_html_has_the_answer_first(shown: PopulationAnswer | Panel) -> None:
    document = shown._repr_html_()
    texts = Texts(document)
    lines = answer_lines(panel_of(), "en")
    assert texts.texts[: len(lines)] == lines
    assert document.startswith('<div lang="en"><p><strong>')
    assert not texts.open


def test_names_of_lists_are_escaped_in_html() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    lists = Lists([1, 2, 4, 3, 5], [1000, 900, 800, 40, 30], [hostile, "b", "c"])
    known = HEADLINE.known[0]._replace(name=hostile)
    result = panel_of(given=lists, lists=lists, headline=replace(HEADLINE, known=(known,)))
    for document in (PopulationAnswer(result)._repr_html_(), result._repr_html_()):
        assert "<img" not in document
    assert hostile in " ".join(Texts(PopulationAnswer(result)._repr_html_()).texts)


def test_a_list_without_an_estimated_size_is_not_in_the_table() -> None:
    known = [HEADLINE.known[0], HEADLINE.known[1]._replace(estimated=math.nan)]
    result = panel_of(headline=replace(HEADLINE, known=known))
    assert PopulationAnswer(result)._repr_html_().count("<tr>") == 2
