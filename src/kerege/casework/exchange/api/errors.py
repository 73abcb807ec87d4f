"""Errors of the API as JSON; values that the caller sent are not repeated."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any

from django.core.exceptions import ValidationError as DjangoInvalid
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled
from ninja.errors import ValidationError as Invalid

from kerege.base.errors import BadInput
from kerege.casework.exchange.api.cursors import WrongCursor
from kerege.core import audit
from kerege.core.accounts import attempts, refusals
from kerege.core.accounts.actors import NOBODY, actor_of
from kerege.core.authorization import Denied


class Wrong(Schema):
    """Fault of a request: description, place and remedy."""

    what: str
    todo: str = ""
    row: int | None = None
    column: str = ""


class Problem(Schema):
    """Error response: the reason why a request failed."""

    title: str
    faults: list[Wrong] = []


def count_refused_input(request: HttpRequest, fault: str = "") -> None:
    """Count a request body that the API description does not allow; record a fault that shows a forgery.

    A stranger's request leaves no event. Raises TooManyAttempts after many in a row, before the event: the log does not
    grow while the system waits.
    """
    actor = actor_of(request)
    if actor == NOBODY:
        return
    refusals.count(actor)
    if fault:
        audit.refuse_input(actor, "systems.refused_input", "", {"body": fault})


def install(api: NinjaAPI) -> None:
    """Register the handlers that answer every error in one format."""

    def problem(request: HttpRequest, status: int, title: str, faults: Iterable[dict[str, Any]] = ()) -> HttpResponse:
        return api.create_response(request, {"title": title, "faults": list(faults)}, status=status)

    @api.exception_handler(attempts.TooManyAttempts)
    def wait(request: HttpRequest, error: attempts.TooManyAttempts) -> HttpResponse:
        response = problem(request, 429, _("Too many requests: wait a little."))
        response.headers["Retry-After"] = str(error.seconds)
        return response

    @api.exception_handler(Denied)
    def denied(request: HttpRequest, error: Denied) -> HttpResponse:
        audit.refuse(actor_of(request), error)
        try:
            refusals.count(actor_of(request))
        except attempts.TooManyAttempts as refusal:
            return wait(request, refusal)
        if error.hidden:
            return problem(request, 404, _("There is no such record."))
        return problem(request, 403, _("This token may not do that."))

    @api.exception_handler(BadInput)
    def bad(request: HttpRequest, error: BadInput) -> HttpResponse:
        faults = [
            {"what": _(fault.what), "todo": _(fault.todo), "row": fault.row, "column": fault.column}
            for fault in error.faults
        ]
        return problem(request, 422, _("Nothing was done."), faults)

    @api.exception_handler(WrongCursor)
    def wrong_cursor(request: HttpRequest, error: WrongCursor) -> HttpResponse:
        fault = {
            "what": _("this cursor belongs to another list, token or filter, or it was changed"),
            "todo": _("begin again without a cursor"),
            "column": "cursor",
        }
        return problem(request, 400, _("Nothing was done."), [fault])

    @api.exception_handler(Invalid)
    def invalid(request: HttpRequest, error: Invalid) -> HttpResponse:
        faults = [
            {"what": str(one.get("msg", "")), "column": ".".join(map(str, one.get("loc", ())))} for one in error.errors
        ]
        is_undeclared = any(one.get("type") == "extra_forbidden" for one in error.errors)
        if is_undeclared:
            try:
                count_refused_input(request, "undeclared field")
            except attempts.TooManyAttempts as refusal:
                return wait(request, refusal)
        return problem(request, 400 if is_undeclared else 422, _("Nothing was done."), faults)

    @api.exception_handler(DjangoInvalid)
    def unknown_code(request: HttpRequest, error: DjangoInvalid) -> HttpResponse:
        return problem(request, 422, _("Nothing was done."), [{"what": message} for message in error.messages])

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(request, 404, _("There is no such record."))

    @api.exception_handler(AuthenticationError)
    def stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return problem(request, 401, _("A valid token is needed."))

    @api.exception_handler(Throttled)
    def too_many(request: HttpRequest, error: Throttled) -> HttpResponse:
        response = problem(request, 429, _("Too many requests: wait a little."))
        response.headers["Retry-After"] = str(max(1, ceil(error.wait or 1)))
        return response

    @api.exception_handler(HttpError)
    def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
        try:
            count_refused_input(request)
        except attempts.TooManyAttempts as refusal:
            return wait(request, refusal)
        return problem(request, error.status_code, _("This request cannot be read."))
