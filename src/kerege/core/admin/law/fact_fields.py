"""Fields with which a page edits the value of a fact: one for each number, text, list or answer in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from django import forms
from django.utils.translation import gettext as _

from kerege.vocabulary import codes
from kerege.web.templatetags.kerege import language

MARK = "value"  # names of the fields begin with it, so that no part is named like another field


@dataclass(frozen=True)
class FactPart:
    """A number, text, list or answer in the value of a fact, found by the keys that lead to it."""

    keys: tuple[str, ...]
    value: object

    @property
    def name(self) -> str:
        """Return the name of the form field."""
        return "-".join((MARK, *self.keys))

    @property
    def label(self) -> str:
        """Return the labels of the keys; a key without one is a code, such as a language."""
        known = codes.code_list("fact_part").codes
        labels = [codes.label("fact_part", key, language()) if key in known else key for key in self.keys]
        return ", ".join(labels)

    @property
    def text(self) -> object:
        """Return the value as the form shows it: a list has one entry a line."""
        if isinstance(self.value, list):
            return "\n".join(" ".join(item) if isinstance(item, list) else str(item) for item in self.value)
        return "" if self.value is None else self.value

    def build_field(self) -> forms.Field:
        """Return the form field."""
        if isinstance(self.value, bool):
            return forms.BooleanField(label=self.label, required=False)
        if isinstance(self.value, int):
            return forms.IntegerField(label=self.label, widget=forms.TextInput(attrs={"inputmode": "numeric"}))
        if isinstance(self.value, list):
            lines = forms.Textarea(attrs={"rows": min(max(len(self.value) + 1, 2), 15)})
            return forms.CharField(label=self.label, required=False, widget=lines, help_text=_("One entry a line."))
        return forms.CharField(label=self.label, required=bool(self.value), max_length=2000)

    def read(self, text: object) -> object:
        """Return the value of an edited form field."""
        if isinstance(self.value, list):
            is_nested = any(isinstance(item, list) for item in self.value)
            lines = [line.strip() for line in str(text).splitlines() if line.strip()]
            return [line.split() for line in lines] if is_nested else lines
        return None if text == "" and self.value is None else text


def list_parts(values: Mapping[str, object]) -> list[FactPart]:
    """Return the parts of the value of a fact, in its order."""
    return list(_walk((), values))


def _walk(keys: tuple[str, ...], value: object) -> Iterator[FactPart]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk((*keys, str(key)), item)
    else:
        yield FactPart(keys, value)


def join_parts(parts: Iterable[FactPart], data: Mapping[str, object]) -> dict[str, object]:
    """Return the value of a fact from the edited fields."""
    result: dict[str, object] = {}
    for part in parts:
        inner = result
        for key in part.keys[:-1]:
            inner = cast("dict[str, object]", inner.setdefault(key, {}))
        inner[part.keys[-1]] = part.read(data[part.name])
    return result


def list_changes(old: Mapping[str, object], new: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """Return label, earlier and new text of each part that a correction changes."""
    before, after = ({part.keys: part for part in list_parts(values)} for values in (old, new))
    every = dict.fromkeys([*before, *after])
    pairs = [(before.get(keys), after.get(keys)) for keys in every]
    return [
        ((first or cast("FactPart", second)).label, _text(first), _text(second))
        for first, second in pairs
        if _text(first) != _text(second)
    ]


def _text(part: FactPart | None) -> str:
    return str(part.text) if part else ""
