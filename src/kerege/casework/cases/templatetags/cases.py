"""Template tags and filters for cases: `{% load cases %}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.forms.case import SearchForm

register = template.Library()


@register.filter
def at(values: Mapping[Any, Any] | None, key: Any) -> Any:
    """Return the value under a key, or ''."""
    return (values or {}).get(key, "")


@register.simple_tag
def search_form() -> SearchForm:
    """Return an empty search form for the home page."""
    form = SearchForm(auto_id="home_%s")
    form.fields["text"].label = _("Find a person")
    return form
