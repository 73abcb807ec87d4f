"""`{% load kerege %}`: codes, numbers and dates in the reader's language, GOV.UK fields, pagination."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kerege.vocabulary import codes, profile
from kerege.web import govuk_fields, partial_dates
from kerege.web.money import amount, symbol

register = template.Library()

# The tag colour of a code: one colour for one meaning on all pages.
COLOURS = {
    "open": "teal", "ongoing": "teal", "accepted": "teal", "started": "teal", "seen": "teal", "investigation": "teal",
    "identified": "green", "completed": "green", "convicted": "green", "yes": "green", "low": "green",
    "presumed": "yellow", "requested": "yellow", "sent": "yellow", "medium": "yellow", "follow_up": "yellow",
    "high": "red", "immediate": "red", "overdue": "red", "interrupted": "red", "expired": "red",
    "done": "green", "under_way": "teal", "not_reported": "orange", "submitted": "yellow", "returned": "orange",
    "reported": "yellow", "suspended": "orange", "in_court": "purple", "registered": "purple",
}  # fmt: skip


# What each role finds at sign-in; shown beside the buttons of the demo's sign-in page.
DAYS = {
    "first_responder": _("Sends a signal in two minutes and sees its outcome."),
    "caseworker": _("Your open cases, tasks due today and referrals that wait."),
    "supervisor": _("The work of the whole centre, who is overdue, what needs approval."),
    "identifying_officer": _("Decisions to take, each with its deadline."),
    "justice_officer": _("Crimes, suspects and proceedings."),
    "coordinator": _("The national register, possible matches and referrals without an answer."),
    "analyst": _("Snapshots and tables without names."),
    "publisher": _("Releases, the report and the press release."),
    "minister": _("The numbers of each month for the whole country, without a name and without a case."),
    "auditor": _("Every reading and change of records, in an audit log that cannot be deleted."),
    "administrator": _("Agencies, users and roles, and not one case."),
    "secretary": _("Measures of the plan, sessions and decisions of a commission, and not one case."),
}


@register.filter
def role_day(role: str) -> str:
    """Return one sentence on the work of a role."""
    return str(DAYS.get(role, ""))


@register.filter
def code(value: str | Sequence[str], list_name: str) -> str:
    """Return the label of a code, or of several, in the active language; '' for an empty value."""
    if not value:
        return ""
    values = [value] if isinstance(value, str) else value
    return ", ".join(_label(list_name, item) for item in values)


def _label(list_name: str, value: str) -> str:
    """Return the label of a code; an unknown code is shown as stored, so that a case page never fails."""
    try:
        return codes.label(list_name, value, language())
    except codes.UnknownCode:
        return str(value)


@register.filter
def tag_colour(colour: str, code_value: str) -> str:
    """Return the given colour, else the usual one of the code."""
    return colour or COLOURS.get(code_value, "grey")


def language() -> str:
    """Return the active language."""
    return get_language() or "en"


@register.filter
def number(value: object) -> str:
    """Return a number with grouped thousands, '' for None, any other value as text."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "" if value is None else str(value)
    return str(number_format(value, use_l10n=True, force_grouping=True))


@register.filter
def money(value: Decimal | int | None, code: str = "") -> str:
    """Return an amount with its currency, by default that of the country; '' for None."""
    return "" if value is None else amount(value, language(), code)


@register.simple_tag
def currency() -> str:
    """Return the sign of the currency of the country."""
    return symbol(language())


@register.filter
def day(value: date | datetime | None, precision: str = "day") -> str:
    """Return a date in words, at its precision."""
    return partial_dates.words(_local(value), precision) if value else ""


@register.filter
def date_time(value: datetime | None, precision: str = "minutes") -> str:
    """Return a date in words and the time of day, to the minutes or seconds."""
    return partial_dates.with_time(value, seconds=precision == "seconds") if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    """Return the time of day, 24 hours."""
    return partial_dates.clock(value) if value else ""


@register.filter
def half_year(text: str) -> str:
    """Return a half-year such as `2025-H1` in words."""
    year, _mark, number = text.partition("-H")
    words = gettext("January to June %(year)s") if number == "1" else gettext("July to December %(year)s")
    return words % {"year": year}


@register.filter
def iso(value: date | datetime | None, precision: str = "day") -> str:
    """Return a date in ISO 8601, at its precision."""
    return partial_dates.iso(_local(value), precision) if value else ""


def _local(value: date | datetime) -> date:
    return partial_dates.local(value).date() if isinstance(value, datetime) else value


@register.simple_tag
def due_state(on: date | datetime | None) -> dict[str, str]:
    """Return tone and words for a due date, relative to today."""
    if not on:
        return {"tone": "", "words": ""}
    days = (_local(on) - timezone.localdate()).days
    if days < 0:
        return {"tone": "overdue", "words": ngettext("%(n)d day late", "%(n)d days late", -days) % {"n": -days}}
    if days == 0:
        return {"tone": "today", "words": gettext("Due today")}
    return {"tone": "", "words": gettext("Due %(day)s") % {"day": partial_dates.words(_local(on))}}


@register.simple_tag
def is_unconfirmed(path: str) -> bool:
    """Return whether a fact of the country profile waits for its confirmation."""
    return path in {fact.path for fact in profile.active().unconfirmed()}


@register.simple_tag
def component_id() -> str:
    """Return an id that no other element of the page has."""
    return f"kg-{uuid.uuid4().hex[:8]}"


@register.simple_tag
def govuk_field(field: BoundField, **options: Any) -> str:
    """Return a form field with label, hint, error and GOV.UK widget."""
    return govuk_fields.render_field(field, **options)


@register.simple_tag
def govuk_errors(form: BaseForm | None) -> str:
    """Return the error summary of a form, '' when it is unbound or valid."""
    return govuk_fields.render_errors(form)


@register.filter
def page_numbers(page: Page[Any]) -> list[int]:
    """Return the page numbers around the current page; 0 marks a gap."""
    return [
        n if isinstance(n, int) else 0
        for n in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]


@register.simple_tag(takes_context=True)
def page_url(context: template.Context, page: int, param: str = "page") -> str:
    """Return the query string of this page with another page number."""
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    query[param] = str(page)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def keep_form(context: template.Context, form: Any, action: str, keep: str) -> dict[str, Any] | None:
    """Return the token and the autosaved draft that `<c-form>` needs, None when autosave is off."""
    keeper = getattr(context.get("request"), "keeper", None)
    return keeper.form_context(form, action, context) if keeper is not None and keep == "yes" else None
