"""Rendering of Django form fields as GOV.UK Frontend components, chosen by the widget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

FIELD_TEMPLATE = "kerege/field.html"
ERRORS_TEMPLATE = "kerege/errors.html"
CLASSES = {"textarea": "govuk-textarea", "select": "govuk-select", "file": "govuk-file-upload", "input": "govuk-input"}
CLASSES |= {"password": "govuk-input govuk-password-input__input govuk-js-password-input-input"}


def kind_of(widget: forms.Widget) -> str:
    """Return the GOV.UK component of a widget."""
    if getattr(widget, "govuk_kind", ""):
        return str(widget.govuk_kind)  # type: ignore[attr-defined]
    order: list[tuple[type[forms.Widget], str]] = [
        (forms.CheckboxSelectMultiple, "checkboxes"),
        (forms.RadioSelect, "radios"),
        (forms.CheckboxInput, "checkbox"),
        (forms.Select, "select"),
        (forms.Textarea, "textarea"),
        (forms.FileInput, "file"),
        (forms.PasswordInput, "password"),
    ]
    return next((kind for cls, kind in order if isinstance(widget, cls)), "input")


def render_field(field: BoundField, **options: Any) -> SafeString:
    """Return the form group of a field: label or legend, hint, error, widget."""
    if field.is_hidden:
        return field.as_widget()
    return SafeString(render_to_string(FIELD_TEMPLATE, field_context(field, **options)))  # nosec B703: the template escapes


def field_context(field: BoundField, **options: Any) -> dict[str, Any]:
    """Return the context of the field template."""
    kind, ids = kind_of(field.field.widget), _ids(field)
    context = {
        "kind": kind,
        "id": field.id_for_label or field.auto_id,
        "name": field.html_name,
        "label": options.get("label") or field.label,
        "hint": options.get("hint") or field.help_text,
        "hint_id": ids["hint"],
        "error_id": ids["error"],
        "errors": field.errors,
        "heading": options.get("heading") or "",
        "classes": options.get("classes") or "",
        "optional": not field.field.required and getattr(field.form, "marks_optional", False),
    }
    context["described_by"] = _described_by(field, context)
    return context | _body(field, kind, context, str(options.get("width") or ""))


def _ids(field: BoundField) -> dict[str, str]:
    return {"hint": f"{field.auto_id}_helptext", "error": f"{field.auto_id}_error"}


def _described_by(field: BoundField, context: dict[str, Any]) -> str:
    ids = [context["hint_id"]] if context["hint"] else []
    return " ".join([*ids, context["error_id"]] if field.errors else ids)


def _body(field: BoundField, kind: str, context: dict[str, Any], width: str) -> dict[str, Any]:
    if kind in ("radios", "checkboxes"):
        return {"groups": list(_groups(field)), "long": len(list(field.field.choices)) > 14}  # type: ignore[attr-defined]
    if kind == "date":
        return {"parts": _date_parts(field)}
    if kind == "checkbox":
        return {"widget": field.as_widget(attrs=_attrs(field, "govuk-checkboxes__input", context))}
    css = CLASSES[kind] + (f" {CLASSES[kind].split()[0]}--error" if field.errors else "")
    if width and kind == "input":
        css += f" govuk-input--width-{width}"
    return {"widget": field.as_widget(attrs=_attrs(field, css, context))}


def _attrs(field: BoundField, css: str, context: dict[str, Any]) -> dict[str, Any]:
    own = field.field.widget.attrs.get("class", "")
    # No placeholder: it disappears while the user types, so it cannot serve as a label.
    attrs: dict[str, Any] = {"class": f"{css} {own}".strip(), "placeholder": False}
    if context["described_by"]:
        attrs["aria-describedby"] = context["described_by"]
    return attrs


def _groups(field: BoundField) -> Iterator[dict[str, Any]]:
    """Yield the options in groups; a group with a label holds the answer states and is set apart."""
    widget = field.field.widget
    attrs = field.build_widget_attrs({"id": field.auto_id}, widget)
    value = widget.format_value(field.value())
    for label, options, _index in widget.optgroups(field.html_name, value, attrs):
        yield {"label": label, "options": options, "answers": bool(label)}


def _date_parts(field: BoundField) -> list[dict[str, Any]]:
    widget: Any = field.field.widget
    attrs = field.build_widget_attrs({"id": field.auto_id}, widget)
    parts = widget.get_context(field.html_name, field.value(), attrs)["widget"]["subwidgets"]
    return [
        {"id": f"{field.auto_id}_{name}", "name": part["name"], "value": part["value"], "label": label, "width": width}
        for part, (name, label, width) in zip(parts, widget.parts, strict=True)
    ]


def render_errors(form: forms.BaseForm | None) -> SafeString:
    """Return the error summary: every error with a link to its field."""
    if form is None or not form.is_bound or not form.errors:
        return SafeString("")
    items = [{"target": "", "message": message} for message in form.non_field_errors()]
    for field in form:
        items += [{"target": error_target(field), "label": field.label, "message": text} for text in field.errors]
    return SafeString(render_to_string(ERRORS_TEMPLATE, {"items": items}))  # nosec B703: the template escapes


def error_target(field: BoundField) -> str:
    """Return the id of the first control of a field."""
    kind = kind_of(field.field.widget)
    if kind in ("radios", "checkboxes"):
        return f"{field.auto_id}_0"
    if kind == "date":
        return f"{field.auto_id}_day"
    return field.id_for_label or field.auto_id
