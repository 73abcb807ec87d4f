"""Page for a person who was trafficked: no figure, no font, nothing that a cache gives away."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from kerege.core import pages
from kerege.core.pages.shell import offered_languages
from kerege.publishing.site.site_words import current_language, fill
from kerege.vocabulary import languages, profile


@pages.public
def help_page(request: HttpRequest, code: str = "") -> HttpResponse:
    """Show the text of a language: that of the address, or another one of the country profile."""
    country = profile.active()
    if code in languages.offered():
        return HttpResponseRedirect(f"/{code}/help/")
    language = code or current_language()
    if code and language not in country.help_page:
        raise Http404
    text = languages.text_in(country.help_page, language)
    numbers = {"number": country.hotline.number, "emergency": country.emergency.number}
    context = {
        "code": language,
        "is_of_site": language in languages.offered(),
        "text": text,
        "call": fill(text.call, numbers),
        "danger": fill(text.danger, numbers),
        "phones": numbers
        | {"confirmed": country.hotline.confirmed, "emergency_confirmed": country.emergency.confirmed},
        "languages": [
            {"code": other, "name": entry.name, "url": _address(other)}
            for other, entry in country.help_page.items()
            if other not in languages.offered() or other in offered_languages(request)
        ],
    }
    response = render(request, "publishing/help.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _address(code: str) -> str:
    """Return the address of a language: its own one, or one under the language of the page."""
    return f"/{code}/help/" if code in languages.offered() else reverse("public:help-in-language", args=[code])
