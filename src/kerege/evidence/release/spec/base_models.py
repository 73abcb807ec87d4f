"""Base models of the parts of a specification, with titles, filters and readable faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, ModelWrapValidatorHandler, ValidationError, WithJsonSchema, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from kerege.base.errors import FAULT, place
from kerege.base.file_model import MESSAGE, FileModel, Otherwise, detail, fault
from kerege.base.message_text import shown
from kerege.base.multilingual_titles import NAME, TAG, Title, name_fault, title_of
from kerege.evidence.release.method_params import is_names
from kerege.vocabulary import languages

Place = tuple[int | str, ...]
PlacedFault = tuple[PydanticCustomError, Place]
TITLE_SCHEMA = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "minProperties": 1,
    "propertyNames": {"pattern": f"^{TAG.pattern}$"},
}
FILTER_SCHEMA = {
    "type": "object",
    "additionalProperties": {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
    },
}


def named_languages() -> str:
    """Return the languages of the country for a message: `kk, ru and en`."""
    *first, last = languages.offered()
    return f"{', '.join(first)} and {last}" if first else last


def _title(value: Any) -> Title:
    if title := title_of(value, languages.offered()):
        return title
    raise fault("the title lacks a language", f"give a string or {named_languages()}")


def _filter(value: Any) -> dict[str, list[str]]:
    """Return a filter with a list of values per column; a single value may be given without a list."""
    if not isinstance(value, dict) or not all(
        isinstance(given, str) or (is_names(given) and given) for given in value.values()
    ):
        raise fault("`where` is not a filter", 'write where = {column = "value"} or {column = ["a", "b"]}')
    return {name: [given] if isinstance(given, str) else list(given) for name, given in value.items()}


AnyTitle = Annotated[
    Title, BeforeValidator(_title), WithJsonSchema({"anyOf": [{"type": "string", "minLength": 1}, TITLE_SCHEMA]})
]
Filter = Annotated[dict[str, list[str]], BeforeValidator(_filter), WithJsonSchema(FILTER_SCHEMA)]
Unit = Annotated[str, Otherwise("`of` is missing", "name the unit of a snapshot, such as victims")]


class SpecPart(FileModel):
    """A model whose faults are the sentences of its fields.

    `cross_field_faults` adds faults that concern several keys.
    """

    @classmethod
    def keys(cls) -> list[str]:
        """Return the keys that the part accepts in a file."""
        return sorted(str(field.validation_alias or name) for name, field in cls.model_fields.items())

    @classmethod
    def cross_field_faults(cls, value: Mapping[str, Any]) -> Iterable[PydanticCustomError]:
        """Yield faults that concern several keys at once."""
        return ()

    @classmethod
    def explain_errors(cls, errors: Iterable[ErrorDetails], value: Mapping[str, Any]) -> Iterator[PlacedFault]:
        """Yield the faults of a part as sentences of its fields, each with its place."""
        if extra := sorted(set(map(str, value)) - set(cls.keys())):
            yield fault(f"unknown key {shown(extra[0])}", f"use {', '.join(cls.keys())}"), ()
        for error in errors:
            is_own_field = len(error["loc"]) == 1
            if is_own_field and error["type"] == "missing":
                yield cls._absent(str(error["loc"][0])), error["loc"]
            elif not (is_own_field and error["type"] == "extra_forbidden"):
                yield _repeat_error(error), error["loc"]
        yield from ((error, ()) for error in cls.cross_field_faults(value))

    @classmethod
    def _absent(cls, key: str) -> PydanticCustomError:
        field = next(
            candidate for name, candidate in cls.model_fields.items() if key in (name, candidate.validation_alias)
        )
        sentence = next((candidate for candidate in field.metadata if isinstance(candidate, Otherwise)), None)
        return fault(sentence.what, sentence.todo) if sentence else fault(f"`{key}` is missing", "add it")

    @model_validator(mode="wrap")
    @classmethod
    def _report_faults(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        errors: list[ErrorDetails] = []
        part = None
        try:
            part = handler(value)
        except ValidationError as error:
            errors = error.errors(include_url=False, include_input=False)
        faults = list(cls.explain_errors(errors, value if isinstance(value, dict) else {}))
        if part is None or faults:
            raise ValidationError.from_exception_data(cls.__name__, [detail(*placed_fault) for placed_fault in faults])
        return part


class NamedSpecPart(SpecPart):
    """A part with a name, which is also a file name; its faults begin with kind and name."""

    kind: ClassVar[str]

    name: Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
    title: AnyTitle = Field(default_factory=lambda known: dict.fromkeys(languages.offered(), known["name"]))

    @classmethod
    def explain_errors(cls, errors: Iterable[ErrorDetails], value: Mapping[str, Any]) -> Iterator[PlacedFault]:
        """Yield the faults of a part.

        Without a valid name only that fault, since all others begin with the name.
        """
        if name_error := name_fault("", 0, value.get("name"), ""):
            yield fault(name_error.what.partition("0 ")[2], name_error.todo, kind=cls.kind), ()
            return
        for error, steps in super().explain_errors(errors, value):
            context = error.context or {}
            yield fault(f"{cls.kind} {value['name']}: {context['what']}", context["todo"]), steps


def duplicate_names(kind: str, entries: Any) -> Iterator[PydanticCustomError]:
    """Yield a fault for each name that several of the entries have."""
    names = Counter(str(entry.get("name")) for entry in entries) if is_entries(entries) else Counter[str]()
    for name in sorted(name for name, times in names.items() if times > 1):
        yield fault(f"two {kind} are called {shown(name)}", "rename one")


def is_entries(value: Any) -> bool:
    """Return whether a value is a list of TOML tables."""
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def _repeat_error(error: ErrorDetails) -> PydanticCustomError:
    """Return the error of a field as a fault, with a general sentence if the field has none of its own."""
    if error["type"] == FAULT:
        return PydanticCustomError(FAULT, MESSAGE, error.get("ctx"))
    return fault(f"`{place(error['loc'])}` cannot be read", "correct it")
