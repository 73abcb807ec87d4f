"""What every page's frame needs: languages, navigation, the actor, the hotline."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch
from django.utils.translation import get_language

from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.vocabulary import profile
from kerege.web import navigation as nav

# Each language in its own words, so that a reader finds hers whatever page she landed on.
LANGUAGES = (("kk", "Қазақша"), ("ru", "Русский"), ("en", "English"))


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` for the base templates."""
    return {"shell": Shell(request)}


def in_language(path: str, code: str) -> str:
    """The same address in another language; where an address has none, that language's front page.

    Every address carries its language in front, so this holds for pages that no longer exist too.
    """
    first, _slash, rest = path.removeprefix("/").partition("/")
    return f"/{code}/{rest}" if first in dict(LANGUAGES) else f"/{code}/"


class Shell:
    """Read lazily: a page that shows no navigation asks for none."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def languages(self) -> list[dict[str, Any]]:
        """The three languages, each with the address of this same page."""
        here, path = get_language(), self._request.get_full_path()
        return [
            {"code": code, "name": name, "current": code == here, "url": in_language(path, code)}
            for code, name in LANGUAGES
        ]

    @property
    def actor(self) -> Actor:
        """Who is signed in."""
        return actor_of(self._request)

    @cached_property
    def agencies(self) -> list[Agency]:
        """The agencies in which she may act."""
        return list(Agency.objects.filter(active=True, assignments__user=self.actor.user_id).distinct())

    @property
    def agency(self) -> Agency | None:
        """The agency in which she acts now."""
        return next((agency for agency in self.agencies if agency.pk == self.actor.agency_id), None)

    @cached_property
    def nav(self) -> list[nav.NavLink]:
        """The places her roles allow."""
        match = self._request.resolver_match
        return nav.links(self.actor.roles, match.view_name if match else "", self._request.path)

    @property
    def menu(self) -> dict[str, Any]:
        """The places in one line, those under *More*, and whether one of these is marked."""
        row, more = nav.in_a_row(self.nav)
        return {"row": row, "more": more, "marked": any(link.active or link.current for link in more)}

    @property
    def home(self) -> str:
        """Where a signed-in user starts."""
        try:
            return resolve_url(settings.LOGIN_REDIRECT_URL)
        except NoReverseMatch:
            return "/"

    @property
    def hotline(self) -> str:
        """The number of the hotline, from the country profile."""
        return str(profile.active().hotline.number)

    @property
    def exit_url(self) -> str:
        """A harmless page for whoever must leave at once."""
        return str(getattr(settings, "QUICK_EXIT_URL", "https://kk.wikipedia.org/"))
