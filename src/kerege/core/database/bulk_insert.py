"""Fast inserts of many rows.

Model instances have no signals, statements are few, and each column has one value converter.
"""

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
# fields whose values need no conversion on any database
PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.BinaryField)


def new(model: type[M], **values: Any) -> M:
    """Return an unsaved model instance, faster than the constructor.

    It sends no signals and does not check the field names.
    """
    plain, functions, relations = defaults(model)
    row = model.__new__(model)
    row._state = ModelState()
    row.__dict__.update(plain)
    for name, make in functions:
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
    """Return a model's default values, its default functions by column, and the columns of its relations."""
    fields = model._meta.concrete_fields
    functions = [(field.attname, field.default) for field in fields if field.has_default() and callable(field.default)]
    fixed = {field.attname: field.get_default() for field in fields}
    return fixed, functions, {field.name: field.attname for field in fields if field.is_relation}


def insert(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model, like `bulk_create`; automatic keys are not read back."""
    if not rows:
        return
    fields = [field for field in rows[0]._meta.local_concrete_fields if not isinstance(field, models.AutoField)]
    names = [field.attname for field in fields]
    columns = zip(*map(attrgetter(*names), rows), strict=True)
    converters = map(prepare, fields)
    ready = [map(convert, column) if convert else column for convert, column in zip(converters, columns, strict=True)]
    insert_values(type(rows[0]), names, list(zip(*ready, strict=True)))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def insert_values(model: type[models.Model], names: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
    """Insert rows of values that are already converted; `names` are the attribute names of the columns."""
    by_name = {field.attname: str(field.column) for field in model._meta.local_concrete_fields}
    quote = connection.ops.quote_name
    into = ", ".join(quote(by_name[name]) for name in names)
    marks = f"({', '.join(['%s'] * len(names))})"
    # no injection: table and column names come from the model, values are bound parameters
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({into}) VALUES "  # noqa: S608  # nosec B608
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(statement + marks, values)
            return
        # PostgreSQL plans each statement with its row-security policies, so few large statements are faster
        for first in range(0, len(values), AT_ONCE):
            part = values[first : first + AT_ONCE]
            cursor.execute(statement + ", ".join([marks] * len(part)), list(chain.from_iterable(part)))


def analyse() -> None:
    """Refresh the planner's statistics after a bulk insert.

    With old ones the database chooses the wrong indexes.

    VACUUM also updates PostgreSQL's visibility map, without which an index-only scan reads the table for each row.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA analysis_limit = 1000")
        can_vacuum = connection.vendor == "postgresql" and not connection.in_atomic_block
        cursor.execute("VACUUM (ANALYZE)" if can_vacuum else "ANALYZE")


def prepare(field: models.Field[Any, Any]) -> Prepare:
    """Return the function that converts the values of a column for the database; None when none is needed."""
    target = field
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    if isinstance(target, models.UUIDField):
        return None if connection.features.has_native_uuid_field else hexadecimal
    if isinstance(target, PLAIN):
        return None
    convert = partial(field.get_db_prep_save, connection=connection)
    if isinstance(target, models.JSONField):
        return remembering_json(convert)
    return Memory(convert).__getitem__ if isinstance(target, models.DateField) else convert


def hexadecimal(value: Any) -> str | None:
    """Return a UUID as SQLite stores it."""
    return None if value is None else value.hex


class Memory(dict[Any, Any]):
    """Cache of converted values: each distinct date or time is converted once."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__()
        self.convert = convert

    def __missing__(self, value: Any) -> Any:
        self[value] = ready = self.convert(value)
        return ready


def remembering_json(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a converter that converts each distinct short list or object of texts once."""
    known: dict[Any, Any] = {}

    def remembered(value: Any) -> Any:
        name = json_key(value)
        if name is None:
            return convert(value)
        if name not in known:
            known[name] = convert(value)
        return known[name]

    return remembered


def json_key(value: Any) -> Any:
    """Return a hashable cache key of a short list or object of texts; None for JSON that is not cached."""
    if value == []:
        return ()
    if not isinstance(value, list | dict) or len(value) > 4:
        return None
    parts = value.values() if isinstance(value, dict) else value
    if not all(isinstance(part, str) for part in parts):
        return None
    return ("{}", *value.items()) if isinstance(value, dict) else tuple(value)
