"""Coded values are checked against their lists before a row is stored."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import models

from kerege.core import audit

SPECIFIC_STATES = {"unknown", "not_asked", "refused", "no"}


def check_codes(row: models.Model) -> None:
    """Raise ValidationError when a coded field of an unsaved row holds something that its list does not know."""
    for name, column, known in coded_columns(type(row)):
        value = getattr(row, name)
        if not value and column.blank:
            continue  # nothing reported is nothing to check
        key = tuple(value) if isinstance(value, list) else value
        if key not in known:
            column.validate(value, row)
            known.add(key)


@cache
def coded_columns(model: type[models.Model]) -> list[tuple[str, Any, set[Any]]]:
    """The coded columns of a model, each with the values that were found good: lists of codes do not change."""
    return [(f.attname, f, set()) for f in model._meta.concrete_fields if getattr(f, "list_name", None)]


def digest(row: models.Model) -> str:
    """Keyed digest of a stored row's coded values, for the audit of a batch."""
    names, values_of = stored_names(type(row))
    return audit.digest(dict(zip(names, map(str, values_of(row)), strict=True)))


@cache
def stored_names(model: type[models.Model]) -> tuple[list[str], Callable[[models.Model], tuple[Any, ...]]]:
    """The names of a model's columns, and what gives their values."""
    names = [field.attname for field in model._meta.concrete_fields]
    return names, attrgetter(*names)
