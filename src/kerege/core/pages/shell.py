"""Data of the base templates: languages, navigation, actor, hotline."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.home_page import home_path
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.core.pages.public_host import is_public_host
from kerege.vocabulary import languages, profile
from kerege.web import navigation as nav
from kerege.web.quick_exit import exit_address


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return `shell` for the base templates (a context processor)."""
    return {"shell": Shell(request)}


def in_language(path: str, code: str) -> str:
    """Return the same path in another language.

    For a path without language prefix, return that language's front page.

    Only the prefix changes, so this also works for pages that do not exist.
    """
    first, _slash, rest = path.removeprefix("/").partition("/")
    return f"/{code}/{rest}" if first in languages.offered() else f"/{code}/"


def offered_languages(request: HttpRequest) -> tuple[str, ...]:
    """Return the languages in which the pages exist; a static export can leave some out."""
    return tuple(getattr(request, "site_languages", languages.offered()))


class Shell:
    """Lazy data of the page frame: a page without navigation runs no query for it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def languages(self) -> list[dict[str, Any]]:
        """Return the languages of the site, each with the address of the current page."""
        here, path = get_language(), self._request.get_full_path()
        offered = offered_languages(self._request)
        return [
            {"code": code, "name": name, "current": code == here, "url": in_language(path, code)}
            for code, name in languages.choices()  # readers find theirs by its own name on any page
            if code in offered
        ]

    @property
    def is_public_host(self) -> bool:
        """Return whether the page is on the host of the public site, where nobody signs in."""
        return is_public_host(self._request)

    @property
    def actor(self) -> Actor:
        """Return the actor of the request."""
        return actor_of(self._request)

    @cached_property
    def agencies(self) -> list[Agency]:
        """Return the agencies in which the user may act."""
        return list(Agency.objects.filter(active=True, assignments__user=self.actor.user_id).distinct())

    @property
    def agency(self) -> Agency | None:
        """Return the agency in which the user acts now."""
        return next((agency for agency in self.agencies if agency.pk == self.actor.agency_id), None)

    @cached_property
    def nav(self) -> list[nav.NavLink]:
        """Return the menu items that the user's roles allow."""
        match = self._request.resolver_match
        return nav.links(self.actor.roles, match.view_name if match else "", self._request.path)

    @property
    def menu(self) -> dict[str, Any]:
        """Return the menu items of the first row, those under "More", and whether one under "More" is marked."""
        row, more = nav.in_a_row(self.nav)
        return {"row": row, "more": more, "marked": any(link.active or link.current for link in more)}

    @property
    def home(self) -> str:
        """Return the path of the home page of a signed-in user, in the language of this page."""
        return home_path()

    @property
    def hotline(self) -> str:
        """Return the hotline number from the country profile."""
        return str(profile.active().hotline.number)

    @property
    def hotline_hours(self) -> str:
        """Return what the country profile states of the hours and the price of the hotline."""
        return profile.active().hotline.hours.in_language(get_language() or languages.default())

    @property
    def is_hotline_confirmed(self) -> bool:
        """Return whether a lawyer has confirmed the hotline number."""
        return profile.active().hotline.confirmed

    @property
    def further_phones(self) -> list[tuple[str, str, bool]]:
        """Return name, number and confirmation of the further telephone numbers of the country profile."""
        lang = get_language() or languages.default()
        phones = profile.active().phones
        return [(phone.name.in_language(lang), phone.number, phone.confirmed) for phone in phones]

    @property
    def exit_url(self) -> str:
        """Return the address of a harmless page in the user's language, for users who must leave at once."""
        return exit_address(get_language() or "en")
