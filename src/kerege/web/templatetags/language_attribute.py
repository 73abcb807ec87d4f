"""Attributes of an element in a language, for every template."""

from __future__ import annotations

from django import template
from django.utils.html import format_html

from kerege.vocabulary import languages

register = template.Library()


@register.filter
def lang(language: str) -> str:
    """Return the attribute `lang`; with `dir` for a language that is written from right to left.

    Examples
    --------
    >>> lang("kk"), lang("fa")
    ('lang="kk"', 'lang="fa" dir="rtl"')
    """
    pattern = 'lang="{}" dir="rtl"' if languages.is_right_to_left(language) else 'lang="{}"'
    return format_html(pattern, language)
