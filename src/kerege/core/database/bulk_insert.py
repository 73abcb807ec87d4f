"""Inserting very many rows: cheap objects, one prepared statement, a plan for each column, nothing done twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import chain
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)
Prepare = Callable[[Any], Any] | None
# rows of one statement
AT_ONCE = 500
# values that every driver takes as they are
PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.BinaryField)


def new(model: type[M], **values: Any) -> M:
    """An unsaved row as the model's class would make it, several times faster: no signals, no check of the names."""
    plain, made, relations = defaults(model)
    row = model.__new__(model)
    row._state = ModelState()
    row.__dict__.update(plain)
    for name, make in made:
        if name not in values:
            row.__dict__[name] = make()
    for name, value in values.items():
        if name in relations:
            row._state.fields_cache[name] = value
            row.__dict__[relations[name]] = None if value is None else value.pk
        else:
            row.__dict__[name] = value
    return row


@cache
def defaults(model: type[models.Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]], dict[str, str]]:
    """What a new row of a model starts with: fixed values, values made for each row, and the columns of relations."""
    fields = model._meta.concrete_fields
    made = [(field.attname, field.default) for field in fields if field.has_default() and callable(field.default)]
    fixed = {field.attname: field.get_default() for field in fields}
    return fixed, made, {field.name: field.attname for field in fields if field.is_relation}


def insert(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model. Like `bulk_create`, without signals; automatic keys are not read back."""
    if not rows:
        return
    fields = [field for field in rows[0]._meta.local_concrete_fields if not isinstance(field, models.AutoField)]
    names = [field.attname for field in fields]
    columns = zip(*map(attrgetter(*names), rows), strict=True)
    ways = map(prepare, fields)
    ready = [map(way, column) if way else column for way, column in zip(ways, columns, strict=True)]
    insert_values(type(rows[0]), names, list(zip(*ready, strict=True)))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def insert_values(model: type[models.Model], names: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
    """Insert rows whose values are ready for the database, by the attribute names of the columns."""
    by_name = {field.attname: str(field.column) for field in model._meta.local_concrete_fields}
    quote = connection.ops.quote_name
    into = ", ".join(quote(by_name[name]) for name in names)
    marks = f"({', '.join(['%s'] * len(names))})"
    # names come from the model, values are bound
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({into}) VALUES "  # noqa: S608  # nosec B608
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(statement + marks, values)
            return
        # PostgreSQL plans every statement anew, and the wall with it
        for first in range(0, len(values), AT_ONCE):
            part = values[first : first + AT_ONCE]
            cursor.execute(statement + ", ".join([marks] * len(part)), list(chain.from_iterable(part)))


def analyse() -> None:
    """Let the database count again: after very many new rows it would choose the wrong indexes.

    PostgreSQL also notes which pages everybody may see, without which an index sends it to the table for each row.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA analysis_limit = 1000")
        whole = connection.vendor == "postgresql" and not connection.in_atomic_block
        cursor.execute("VACUUM (ANALYZE)" if whole else "ANALYZE")


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
        return remembering_json(way)
    return Memory(way).__getitem__ if isinstance(target, models.DateField) else way


def hexadecimal(value: Any) -> str | None:
    """A UUID as SQLite keeps it."""
    return None if value is None else value.hex


class Memory(dict[Any, Any]):
    """The same day or moment is converted once."""

    def __init__(self, way: Callable[[Any], Any]) -> None:
        super().__init__()
        self.way = way

    def __missing__(self, value: Any) -> Any:
        self[value] = ready = self.way(value)
        return ready


def remembering_json(way: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same short list or object of texts is converted once."""
    known: dict[Any, Any] = {}

    def remembered(value: Any) -> Any:
        name = json_key(value)
        if name is None:
            return way(value)
        if name not in known:
            known[name] = way(value)
        return known[name]

    return remembered


def json_key(value: Any) -> Any:
    """What short lists and objects of texts are told apart by; None for JSON that is not worth remembering."""
    if value == []:
        return ()
    if not isinstance(value, list | dict) or len(value) > 4:
        return None
    parts = value.values() if isinstance(value, dict) else value
    if not all(isinstance(part, str) for part in parts):
        return None
    return ("{}", *value.items()) if isinstance(value, dict) else tuple(value)
