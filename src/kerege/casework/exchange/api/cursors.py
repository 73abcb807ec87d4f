"""Pages of a list by cursor: the encrypted place after a page, for one token and one query.

A cursor holds the values by which the list is sorted, not a number of rows: a row that is added while a system pages
neither repeats nor hides another one. Only this server can read or write a cursor.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, TypeVar, cast
from urllib.parse import urlencode

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ValidationError
from django.db.models import Field as Column
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Schema
from pydantic import Field

from kerege.base.errors import Refused
from kerege.casework.exchange.api.authentication import token_of
from kerege.casework.vault.crypto import envelope
from kerege.core.security.keyring import keyring

NEXT_CURSOR = "Kerege-Next-Cursor"
MOST = 200  # rows of one answer
LONGEST = 600  # characters of a cursor
M = TypeVar("M", bound=Model)


class WrongCursor(ValueError):
    """Error: the cursor was changed, or belongs to another token, list or query."""


class PageIn(Schema):
    """Query parameters of a page of a list: `limit` and `cursor`."""

    limit: Annotated[int | None, Field(ge=1, le=MOST, description="Most rows of the answer")] = None
    cursor: Annotated[
        str, Field(max_length=LONGEST, description=f"Value of the header {NEXT_CURSOR} of the page before")
    ] = ""


def take_page(
    request: HttpRequest,
    response: HttpResponse,
    rows: QuerySet[M],
    order: Sequence[str],
    page: PageIn,
    *,
    unless_named: int = MOST,
) -> list[M]:
    """Return the rows of one page; name the cursor of the next page in a header of the response.

    `order` holds names of fields as in `order_by`; together they are unique. A page has `unless_named` rows when the
    request names no limit. Raises WrongCursor.
    """
    size = page.limit or unless_named
    if page.cursor:
        rows = rows.filter(rows_after(rows.model, order, read_cursor(request, page.cursor, order)))
    taken = list(rows.order_by(*order)[: size + 1])
    if len(taken) > size:
        response.headers[NEXT_CURSOR] = write_cursor(request, place_of(taken[size - 1], order), order)
    return taken[:size]


def rows_after(model: type[Model], order: Sequence[str], place: Sequence[str]) -> Q:
    """Return the condition of the rows that follow a place in an order.

    Raises WrongCursor for values of another order.
    """
    condition, equal = Q(pk__in=[]), Q()
    for name, text in zip(order, place, strict=True):
        field = _field(model, name)
        try:
            value = field.to_python(text)
        except ValidationError:
            raise WrongCursor from None
        condition |= equal & Q(**{f"{field.name}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{field.name: value})
    return condition


def place_of(row: Model, order: Sequence[str]) -> list[str]:
    """Return the values of a row by which a list is sorted."""
    return [_field(type(row), name).value_to_string(row) for name in order]


def _field(model: type[Model], name: str) -> Column[object, object]:
    """Return the field of a name as in `order_by`."""
    return cast(Column[object, object], model._meta.get_field(name.removeprefix("-")))


def write_cursor(request: HttpRequest, place: list[str], order: Sequence[str]) -> str:
    """Encrypt a place in an order for the token and the query of a request."""
    sealed = envelope.seal(_key(keyring().current("django")[1]), json.dumps(place).encode(), _bound_to(request, order))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read_cursor(request: HttpRequest, cursor: str, order: Sequence[str]) -> list[str]:
    """Return the values of a place that `write_cursor` encrypted.

    Raises WrongCursor for any other text, and for a place in another order, such as one of an older version.
    """
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise WrongCursor from None
    for key_id in reversed(keyring().ids("django")):
        try:
            opened = envelope.unseal(_key(keyring().get("django", key_id)), sealed, _bound_to(request, order))
        except (Refused, ValueError):
            continue
        place: list[str] = json.loads(opened)
        if len(place) == len(order):
            return place
    raise WrongCursor


def _bound_to(request: HttpRequest, order: Sequence[str]) -> str:
    """Return the token, the order, the address and the query of a request, without `limit` and `cursor`."""
    token = token_of(request)
    query = sorted((name, value) for name, values in request.GET.lists() for value in values)
    kept = urlencode([pair for pair in query if pair[0] not in PageIn.model_fields])
    return f"api cursor:{token.pk}:{','.join(order)}:{request.path}?{kept}"


@lru_cache
def _key(secret: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, b"api cursor").derive(secret)
