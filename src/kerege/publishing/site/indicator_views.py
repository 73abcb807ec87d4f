"""Pages of the indicators: the list, one indicator, one value of it, and its state in one release."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from kerege.core import pages
from kerege.publishing.report import context as report_context
from kerege.publishing.report.proof import Sentence
from kerege.publishing.site import indicator_page as presenter
from kerege.publishing.site import indicator_versions as versions
from kerege.publishing.site import report_views
from kerege.publishing.site.files.event_views import next_date
from kerege.publishing.site.files.gone_views import find_release
from kerege.publishing.site.files.open_answers import name_successor
from kerege.publishing.site.files.page_extras import page_extras
from kerege.publishing.site.indicator_facet import compose_facet
from kerege.publishing.site.indicator_facts import write_finding
from kerege.publishing.site.indicator_page import IndicatorCard, IndicatorPage
from kerege.publishing.site.indicators import THEMES, SiteIndicator, find_indicator, list_indicators, of_theme
from kerege.publishing.site.missing_numbers import find_numbers
from kerege.publishing.site.series import DefinitionsDiffer, View
from kerege.publishing.site.site_frame import show_page
from kerege.publishing.site.site_state import SiteState, current_state
from kerege.publishing.site.site_words import current_language, fill, read_words
from kerege.publishing.storage.release_files import ReleaseFiles


@dataclass(frozen=True)
class ListedIndicator:
    """Indicator in a list: its address, its name, and its finding."""

    id: str
    name: str
    finding: Sentence
    kind: str


@pages.public
def list_page(request: HttpRequest) -> HttpResponse:
    """Show all indicators, by theme and from A to Z."""
    lang, state = current_language(), current_state()
    words = read_words(lang)
    themes = [
        {"id": theme, "name": words["theme"][theme]["name"], "indicators": _listed(of_theme(theme), state, lang)}
        for theme in THEMES
    ]
    retired = [indicator for indicator in list_indicators() if indicator.retired]
    names = sorted((item for theme in themes for item in theme["indicators"]), key=lambda item: item.name.lower())
    context = {"themes": themes, "names": names, "retired": _listed(retired, state, lang)}
    return show_page(request, "indicator_list.html", words["list"]["title"], state, context)


def _listed(indicators: Iterable[SiteIndicator], state: SiteState, lang: str) -> list[ListedIndicator]:
    return [_list_entry(indicator, state, lang) for indicator in indicators]


def _list_entry(indicator: SiteIndicator, state: SiteState, lang: str) -> ListedIndicator:
    name = read_words(lang)["indicator"][indicator.id]["name"]
    return ListedIndicator(indicator.id, name, finding_of(indicator, state, lang), indicator.kind)


def finding_of(indicator: SiteIndicator, state: SiteState, lang: str) -> Sentence:
    """Return the finding of an indicator at the state of the site, its name where there is none."""
    if indicator.kind == "quoted":
        return quote_of(indicator, lang)[0]
    try:
        return write_finding(state.view(indicator), lang)
    except DefinitionsDiffer:
        return Sentence.of([read_words(lang)["indicator"][indicator.id]["name"]])


def quote_of(indicator: SiteIndicator, lang: str) -> tuple[Sentence, str]:
    """Return the sentence of a quoted figure and its source."""
    entry = report_context.quoted(str(indicator.quote), lang)
    return Sentence.of([entry.text]), entry.source


def _known(name: str) -> SiteIndicator:
    indicator = find_indicator(name)
    if indicator is None:
        raise Http404
    return indicator


@pages.public
def page(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """Show an indicator with all years in its newest state; an old name leads to the new one."""
    indicator, lang = _known(indicator_id), current_language()
    if indicator.id != indicator_id:
        return redirect(f"/{lang}/f/{indicator.id}/", permanent=True)
    state = current_state()
    if indicator.kind == "quoted":
        return _show_quote(request, indicator, state, lang)
    try:
        view = state.view(indicator)
    except DefinitionsDiffer as problem:
        return _show_empty(request, indicator, state, versions.difference_note(problem, state, lang))
    return _show(request, view, state, presenter.compose_page(view, state, lang))


@pages.public
def pinned(request: HttpRequest, indicator_id: str, release_name: str) -> HttpResponse:
    """Show an indicator as one release stated it; a withdrawn release without numbers, with status 410."""
    indicator, lang = _known(indicator_id), current_language()
    if indicator.id != indicator_id:
        return redirect(f"/{lang}/f/{indicator.id}/{release_name}/", permanent=True)
    entry, state = find_release(release_name), current_state()
    if indicator.kind == "quoted":
        raise Http404
    if entry.files is None:
        note = versions.withdrawn_note(entry, lang)
        return _show_empty(request, indicator, state, note, status=410)
    view = state.pinned_view(indicator, entry.files)
    if not view.values:
        raise Http404
    composed = presenter.compose_page(view, state, lang, pinned=True)
    if entry.corrected_by:
        composed = replace(composed, notes=(versions.corrected_note(entry, lang), *composed.notes))
    response = _show(request, view, state, composed, pinned=entry.files)
    if entry.corrected_by:
        name_successor(response, f"/{lang}/f/{indicator.id}/{entry.corrected_by.name}/")
    return response


@pages.public
def old_figure(request: HttpRequest, year: int, figure_id: str) -> HttpResponseBase:
    """Redirect the address of a figure of a year's report to its indicator in the release of that year."""
    indicator, lang, state = find_indicator(figure_id), current_language(), current_state()
    if indicator is None:
        return report_views.figure(request, year, figure_id)
    of_year = [release for release in state.releases if release.manifest.period[:4] == str(year)]
    held = [release for release in of_year if state.pinned_view(indicator, release).values]
    if not held:
        raise Http404
    return redirect(f"/{lang}/f/{indicator.id}/{held[0].path.name}/", permanent=True)


