"""Order without ties: a database returns rows that tie in any order, and in another one the next time."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Field, Model, QuerySet

M = TypeVar("M", bound=Model)
T = TypeVar("T")


def in_total_order(rows: QuerySet[M, T]) -> QuerySet[M, T]:
    """Return the rows in their order; rows that tie follow their primary key."""
    default = rows.model._meta.ordering if rows.query.default_ordering else ()  # `order_by()` removes it
    names = rows.query.order_by or default or ()
    fields = [name.removeprefix("-") for name in names if isinstance(name, str)]
    return rows if _unique_names(rows.model).intersection(fields) else rows.order_by(*names, "pk")


def _unique_names(model: type[Model]) -> set[str]:
    """Return the names of fields without equal values; those that can be null may have several nulls."""
    fields = [field for field in model._meta.get_fields() if isinstance(field, Field)]
    return {"pk", *(field.name for field in fields if field.unique and not field.null)}
