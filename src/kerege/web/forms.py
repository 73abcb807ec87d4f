"""Base forms and fields: GOV.UK rendering, codes of the shared vocabulary, partial dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.utils import ErrorDict
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.base.collation import sort_key
from kerege.vocabulary import codes, profile
from kerege.web.partial_dates import DAY, MONTH, YEAR, PartialDate
from kerege.web.templatetags.kerege import language

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

ANSWER_STATES = ("unknown", "not_asked", "refused")
NOT_RECORDED = _("Not recorded")
RADIOS_AT_MOST = 7
DASHES = BLANK_CHOICE_DASH[0][1]  # Django's first option of a list, which a screen reader reads as dashes
EARLIEST_YEAR = 1900
MONTH_TEXT = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


# kinds of faults that a browser with our page does not cause: a choice that was not offered, a NUL
FORGED = {"invalid_choice", "invalid_list", "invalid_pk_value", "null_characters_not_allowed"}
_forged: ContextVar[dict[str, str] | None] = ContextVar("forged_input", default=None)


@contextmanager
def collect_forged_input() -> Iterator[dict[str, str]]:
    """Yield the kinds of faults by form and field, as the forms of the block find them."""
    faults: dict[str, str] = {}
    token = _forged.set(faults)
    try:
        yield faults
    finally:
        _forged.reset(token)


def note_forged_input(form: str, field: str, fault: str) -> None:
    """Note a field that holds what no page of ours sends, where `collect_forged_input` listens."""
    collected = _forged.get()
    if collected is not None:
        collected[f"{form}.{field}"] = fault


def pressed_button(data: QueryDict, *buttons: str) -> str:
    """Return which button was pressed: the value of `do`, or the name of a button.

    Raise Http404 for any other form: no page sends it, so it must not count as one of the buttons.
    """
    button = data.get("do") or next((name for name in buttons if name in data), "")
    if button not in buttons:
        raise Http404
    return button


def forged_fields(errors: ErrorDict | None) -> Iterator[tuple[str, str]]:
    """Yield the names of fields with the kind of a fault that a browser with our page does not cause."""
    for name, faults in (errors or ErrorDict()).as_data().items():
        if kinds := sorted({str(fault.code) for fault in faults} & FORGED):
            yield name, kinds[0]


class GovukForm:
    """Mixin: GOV.UK rendering of the whole form, no browser autocomplete unless `private` is False."""

    template_name = "kerege/form.html"
    private = True
    marks_optional = False
    use_required_attribute = False
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, CodeChoiceField):
                field.keep(self.get_initial_for_field(field, name))  # type: ignore[attr-defined]  # of the form mixed in
            elif isinstance(field, forms.ModelChoiceField) and field.required and field.empty_label == DASHES:
                field.empty_label = _("Choose")
        if self.private:
            for field in self.fields.values():
                field.widget.attrs.setdefault("autocomplete", "off")
                field.widget.attrs.setdefault("spellcheck", "false")

    def full_clean(self) -> None:
        """Validate the form, and note the fields that hold what no page of ours sends."""
        super().full_clean()  # type: ignore[misc]
        for name, fault in forged_fields(self._errors):  # type: ignore[attr-defined]
            note_forged_input(type(self).__name__, name, fault)


class Form(GovukForm, forms.Form):
    """Form with GOV.UK rendering."""


class ModelForm(GovukForm, forms.ModelForm):  # type: ignore[type-arg]
    """Model form with GOV.UK rendering, for fields and validation. Services of the app still write."""


# Code lists without a meaningful order, sorted by label.
BY_NAME = ("country", "region")


def sorted_codes(list_name: str, lang: str, *, with_retired: bool = False) -> list[tuple[str, str]]:
    """Return (code, label) for new records; a list without a meaningful order is sorted by label.

    `with_retired` adds the codes that only older records have.
    """
    return _sorted_codes(list_name, lang, None if with_retired else timezone.localdate())


@lru_cache(maxsize=2000)
def _sorted_codes(list_name: str, lang: str, on: date | None) -> list[tuple[str, str]]:
    pairs = codes.choices(list_name, lang, on) if on else codes.labelled(list_name, lang)
    return sorted(pairs, key=lambda pair: sort_key(pair[1], lang)) if list_name in BY_NAME else pairs


def _near_first(pairs: list[tuple[str, str]]) -> list[Any]:
    """Return the countries in two groups: neighbours, and all others."""
    near = profile.active().near_countries
    neighbours = [pair for pair in pairs if pair[0] in near]
    return [(_("Near"), neighbours), (_("Other countries"), [pair for pair in pairs if pair[0] not in near])]


def code_choices(
    list_name: str, states: Sequence[str], empty: Any, *, grouped: bool = False, with_retired: bool = False
) -> Callable[[], list[Any]]:
    """Return a function that reads the choices in the active language, answer states in their own group."""

    def read() -> list[Any]:
        lang = language()
        choices: list[Any] = [
            pair for pair in sorted_codes(list_name, lang, with_retired=with_retired) if pair[0] not in states
        ]
        if grouped and list_name == "country":
            choices = _near_first(choices)
        answer_states = [(state, codes.label(list_name, state, lang)) for state in states]
        first = [("", empty)] if empty else []
        return first + choices + ([(_("Another answer"), answer_states)] if answer_states else [])

    return read


def _states(states: bool | Sequence[str]) -> Sequence[str]:
    if isinstance(states, bool):
        return ANSWER_STATES if states else ()
    return tuple(states)


class CodeChoiceField(forms.ChoiceField):
    """Form field for one code of a list; '' means not reported.

    `states` adds the answers unknown, not asked and refused, apart from the codes, or the states you name. Short lists
    are radio buttons, long ones a select, unless `widget` says otherwise. `empty` labels the blank choice.
    """

    with_retired = False

    def __new__(cls, *args: Any, multiple: bool = False, **kwargs: Any) -> Any:
        """Return a field for several codes when `multiple` is true."""
        return CodeMultipleChoiceField(*args, **kwargs) if multiple else super().__new__(cls)

    def __init__(
        self,
        list_name: str,
        *,
        multiple: bool = False,
        states: bool | Sequence[str] = True,
        empty: Any = NOT_RECORDED,
        **kwargs: Any,
    ) -> None:
        self.list_name = list_name
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", self._widget())
        if kwargs["required"]:
            empty = _("Choose") if kwargs["widget"] is forms.Select else ""
        self._read = code_choices(list_name, _states(states), empty, grouped=True, with_retired=self.with_retired)
        super().__init__(choices=self._read, **kwargs)

    def keep(self, code: object) -> None:
        """Offer a code that only older records may have, where the record that is edited has it."""
        listed = codes.code_list(self.list_name).codes
        entry = listed.get(code) if isinstance(code, str) else None
        if entry is None or self.with_retired or entry.is_current(timezone.localdate()):
            return
        offered = self._read
        self.choices = lambda: [*offered(), (entry.code, codes.label(self.list_name, entry.code, language()))]
        if any(entry.code in other.succeeds and other.old_records == "ask" for other in listed.values()):
            self.help_text = _("This entry was divided. Choose the new one if you know it.")

    def _widget(self) -> type[forms.Widget]:
        return forms.RadioSelect if len(codes.code_list(self.list_name).codes) <= RADIOS_AT_MOST else forms.Select


class CodeMultipleChoiceField(forms.MultipleChoiceField):
    """Form field for several codes of a list, as checkboxes.

    [] means not reported; an answer state excludes all other values.
    """

    def __init__(self, list_name: str, *, states: bool | Sequence[str] = True, **kwargs: Any) -> None:
        self.list_name, self.states = list_name, _states(states)
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        super().__init__(choices=code_choices(list_name, self.states, empty=""), **kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > 1 and set(value) & set(self.states):
            raise ValidationError(_("Choose either entries of the list or one of the other answers."), code="mixed")


class DateWidget(forms.MultiWidget):
    """Three inputs: day, month, year."""

    govuk_kind = "date"
    parts = (("day", _("Day"), 2), ("month", _("Month"), 2), ("year", _("Year"), 4))

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({name: forms.TextInput for name, _label, _width in self.parts}, attrs)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the context for a date, also one given as (date, precision).

        Django would take a tuple for the three parts.
        """
        return super().get_context(name, self.decompress(value) if isinstance(value, tuple) else value, attrs)

    def decompress(self, value: Any) -> list[Any]:
        """Return day, month and year of a PartialDate, a (date, precision) pair or a date."""
        if not value:
            return [None, None, None]
        day, precision = (value, DAY) if isinstance(value, date) else value
        return [day.day if precision == DAY else None, day.month if precision != YEAR else None, day.year]


