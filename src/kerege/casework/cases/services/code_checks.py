"""Checks of coded values against their code lists before a row is stored."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import models

from kerege.casework.vault.crypto import source_ids
from kerege.core import audit

SPECIFIC_STATES = {"unknown", "not_asked", "refused", "no"}


def check_codes(row: models.Model) -> None:
    """Raise ValidationError when a coded field of an unsaved row holds a value outside its code list."""
    for name, column, valid in list_coded_columns(type(row)):
        value = getattr(row, name)
        if not value and column.blank:
            continue  # an empty value means "not reported", which a blank field permits
        key = tuple(value) if isinstance(value, list) else value
        if key not in valid:
            column.validate(value, row)
            valid.add(key)


@cache
def list_coded_columns(model: type[models.Model]) -> list[tuple[str, Any, set[Any]]]:
    """Return each coded column of a model: its name, the field, and a cache of valid values.

    Code lists do not change while the process runs, so a value is validated once.
    """
    return [(field.attname, field, set()) for field in model._meta.concrete_fields if getattr(field, "list_name", None)]


def digest(row: models.Model) -> str:
    """Return a keyed digest of a stored row, for the audit event of a batch."""
    names, values_of = read_columns(type(row))
    return audit.digest(dict(zip(names, map(str, values_of(row)), strict=True)))


@cache
def read_columns(model: type[models.Model]) -> tuple[list[str], Callable[[models.Model], tuple[Any, ...]]]:
    """Return the column names of a model, without those that a key rotation renews, and a getter."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname not in source_ids.COLUMNS]
    return names, attrgetter(*names)
