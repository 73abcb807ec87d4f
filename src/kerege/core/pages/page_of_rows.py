"""One page of a long list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.core.paginator import Page, Paginator  # noqa: TID251  the one place that makes pages
from django.db.models import Model, QuerySet

from kerege.core.database.total_order import in_total_order

M = TypeVar("M", bound=Model)
T = TypeVar("T")


def get_page_of_rows(rows: QuerySet[M, T] | Sequence[T], size: int, number: str | None) -> Page[T]:
    """Return the page with a number; the last page if no page has it, the first one if it is no number.

    Rows that tie are in the same order on every page: else a row could show on two pages, and another one on none.
    """
    ordered = in_total_order(rows) if isinstance(rows, QuerySet) else rows
    return Paginator(ordered, size).get_page(number)