class PartialDateField(forms.MultiValueField):
    """Date known to the day, the month or the year; cleans to `PartialDate(date, precision)` or None."""

    widget = DateWidget
    precisions: tuple[str, ...] = (YEAR, MONTH, DAY)
    default_error_messages = {
        "number": _("Write the date in numbers, for example 27 3 1998."),
        "year": _("Write the year with four digits, between %(first)d and %(last)d."),
        "order": _("A day needs its month, and a month its year."),
        "real": _("This day is not in the calendar."),
        "future": _("The date must not lie in the future."),
        "whole": _("Write day, month and year."),
    }

    def __init__(self, *, allow_future: bool = False, **kwargs: Any) -> None:
        self.allow_future = allow_future
        kwargs.setdefault("required", False)
        parts = [forms.CharField(required=False, max_length=10) for _part in range(3)]
        super().__init__(fields=parts, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> PartialDate | None:
        """Return the typed day, month and year as a partial date, None when all are empty."""
        parts = [part.strip() for part in data_list] if data_list else []
        if not any(parts):
            return None
        day, month, year = self._numbers(parts)
        precision = self._precision(day, month, year)
        value = self._date(year or 0, month or 1, day or 1)
        if not self.allow_future and value > timezone.localdate():
            raise self._fault("future")
        return PartialDate(value, precision)

    def _numbers(self, parts: list[str]) -> list[int | None]:
        try:
            return [int(part) if part else None for part in parts]
        except ValueError:
            raise self._fault("number") from None

    def _precision(self, day: int | None, month: int | None, year: int | None) -> str:
        if year is None or (day is not None and month is None):
            raise self._fault("order")
        precision = DAY if day is not None else MONTH if month is not None else YEAR
        if precision not in self.precisions:
            raise self._fault("whole")
        return precision

    def _date(self, year: int, month: int, day: int) -> date:
        last = timezone.localdate().year + (10 if self.allow_future else 0)
        if not EARLIEST_YEAR <= year <= last:
            raise self._fault("year", first=EARLIEST_YEAR, last=last)
        try:
            return date(year, month, day)
        except ValueError:
            raise self._fault("real") from None

    def _fault(self, code: str, **params: Any) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=params or None)


