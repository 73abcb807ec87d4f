"""Renderer of form widgets that writes select elements without a template for each option."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict, cast

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

Attributes = dict[str, object]
SELECT_TEMPLATE = "django/forms/widgets/select.html"


class Option(TypedDict):
    """An option in the context of a widget."""

    value: object
    label: str
    attrs: Attributes


class SelectContext(TypedDict):
    """The context of a select element, with its options in groups: label or None, options, number."""

    name: str
    attrs: Attributes
    optgroups: list[tuple[str | None, list[Option], int]]


class FormRenderer(DjangoTemplates):
    """Django's renderer, except for select elements.

    Django's template of a select element includes two templates for each option. A list of all countries made up most
    of the time of a page.
    """

    def render(self, template_name: str, context: dict[str, object], request: HttpRequest | None = None) -> str:
        """Return the HTML of a widget."""
        if template_name == SELECT_TEMPLATE:
            return render_select(cast("SelectContext", context["widget"]))
        return super().render(template_name, context, request=request)


def render_select(widget: SelectContext) -> SafeString:
    """Return the HTML that Django's template of a select element writes for the context of a widget."""
    return SafeString("".join(_select_pieces(widget)))  # nosec B703: the pieces are escaped


def _select_pieces(widget: SelectContext) -> Iterator[str]:
    yield f'<select name="{conditional_escape(widget["name"])}"{_render_attributes(widget["attrs"])}>'
    for label, options, _index in widget["optgroups"]:
        if label:
            yield f'\n  <optgroup label="{conditional_escape(label)}">'
        for option in options:
            value = conditional_escape(str(option["value"]))
            attributes = _render_attributes(option["attrs"])
            yield f'\n  <option value="{value}"{attributes}>{conditional_escape(option["label"])}</option>'
        if label:
            yield "\n  </optgroup>"
    yield "\n</select>"


def _render_attributes(attributes: Attributes) -> str:
    return "".join(
        f" {conditional_escape(name)}" + ("" if value is True else f'="{conditional_escape(str(value))}"')
        for name, value in attributes.items()
        if value is not False
    )
