"""Parts that the forms of coordination share: texts by language, agencies, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kerege.core.accounts.models import Agency
from kerege.vocabulary import languages
from kerege.web.forms import AgencyField, Form, NameOrderedIterator
from kerege.web.templatetags.kerege import language

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Label: TypeAlias = "str | StrPromise"
Initial = Mapping[str, object]


def text_field(
    label: Label, *, rows: int = 0, required: bool = True, most: int = 1000, hint: Label = ""
) -> forms.CharField:
    """Return a field for a line of text, or for several lines."""
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(label=label, required=required, max_length=most, widget=widget, help_text=hint)


def number_field(label: Label, hint: Label = "") -> forms.IntegerField:
    """Return a field for a whole number that may be empty."""
    widget = forms.TextInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=2_000_000_000, widget=widget, help_text=hint
    )


def agency_field(label: Label, *, required: bool = True, hint: Label = "") -> AgencyField:
    """Return a field for an agency that takes part."""
    return AgencyField(Agency.objects.filter(active=True), label=label, required=required, help_text=hint)


def agencies_field(label: Label) -> forms.ModelMultipleChoiceField[Agency]:
    """Return a field for several agencies that take part, as checkboxes by name."""
    agencies = Agency.objects.filter(active=True)
    field = forms.ModelMultipleChoiceField(agencies, label=label, widget=forms.CheckboxSelectMultiple)
    field.iterator = NameOrderedIterator
    return field


class ReportDecisionForm(Form):
    """Form to accept or return the report of a body."""

    private = False
    remark = text_field(_("Remark, if you return it"), rows=3, required=False)


class TextsForm(Form):
    """Form with texts in each language of the profile; one language is enough.

    `by_language` names the texts with their labels and numbers of lines.
    """

    by_language: ClassVar[Mapping[str, tuple[Label, int]]] = {}
    private = False

    def __init__(self, data: QueryDict | None = None, initial: Initial | None = None) -> None:
        values = dict(initial or {})
        for name in self.by_language:
            texts = values.get(name)
            for lang, text in texts.items() if isinstance(texts, Mapping) else ():
                values[f"{name}_{lang}"] = text
        super().__init__(data, initial=values)
        own = {name: text_field(label, rows=rows, required=False) for name, label, rows in self._texts()}
        self.fields = own | self.fields

    def _texts(self) -> list[tuple[str, Label, int]]:
        """Return name, label and lines of each text field, that of the active language first."""
        langs = sorted(languages.choices(), key=lambda pair: pair[0] != language())
        return [
            (f"{name}_{lang}", f"{label} ({own_name})", rows)
            for name, (label, rows) in self.by_language.items()
            for lang, own_name in langs
        ]

    def texts(self, name: str) -> dict[str, str]:
        """Return the texts of a name by language, without empty ones."""
        values = {lang: str(self.cleaned_data.get(f"{name}_{lang}") or "").strip() for lang in languages.offered()}
        return {lang: text for lang, text in values.items() if text}

    def clean(self) -> dict[str, object]:
        """Check that each text is given in one language at least."""
        data = super().clean() or self.cleaned_data
        for name in self.by_language:
            if not self.errors and not self.texts(name):
                self.add_error(f"{name}_{language()}", _("Write this in one language at least."))
        return data