class DateField(PartialDateField):
    """Complete date in three inputs; cleans to `datetime.date` or None."""

    precisions = (DAY,)

    def compress(self, data_list: list[str]) -> Any:
        """Return the typed day, month and year as a date."""
        value = super().compress(data_list)
        return value.date if value else None


class MonthField(forms.CharField):
    """Month written as 2027-07; cleans to its first day, or None when it is empty."""

    def clean(self, value: object) -> date | None:
        """Return the first day of the typed month."""
        text = str(super().clean(value))
        match = MONTH_TEXT.fullmatch(text)
        if text and not match:
            raise ValidationError(_("Write the month as 2027-07."))
        return date(int(match[1]), int(match[2]), 1) if match else None


class NameOrderedIterator(forms.models.ModelChoiceIterator):  # type: ignore[type-arg]
    """Choices of a model field, sorted by name."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        lang = language()
        yield from map(self.choice, sorted(self.queryset, key=lambda row: sort_key(str(row.name), lang)))


class ColleagueField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choice of a colleague by full name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.full_name)


class AgencyField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choice of an agency by its name in the active language, in alphabetical order."""

    iterator = NameOrderedIterator

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


def offer(form: forms.BaseForm, name: str, choices: Iterable[tuple[str, str | StrPromise]]) -> None:
    """Set the choices of a field. Raise TypeError if the field has none."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"the field {name} has no choices")
    field.choices = list(choices)


def offer_rows(form: forms.BaseForm, name: str, rows: QuerySet[Model]) -> None:
    """Set the rows that a field offers. Raise TypeError if the field offers no rows."""
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        raise TypeError(f"the field {name} offers no rows")
    field.queryset = rows
