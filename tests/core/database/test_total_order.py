"""Rows that tie follow their primary key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kerege.core.accounts.models import Agency
from kerege.core.database.total_order import in_total_order

KINDS = ("crisis_centre", "ngo")


@pytest.mark.django_db
def test_rows_that_tie_follow_their_primary_key(make_agency: Callable[..., Any]) -> None:
    made = [make_agency(f"{kind}-{number}", kind) for number in range(9) for kind in KINDS]
    by_key = sorted(made, key=lambda row: row.pk)
    rows = Agency.objects.filter(pk__in=[row.pk for row in made])
    for order, kinds in (("kind", KINDS), ("-kind", KINDS[::-1])):
        expected = [row for kind in kinds for row in by_key if row.kind == kind]
        assert list(in_total_order(rows.order_by(order))) == expected


def test_an_order_by_a_unique_column_stays_as_it_is() -> None:
    for order in (["kind", "code"], ["-code"], ["kind", "pk"]):
        rows = Agency.objects.order_by(*order)
        assert in_total_order(rows) is rows


def test_rows_without_an_order_follow_their_primary_key() -> None:
    assert in_total_order(Agency.objects.order_by()).query.order_by == ("pk",)
