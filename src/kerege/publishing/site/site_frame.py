"""Frame of every page of the public site: title, menu, languages, notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kerege.core.pages.shell import in_language, offered_languages
from kerege.publishing.site.publisher import SitePublisher, get_publisher
from kerege.publishing.site.site_state import SiteState
from kerege.publishing.site.site_words import current_language, read_words
from kerege.publishing.storage.release_files import ReleaseFiles

NOTHING: Mapping[str, object] = MappingProxyType({})
AGE = "max-age=300, must-revalidate"  # seconds: a withdrawn number is gone after them


@dataclass(frozen=True)
class MenuLink:
    """Link of the main menu."""

    address: str
    words: str
    current: bool


@dataclass(frozen=True)
class Alternate:
    """Same page in another language."""

    code: str
    url: str


@dataclass(frozen=True)
class SharedPage:
    """Words and picture that another site shows beside a link to a page; the picture is 1200 px wide."""

    title: str
    description: str
    picture: str = ""


@dataclass(frozen=True)
class SiteFrame:
    """Data of the frame."""

    lang: str
    title: str
    menu: tuple[MenuLink, ...]
    alternates: tuple[Alternate, ...]
    canonical: str
    invented: bool
    report: str
    publisher: SitePublisher
    printed: str
    description: str = ""
    hidden: bool = False


def menu_of(lang: str, path: str, state: SiteState | None) -> tuple[MenuLink, ...]:
    """Return the main menu; the report is that of the newest year."""
    words = read_words(lang)["frame"]
    parts = {"figures": "f/", "places": "p/", "report": report_path(state), "method": "method/", "data": "data/"}
    here = path.removeprefix(f"/{lang}/")
    return tuple(
        MenuLink(f"/{lang}/{address}", words[name], here.startswith(address.split("/")[0] + "/"))
        for name, address in parts.items()
    )


def report_path(state: SiteState | None) -> str:
    """Return the address of the report of the newest year under the language."""
    periods = [release.manifest.period for release in state.releases] if state else []
    periods += [release.period for release in state.faulty] if state else []
    years = [period[:4] for period in periods if period[:4].isdigit()]
    return f"report/{max(years)}/" if years else "report/"


def _printed(stated: object, state: SiteState | None) -> str:
    """Return name and hash of the release that a page states, else of the newest one."""
    release = stated if isinstance(stated, ReleaseFiles) else next(iter(state.releases), None) if state else None
    return f"{release.path.name}, sha256:{release.digest}" if release else ""


def show_page(
    request: HttpRequest,
    template: str,
    title: str,
    state: SiteState | None,
    context: Mapping[str, object] = NOTHING,
    *,
    status: int = 200,
) -> HttpResponse:
    """Return a page of the public site in its frame.

    `description`, `shared` and `hidden` of the context are for the head of the page, `stated` is the release in its
    printed foot.
    """
    lang = current_language()
    frame = SiteFrame(
        lang=lang,
        title=title,
        menu=menu_of(lang, request.path, state),
        alternates=tuple(
            Alternate(code, request.build_absolute_uri(in_language(request.path, code)))
            for code in offered_languages(request)
        ),
        canonical=request.build_absolute_uri(request.path),
        invented=bool(state and state.invented),
        report=f"/{lang}/{report_path(state)}",
        publisher=get_publisher(lang),
        printed=_printed(context.get("stated"), state),
        description=str(context.get("description", "")),
        hidden=bool(context.get("hidden")),
    )
    words = read_words(lang) | {"lang": lang}
    response = render(request, f"publishing/{template}", {"frame": frame, "w": words, **context}, status=status)
    response.headers.setdefault("Cache-Control", AGE)
    return response
