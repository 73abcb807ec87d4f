"""Pages around the indicators: home, themes, places, routes, method, privacy, glossary."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from kerege.core import pages
from kerege.core.admin.law import fact_words
from kerege.publishing.site import home_page, place_pages
from kerege.publishing.site.files.event_views import next_date
from kerege.publishing.site.files.open_answers import base_of
from kerege.publishing.site.indicator_chart import PAGE_NARROW, PAGE_WIDE
from kerege.publishing.site.indicator_page import IndicatorPage
from kerege.publishing.site.indicator_views import card_of, finding_of
from kerege.publishing.site.indicators import THEMES, get_indicator, of_theme
from kerege.publishing.site.site_frame import SharedPage, show_page
from kerege.publishing.site.site_state import current_state
from kerege.publishing.site.site_words import current_language, read_words
from kerege.vocabulary import languages
from kerege.vocabulary.profile import active
from kerege.vocabulary.terms import legal_terms

MOST_CARDS = 6


@pages.public
def home(request: HttpRequest) -> HttpResponse:
    """Show the newest figure, three numbers, the themes, what is new, and three doors."""
    lang, state = current_language(), current_state()
    title = read_words(lang)["frame"]["title"]
    if state.is_empty and not state.faulty:
        return show_page(request, "home_empty.html", title, state)
    context = home_page.compose_home(state, lang) | {"next_release": next_date(lang)}
    lead = context["lead"]
    if isinstance(lead, IndicatorPage) and lead.wide:
        picture = f"{base_of(request)}/{lang}/f/{lead.indicator.id}.png"
        context["shared"] = SharedPage(str(lead.finding), str(lead.scope), picture)
    return show_page(request, "home.html", title, state, context)


@pages.public
def theme(request: HttpRequest, theme_name: str) -> HttpResponse:
    """Show a theme: up to six figures as cards, the others by name."""
    if theme_name not in THEMES:
        raise Http404
    lang, state = current_language(), current_state()
    words, indicators = read_words(lang)["theme"][theme_name], of_theme(theme_name)
    cards = [vars(card_of(indicator, state, lang)) for indicator in indicators[:MOST_CARDS]]
    more = [{"id": item.id, "finding": finding_of(item, state, lang)} for item in indicators[MOST_CARDS:]]
    others = [{"id": name, "name": read_words(lang)["theme"][name]["name"]} for name in THEMES if name != theme_name]
    context = {"theme": words, "cards": cards, "more": more, "others": others}
    return show_page(request, "theme.html", words["name"], state, context)


@pages.public
def places(request: HttpRequest) -> HttpResponse:
    """Show the regions as tiles; numbers only where a release holds a table by region."""
    lang, state = current_language(), current_state()
    tables = [
        {
            "title": shown.title(lang),
            "wide": place_pages.draw_places(shown, lang, PAGE_WIDE),
            "narrow": place_pages.draw_places(shown, lang, PAGE_NARROW),
        }
        for shown in place_pages.tables_by(state, place_pages.COLUMN)
    ]
    context = {"tables": tables, "tiles": place_pages.tiles_of(state, lang)}
    return show_page(request, "places.html", read_words(lang)["places"]["title"], state, context)


@pages.public
def place(request: HttpRequest, region: str) -> HttpResponse:
    """Show one region: the numbers that the releases hold about it, or that there is none."""
    lang, state = current_language(), current_state()
    label = {tile.code: tile.label for tile in place_pages.tiles_of(state, lang)}.get(region)
    if label is None:
        raise Http404
    context = {
        "label": label,
        "numbers": place_pages.numbers_of(state, region, lang),
        "series": place_pages.series_of(state, region, lang),
    }
    return show_page(request, "place.html", label, state, context)


@pages.public
def corridors(request: HttpRequest) -> HttpResponse:
    """Show the figures on routes and countries as cards, the flow map first."""
    lang, state = current_language(), current_state()
    listed = [get_indicator(name) for name in ("corridors", "origin", "destination")]
    cards = [vars(card_of(indicator, state, lang)) for indicator in listed]
    title, intro = read_words(lang)["corridors"]["title"], read_words(lang)["theme"]["routes"]["intro"]
    context = {"theme": {"name": title, "intro": intro}, "cards": cards}
    return show_page(request, "theme.html", title, state, context)


@pages.public
def law(request: HttpRequest) -> HttpResponse:
    """Show the law article by article, with a mark for everything that no lawyer confirmed."""
    profile = active()
    articles = fact_words.list_articles(profile, fact_words.read_facts(profile), frozenset())
    return show_page(request, "law.html", _("The law, article by article"), current_state(), {"articles": articles})


@pages.public
def method(request: HttpRequest) -> HttpResponse:
    """Show how the figures are made and how to check them."""
    lang, state = current_language(), current_state()
    newest = state.releases[0].path.name if state.releases else "annual-2025"
    return show_page(request, "method.html", read_words(lang)["method"]["title"], state, {"newest": newest})


@pages.public
def privacy(request: HttpRequest) -> HttpResponse:
    """Show how people are protected, those in the figures and those who read them."""
    return show_page(request, "privacy.html", read_words(current_language())["privacy"]["title"], current_state())


@pages.public
def glossary(request: HttpRequest) -> HttpResponse:
    """Show the words of the site with their meaning, and the legal terms in every language that has them."""
    lang = current_language()
    terms = [term.labels for term in legal_terms().values()]
    ordered = sorted(terms, key=lambda labels: labels[lang].lower())
    tongues = [(tag, name) for tag, name in languages.choices() if all(tag in labels for labels in terms)]
    context = {"tongues": tongues, "terms": [[(tag, labels[tag]) for tag, _name in tongues] for labels in ordered]}
    return show_page(request, "glossary.html", read_words(lang)["glossary"]["title"], current_state(), context)
