"""Content of the home page: the newest figure with its chart, three numbers, themes, what is new."""

from __future__ import annotations

from dataclasses import dataclass

from kerege.publishing.report.localiser import UnpublishedFactError
from kerege.publishing.report.proof import Sentence
from kerege.publishing.site import indicator_page as presenter
from kerege.publishing.site.indicator_facts import facts_of, prose_of, write_finding, write_level
from kerege.publishing.site.indicator_versions import difference_note
from kerege.publishing.site.indicators import THEMES, get_indicator, of_theme
from kerege.publishing.site.series import DefinitionsDiffer, View
from kerege.publishing.site.site_state import SiteState
from kerege.publishing.site.site_words import read_words, site_localiser
from kerege.publishing.storage.release_labels import labels_of

LEAD = "helped-by-year"
NEWEST = 3  # releases under "new"
# indicators of the tiles, and the facts of their large numbers
TILES = {"helped-by-year": ("n_state",), "crimes-by-source": ("n_main",), "hidden-figure": ("est_lower", "est_upper")}


@dataclass(frozen=True)
class HomeTile:
    """Large number with its finding; an estimate has its condition too."""

    id: str
    number: Sentence
    finding: Sentence
    more: Sentence
    kind: str


def compose_home(state: SiteState, lang: str) -> dict[str, object]:
    """Return what the home page shows."""
    lead = _lead(state, lang)
    return {
        "lead": lead,
        "notes": lead.notes if lead else _notes(state, lang),
        "tiles": [tile for name in TILES if (tile := _tile(name, state, lang))],
        "themes": [_theme(theme, state, lang) for theme in THEMES],
        "new": [
            {
                "name": release.path.name,
                "title": release.title.get(lang, release.path.name),
                "day": site_localiser(lang).day(state.published_on(release)),
            }
            for release in state.releases[:NEWEST]
        ],
    }


def _lead(state: SiteState, lang: str) -> presenter.IndicatorPage | None:
    view = _view(LEAD, state)
    return presenter.compose_page(view, state, lang) if view else None


def _notes(state: SiteState, lang: str) -> tuple[str, ...]:
    """Return the sentence that says why the leading figure has no numbers."""
    try:
        state.view(get_indicator(LEAD))
    except DefinitionsDiffer as problem:
        return (difference_note(problem, state, lang),)
    return ()


def _view(name: str, state: SiteState) -> View | None:
    try:
        return state.view(get_indicator(name))
    except DefinitionsDiffer:
        return None


def _tile(name: str, state: SiteState, lang: str) -> HomeTile | None:
    """Return a tile, None where its number is not published."""
    view = _view(name, state)
    if view is None:
        return None
    try:
        with labels_of(view.releases):
            prose, facts = prose_of(view, lang), facts_of(view, lang)
            numbers = [prose.number(facts.get(fact)) for fact in TILES[name]]
    except UnpublishedFactError:
        return None
    pieces = [piece for at, number in enumerate(numbers) for piece in (*(["–"] if at else []), *number)]
    more = write_level(view, lang)
    if name == "crimes-by-source" and (halves := _view("crimes-by-half-year", state)):
        more = write_finding(halves, lang)
    return HomeTile(name, Sentence.of(pieces), write_finding(view, lang), more, view.indicator.kind)


def _theme(theme: str, state: SiteState, lang: str) -> dict[str, object]:
    """Return a theme with the finding of its first figure, if that is proved."""
    words, first = read_words(lang)["theme"][theme], of_theme(theme)[0]
    view = _view(first.id, state)
    finding = write_finding(view, lang) if view else None
    return {"id": theme, "name": words["name"], "intro": words["intro"], "figure": first.id, "finding": finding}
