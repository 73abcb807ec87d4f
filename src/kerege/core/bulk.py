"""Inserting very many rows: one prepared statement, a plan for each column, no work a row that can be spared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import connection, models

Prepare = Callable[[Any], Any] | None
# values that every driver takes as they are
PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.BinaryField)


def insert(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model. Like `bulk_create`, without signals; automatic keys are not read back."""
    if not rows:
        return
    meta = type(rows[0])._meta
    columns = [field for field in meta.local_concrete_fields if not isinstance(field, models.AutoField)]
    ways = [(field.attname, prepare(field)) for field in columns]
    insert_values(
        type(rows[0]),
        [field.attname for field in columns],
        [[way(getattr(row, name)) if way else getattr(row, name) for name, way in ways] for row in rows],
    )
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def insert_values(model: type[models.Model], names: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
    """Insert rows whose values are ready for the database, by the attribute names of the columns."""
    by_name = {field.attname: str(field.column) for field in model._meta.local_concrete_fields}
    quote = connection.ops.quote_name
    into = ", ".join(quote(by_name[name]) for name in names)
    marks = ", ".join(["%s"] * len(names))
    # names come from the model, values are bound
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({into}) VALUES ({marks})"  # noqa: S608  # nosec B608
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def prepare(field: models.Field[Any, Any]) -> Prepare:
    """How values of a column are made ready; None where nothing is to be done."""
    target = field
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    if isinstance(target, models.UUIDField):
        return None if connection.features.has_native_uuid_field else hexadecimal
    if isinstance(target, PLAIN):
        return None
    way = partial(field.get_db_prep_save, connection=connection)
    if isinstance(target, models.JSONField):
        return remembering(way, key=json_key)
    return remembering(way) if isinstance(target, models.DateField) else way


def hexadecimal(value: Any) -> str | None:
    """A UUID as SQLite keeps it."""
    return None if value is None else value.hex


def json_key(value: Any) -> Any:
    """What short lists and objects of texts are told apart by; None for JSON that is not worth remembering."""
    if not isinstance(value, list | dict) or len(value) > 4:
        return None
    parts = value.values() if isinstance(value, dict) else value
    if not all(isinstance(part, str) for part in parts):
        return None
    return ("{}", *value.items()) if isinstance(value, dict) else tuple(value)


def remembering(way: Callable[[Any], Any], key: Callable[[Any], Any] = lambda value: value) -> Callable[[Any], Any]:
    """The same day, moment or short list is converted once."""
    known: dict[Any, Any] = {}

    def remembered(value: Any) -> Any:
        name = key(value)
        if name is None:
            return way(value)
        if name not in known:
            known[name] = way(value)
        return known[name]

    return remembered
