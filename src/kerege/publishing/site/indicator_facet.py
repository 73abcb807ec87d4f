"""Page of one value of an indicator: its number in each release."""

from __future__ import annotations

from dataclasses import dataclass

from kerege.publishing.site import indicator_chart as drawing
from kerege.publishing.site.indicator_versions import title_of
from kerege.publishing.site.series import View
from kerege.publishing.site.site_state import SiteState
from kerege.publishing.site.site_words import mark_label, read_words, site_localiser
from kerege.publishing.storage.release_labels import labels_of


@dataclass(frozen=True)
class FacetState:
    """One value in one release."""

    release: str
    title: str
    day: str
    html: str
    is_comparable: bool


@dataclass(frozen=True)
class FacetPage:
    """One value of an indicator over the releases."""

    label: str
    name: str
    states: tuple[FacetState, ...]


def compose_facet(view: View, state: SiteState, lang: str, code: str) -> FacetPage:
    """Return one value of an indicator: newest state, then earlier ones that no line joins."""
    with labels_of(view.releases):
        return _compose_facet(view, state, lang, code)


def _compose_facet(view: View, state: SiteState, lang: str, code: str) -> FacetPage:
    localiser, series = site_localiser(lang), view.parts[0]
    chart = drawing.chart_of(view, lang, "")
    label = mark_label(lang, drawing.newest_table(view), view.indicator.axis, code)
    newest = view.releases[0]
    shown = drawing.cell_html(view, chart, series, code)
    states = [
        FacetState(
            newest.path.name, newest.title.get(lang, ""), localiser.day(newest.as_of or newest.created), shown, True
        )
    ]
    for vintage in view.vintages:
        value = vintage.values.get((series, code))
        if value is not None:
            title = title_of(state, vintage.release, lang)
            words = drawing.value_words(chart, value)
            states.append(
                FacetState(vintage.release, title, localiser.day(vintage.as_of), words, vintage.same_definition)
            )
    return FacetPage(label, read_words(lang)["indicator"][view.indicator.id]["name"], tuple(states))
