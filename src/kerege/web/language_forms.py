"""Forms with a text in every language of the country."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise

from kerege.vocabulary import languages
from kerege.web.forms import Form


@dataclass(frozen=True)
class LanguageText:
    """Text of a form in every language: its label, its longest length, and the lines that a writer sees."""

    label: str | Promise
    max_length: int
    required: bool = True
    rows: int = 1

    def field(self, language: str) -> forms.CharField:
        """Return the field of a language."""
        attributes = {"lang": language, "dir": languages.direction(language)}
        widget = forms.Textarea({**attributes, "rows": self.rows}) if self.rows > 1 else forms.TextInput(attributes)
        label = f"{self.label} ({languages.own_name(language)})"
        return forms.CharField(label=label, max_length=self.max_length, required=self.required, widget=widget)


class LanguageForm(Form):
    """Form with fields for the same text in each language, named NAME_LANGUAGE.

    They come first, unless `field_order` places them by their NAME.
    """

    private = False
    language_texts: ClassVar[Mapping[str, LanguageText]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, text in self.language_texts.items():
            self.fields.update({field: text.field(tag) for field, tag in fields_of(name)})
        places = self.field_order or (*self.language_texts, *self.fields)
        self.order_fields([field for name in places for field in (*dict(fields_of(name)), name)])

    @property
    def texts(self) -> dict[str, list[forms.BoundField]]:
        """Return the bound fields of every text, in the order of the languages."""
        fields = {name: dict(fields_of(name)) for name in self.language_texts}
        return {name: [self[field] for field in own if field in self.fields] for name, own in fields.items()}

    def texts_by_language(self, name: str) -> dict[str, str]:
        """Return the texts of a name, by language."""
        return {tag: str(self.cleaned_data.get(field) or "").strip() for field, tag in fields_of(name)}


def fields_of(name: str) -> Iterator[tuple[str, str]]:
    """Yield the fields of a text with their languages."""
    return ((f"{name}_{tag}", tag) for tag in languages.offered())


def initial_texts(name: str, texts: object) -> dict[str, str]:
    """Return a text by language as the initial values of its fields."""
    given = texts if isinstance(texts, Mapping) else {}
    return {field: given.get(tag, "") for field, tag in fields_of(name)}
