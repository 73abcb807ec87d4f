"""Routes of the API and its settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja.openapi.docs import Redoc
from ninja.throttling import AuthRateThrottle

from kerege import __version__
from kerege.casework.exchange.api import directory, errors, events, records, referrals, signals
from kerege.casework.exchange.api.description import DescribedAPI
from kerege.casework.exchange.api.json_parser import StrictParser
from kerege.core import pages

DESCRIPTION = (
    "For systems of the agencies that take part. Every request carries a token; a request that changes something "
    "carries an Idempotency-Key. A list comes in pages: the header Kerege-Next-Cursor is the cursor of the next page. "
    "Coded values are those of the code lists of the documentation."
)


class TokenThrottle(AuthRateThrottle):
    """Rate limit for each token, counted by the token's id."""

    def get_cache_key(self, request: Any) -> str:
        return f"api:{request.auth.pk}" if getattr(request, "auth", None) else "api:nobody"


# no documentation page: it would load scripts from other servers
api = DescribedAPI(
    title="Kerege",
    version=__version__,
    description=DESCRIPTION,
    urls_namespace="api",
    docs=Redoc(),
    docs_url=None,
    openapi_extra={"webhooks": events.describe_webhooks()},
    throttle=[TokenThrottle("600/m")],
    parser=StrictParser(),
)
errors.install(api)
api.add_router("/agencies", directory.router)
api.add_router("/signals", signals.router)
api.add_router("/referrals", referrals.router)
api.add_router("/records", records.router)


def _addresses() -> tuple[list[URLPattern], str, str]:
    patterns, app, namespace = api.urls
    url_patterns = [pattern for pattern in patterns if isinstance(pattern, URLPattern)]
    for pattern in url_patterns:
        # every other operation requires a token; its declaration names the scope
        open_to_all = pattern.name in {"api-root", "openapi-json"}
        pattern.callback = json_only(pattern.callback)
        pattern.callback.access_action = "public" if open_to_all else "token"  # type: ignore[attr-defined]
    return url_patterns, app, namespace


def json_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Wrap a view so that it answers a wrong method in the format of every other error."""

    @csrf_exempt  # the token is not a cookie: another site cannot send it
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        if isinstance(answer, HttpResponseNotAllowed):
            body = {"title": _("This address does not take that method."), "faults": []}
            return JsonResponse(body, status=405, headers={"Allow": answer.headers["Allow"]})
        return answer

    return wrapped


@pages.public
@csrf_exempt
def nowhere(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer 404 for every unknown address of the API."""
    return JsonResponse({"title": _("There is no such address."), "faults": []}, status=404)


addresses = _addresses()
