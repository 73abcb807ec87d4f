"""Values of a form's fields as a browser sends them: read, restored, merged with another user's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm, BoundField, DateField, FileInput, MultiWidget, PasswordInput
from django.http import QueryDict

# one value, several (checkboxes, parts of a date) or yes/no
Value = str | list[str] | bool
Snapshot = dict[str, Value]


def _plain(value: object, *, parts: bool = False) -> Value:
    """Return a widget's value in a form that can be compared with another one.

    `parts` keeps the order of the texts, which are otherwise sorted.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, (list, tuple)):
        texts = [str(_plain(part)) for part in value]
        return texts if parts else sorted(texts)
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def is_storable(field: BoundField) -> bool:
    """Return whether the input of a field may be stored: no password and no file."""
    return not isinstance(field.field.widget, (PasswordInput, FileInput))


def held_back(form: BaseForm | None) -> list[str]:
    """Return the names of the fields whose input is never stored."""
    return [field.html_name for field in form if not is_storable(field)] if form is not None else []


def _initial_value(field: BoundField) -> Value:
    widget, value = field.field.widget, field.form.get_initial_for_field(field.field, field.name)
    value = field.field.prepare_value(value)
    if isinstance(widget, MultiWidget):
        return _plain(value if isinstance(value, list) else widget.decompress(value), parts=True)
    if isinstance(field.field, DateField):
        value = widget.format_value(value)
    if widget.__class__.__name__ == "CheckboxInput":
        return bool(value)
    if getattr(widget, "allow_multiple_selected", False):
        return _plain(list(value or []))
    return _plain(value)


def _sent(field: BoundField, data: Any) -> Any:
    return field.field.widget.value_from_datadict(data, {}, field.html_name)


def typed(field: BoundField, data: Any) -> Value:
    """Return the value that was sent in a field."""
    return _plain(_sent(field, data), parts=isinstance(field.field.widget, MultiWidget))


def snapshot(form: BaseForm) -> Snapshot:
    """Return the initial values of the fields whose input may be stored, by name."""
    return {field.name: _initial_value(field) for field in form if is_storable(field)}


def fill(form: BaseForm, data: QueryDict) -> None:
    """Put stored input, valid or not, into the initial values of an unbound form."""
    for field in form:
        if is_storable(field):
            form.initial[field.name] = _sent(field, data)


def put(field: BoundField, data: QueryDict, value: Value) -> None:
    """Write a value of a snapshot into the sent data."""
    widget, name = field.field.widget, field.html_name
    if isinstance(widget, MultiWidget):
        parts = value if isinstance(value, list) else []
        names: list[str] = widget.widgets_names  # type: ignore[attr-defined]
        for suffix, part in zip(names, parts, strict=False):
            data[name + suffix] = part
    elif isinstance(value, list):
        data.setlist(name, value)
    elif value is False:
        data.pop(name, None)
    else:
        data[name] = "on" if value is True else value


@dataclass(frozen=True)
class Conflict:
    """Field that two users changed: the opened value, the current value, and the sent value."""

    field: BoundField
    base: str
    theirs: str
    mine: str


def merge(
    form: Any, base: Snapshot, unresolved: Collection[str] = (), given_up: Collection[str] = ()
) -> list[Conflict]:
    """Merge the sent data with the current values (the form's initial values), given the opened values.

    A field that only one user changed since `base` takes that change; the others are returned as conflicts.
    `unresolved` fields are conflicts as long as the two values differ. `given_up` fields count as unchanged. The form
    then holds the result, not validated.
    """
    now, data, conflicts = snapshot(form), form.data.copy(), []
    for field in form:
        if field.name not in now:
            continue
        opened, theirs = base.get(field.name, now[field.name]), now[field.name]
        own = opened if field.name in given_up else typed(field, data)
        if own == opened and field.name not in unresolved:
            put(field, data, theirs)
        elif own != theirs and (theirs != opened or field.name in unresolved):
            conflicts.append(Conflict(field, *(display_text(field, value) for value in (opened, theirs, own))))
    form.data, form._errors = data, None
    return conflicts


def display_text(field: BoundField, value: Value) -> str:
    """Return a value as users read it."""
    if isinstance(field.field.widget, MultiWidget):
        return ".".join(part for part in value if part) if isinstance(value, list) else ""
    labels = _labels(getattr(field.field, "choices", []))
    if isinstance(value, list):
        return ", ".join(labels.get(item, item) for item in value)
    return labels.get(str(value), str(value)) if value != "" else ""


def _labels(choices: Any) -> dict[str, str]:
    labels: dict[str, str] = {}
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            labels |= _labels(label)
        else:
            labels[str(value)] = str(label)
    return labels
