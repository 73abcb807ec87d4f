"""Answers about numbers that a signature or a definition forbids to show: one sentence, status 503."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kerege.publishing.site.indicator_versions import difference_note, faulty_note, map_notes
from kerege.publishing.site.indicators import SiteIndicator
from kerege.publishing.site.series import DefinitionsDiffer, View
from kerege.publishing.site.site_frame import show_page
from kerege.publishing.site.site_state import SiteState, current_state
from kerege.publishing.site.site_words import current_language, read_words

STATUS = 503  # the numbers come back when the releases are restored


class NumbersMissing(Exception):
    """Error: the numbers of an address are not shown. Its text is the sentence for the reader."""


def require_whole(name: str) -> None:
    """Raise NumbersMissing for a public release that does not pass verification."""
    if name in {release.name for release in current_state().faulty}:
        raise NumbersMissing(faulty_note(name, current_language()))


def require_whole_year(year: int) -> None:
    """Raise NumbersMissing if a release that may belong to a year does not pass verification."""
    for release in current_state().faulty:
        if not release.period or release.period[:4] == str(year):
            raise NumbersMissing(faulty_note(release.name, current_language()))


def find_numbers(indicator: SiteIndicator, state: SiteState) -> View | None:
    """Return the newest state of an indicator, None where no release holds it.

    Raises NumbersMissing where releases hold it and its numbers cannot be shown.
    """
    lang = current_language()
    try:
        view = state.view(indicator)
    except DefinitionsDiffer as problem:
        raise NumbersMissing(difference_note(problem, state, lang)) from problem
    if not view.values and any(notice.kind == "faulty" for notice in view.notices):
        raise NumbersMissing(map_notes(view, state, lang)[0])
    return view if view.values else None


def missing_text(error: NumbersMissing) -> HttpResponse:
    """Return the sentence of an error as plain text."""
    return HttpResponse(f"{error}\n", content_type="text/plain; charset=utf-8", status=STATUS)


class ExplainMissingNumbers:
    """Middleware that answers NumbersMissing with its sentence: a page, or text for a file."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response of the view."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the sentence of an error of missing numbers; None for another error."""
        if not isinstance(error, NumbersMissing):
            return None
        if not request.path.endswith("/"):
            return missing_text(error)
        title = read_words(current_language())["frame"]["title"]
        context = {"note": str(error), "hidden": True}
        return show_page(request, "numbers_missing.html", title, current_state(), context, status=STATUS)