@pages.public
def facet(request: HttpRequest, indicator_id: str, code: str) -> HttpResponse:
    """Show one value of an indicator: its number, its state in each release."""
    indicator, lang, state = _known(indicator_id), current_language(), current_state()
    if indicator.kind == "quoted":
        raise Http404
    try:
        view = state.view(indicator)
    except DefinitionsDiffer as problem:
        return _show_empty(request, indicator, state, versions.difference_note(problem, state, lang))
    if code not in {mark for mark, _ in presenter.facets_of(view, lang)}:
        find_numbers(indicator, state)
        raise Http404
    words = read_words(lang)
    shown = compose_facet(view, state, lang, code)
    name = f"{shown.label} – {words['indicator'][indicator.id]['name']}"
    context = {"facet": shown, "indicator": indicator, "theme": words["theme"][indicator.theme]["name"]}
    return show_page(request, "indicator_facet.html", name, state, context)


def _show(
    request: HttpRequest, view: View, state: SiteState, composed: IndicatorPage, *, pinned: ReleaseFiles | None = None
) -> HttpResponse:
    """Return the page of an indicator, with its citation and related cards."""
    lang, words = composed.lang, read_words(composed.lang)
    release = pinned or composed.release
    address = f"/{lang}/f/{composed.indicator.id}/"
    stays = f"{address}{release.path.name}/" if release else address
    context = {
        "page": composed,
        "base": (stays if pinned else address).rstrip("/"),
        "cards": [] if pinned else related_cards(composed.indicator, state, lang),
        "citation": _citation(request, composed, release, stays),
        "pinned_address": stays,
        "pinned": pinned,
        "stated": release,
        "pinned_words": fill(words["page"]["pinned"], {"release": pinned.title.get(lang, "")}) if pinned else "",
        "description": str(composed.finding),
        "next_release": next_date(lang),
    }
    extras = page_extras(request, view, state, lang, pinned.path.name if pinned else "")
    return show_page(request, "indicator.html", composed.name, state, context | extras)


def _citation(request: HttpRequest, composed: IndicatorPage, release: ReleaseFiles | None, address: str) -> str:
    if release is None:
        return ""
    parts = {
        "year": release.created.year,
        "name": composed.name,
        "release": release.title.get(composed.lang, release.path.name),
        "digest": release.digest[:12],
        "address": request.build_absolute_uri(address),
    }
    return fill(read_words(composed.lang)["page"]["citation"], parts)


def _show_quote(request: HttpRequest, indicator: SiteIndicator, state: SiteState, lang: str) -> HttpResponse:
    """Return the page of a quoted figure: the sentence, its source, what to know."""
    words = read_words(lang)
    sentence, source = quote_of(indicator, lang)
    context = {
        "indicator": indicator,
        "finding": sentence,
        "origin": source,
        "text": words["indicator"][indicator.id],
        "theme": words["theme"][indicator.theme]["name"],
        "know": [words["know"][name] for name in indicator.know],
        "unit": words["unit"][indicator.noun],
        "cards": related_cards(indicator, state, lang),
    }
    return show_page(request, "indicator_quote.html", words["indicator"][indicator.id]["name"], state, context)


def _show_empty(
    request: HttpRequest, indicator: SiteIndicator, state: SiteState, note: str, *, status: int = 200
) -> HttpResponse:
    """Return the page of an indicator without any number, and the sentence that says why."""
    lang = current_language()
    words = read_words(lang)
    text, theme = words["indicator"][indicator.id], words["theme"][indicator.theme]["name"]
    context = {"indicator": indicator, "text": text, "theme": theme, "note": note, "hidden": status == 410}
    return show_page(request, "indicator_empty.html", text["name"], state, context, status=status)


def related_cards(indicator: SiteIndicator, state: SiteState, lang: str) -> list[dict[str, object]]:
    """Return the two related figures as cards, each under its heading."""
    words, cards = read_words(lang)["page"], []
    for other in filter(None, map(find_indicator, indicator.related[:2])):
        card = card_of(other, state, lang)
        heading = words["related_estimate" if card.kind == "estimated" else "related"]
        cards.append(vars(card) | {"heading": heading})
    return cards


def card_of(indicator: SiteIndicator, state: SiteState, lang: str, *, picture: bool = True) -> IndicatorCard:
    """Return an indicator as a card; without a picture where no release holds it."""
    if indicator.kind != "quoted":
        try:
            return presenter.compose_card(state.view(indicator), lang, picture=picture)
        except DefinitionsDiffer as problem:
            return presenter.empty_card(indicator, lang, versions.difference_note(problem, state, lang))
    sentence, source = quote_of(indicator, lang)
    return replace(presenter.empty_card(indicator, lang, source), finding=sentence)
