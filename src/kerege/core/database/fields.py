"""Model fields for codes of the shared vocabulary.

'' and [] mean "not reported"; answer states are codes too.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from kerege.base.multilingual_titles import TAG
from kerege.vocabulary import codes

LONGEST_TEXT = 200  # characters of a name or a title
ANSWER_STATES = ("unknown", "not_asked", "refused", "no")


def check_code(list_name: str, code: str) -> None:
    """Raise ValidationError unless `code` is in the list or an answer state."""
    if code not in codes.code_list(list_name).codes and code not in ANSWER_STATES:
        raise ValidationError(_("This value is not in the list %(list)s."), params={"list": list_name})


class CodeField(models.CharField[str, str]):
    """One code of a code list; '' means "not reported"."""

    def __init__(self, list_name: str, **kwargs: Any) -> None:
        self.list_name = list_name
        options: dict[str, Any] = {"max_length": 48, "blank": True, "default": ""} | kwargs
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, [self.list_name, *args], kwargs

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value:
            check_code(self.list_name, value)


class CodesField(models.JSONField):
    """Several codes of a code list, as a JSON array; [] means "not reported"."""

    def __init__(self, list_name: str, **kwargs: Any) -> None:
        self.list_name = list_name
        options: dict[str, Any] = {"blank": True, "default": list} | kwargs
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, [self.list_name, *args], kwargs

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        for code in value:
            check_code(self.list_name, code)


class TextsField(models.JSONField):
    """Text by language, as a JSON object: a name or a title in at least one language."""

    def validate(self, value: object, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if not isinstance(value, dict) or not all(map(self._is_text, value.items())):
            raise ValidationError(_("Write this text in each language."))

    def _is_text(self, item: tuple[object, object]) -> bool:
        tag, text = item
        is_short = isinstance(text, str) and 0 < len(text.strip()) <= LONGEST_TEXT
        return is_short and isinstance(tag, str) and TAG.fullmatch(tag) is not None
