"""The interface put together."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.openapi.docs import Redoc
from ninja.throttling import AuthRateThrottle

from kerege import __version__
from kerege.casework.exchange.api import directory, errors, records, referrals, signals

DESCRIPTION = (
    "For systems of the agencies that take part. Every request carries a token; a request that changes something "
    "carries an Idempotency-Key. Coded values are those of the code lists of the documentation."
)


class Callers(AuthRateThrottle):
    """As many requests a token; counted by its id, never by what it sends."""

    def get_cache_key(self, request: Any) -> str:
        return f"api:{request.auth.pk}" if getattr(request, "auth", None) else "api:nobody"


# the page that draws the description would load scripts from elsewhere: there is none
api = NinjaAPI(
    title="Kerege",
    version=__version__,
    description=DESCRIPTION,
    urls_namespace="api",
    docs=Redoc(),
    docs_url=None,
    throttle=[Callers("600/m")],
)
errors.install(api)
api.add_router("/agencies", directory.router)
api.add_router("/signals", signals.router)
api.add_router("/referrals", referrals.router)
api.add_router("/records", records.router)


def _addresses() -> tuple[list[URLPattern], str, str]:
    patterns, app, namespace = api.urls
    found = [pattern for pattern in patterns if isinstance(pattern, URLPattern)]
    for pattern in found:
        # a token is asked for by every operation; which scope, its own declaration says
        open_to_all = pattern.name in {"api-root", "openapi-json"}
        pattern.callback.access_action = "public" if open_to_all else "token"  # type: ignore[attr-defined]
    return found, app, namespace


addresses = _addresses()
