"""Parts of a specification that have a name, a title and a filter, and the sentences about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, ModelWrapValidatorHandler, ValidationError, WithJsonSchema, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from kerege.base.errors import FAULT, place
from kerege.base.file_model import MESSAGE, FileModel, Otherwise, detail, fault
from kerege.base.message_text import shown
from kerege.base.multilingual_titles import LANGUAGES, NAME, Title, name_fault, title_of
from kerege.evidence.release.method_params import is_names

Place = tuple[int | str, ...]
Told = tuple[PydanticCustomError, Place]
TITLE_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": list(LANGUAGES),
    "properties": {language: {"type": "string"} for language in LANGUAGES},
}
FILTER_SCHEMA = {
    "type": "object",
    "additionalProperties": {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
    },
}


def _title(value: Any) -> Title:
    if found := title_of(value):
        return found
    raise fault("the title lacks a language", "give a string or kk, ru and en")


def _filter(value: Any) -> dict[str, list[str]]:
    """A filter with a list of values for each column; one value may be given without a list."""
    if not isinstance(value, dict) or not all(
        isinstance(each, str) or (is_names(each) and each) for each in value.values()
    ):
        raise fault("`where` is no filter", 'write where = {column = "value"} or {column = ["a", "b"]}')
    return {name: [each] if isinstance(each, str) else list(each) for name, each in value.items()}


AnyTitle = Annotated[
    Title, BeforeValidator(_title), WithJsonSchema({"anyOf": [{"type": "string", "minLength": 1}, TITLE_SCHEMA]})
]
Filter = Annotated[dict[str, list[str]], BeforeValidator(_filter), WithJsonSchema(FILTER_SCHEMA)]
Unit = Annotated[str, Otherwise("`of` is missing", "name the unit of a snapshot, such as victims")]


class SpecPart(FileModel):
    """A model whose faults are the sentences of its fields; `whole` adds those of its keys taken together."""

    @classmethod
    def keys(cls) -> list[str]:
        """Return the keys that the part takes in a file."""
        return sorted(str(field.validation_alias or name) for name, field in cls.model_fields.items())

    @classmethod
    def whole(cls, value: Mapping[str, Any]) -> Iterable[PydanticCustomError]:
        """Yield faults that concern several keys at once."""
        return ()

    @classmethod
    def told(cls, errors: Iterable[ErrorDetails], value: Mapping[str, Any]) -> Iterator[Told]:
        """Yield the faults of a part in the words of its fields, each with its place."""
        if extra := sorted(set(map(str, value)) - set(cls.keys())):
            yield fault(f"unknown key {shown(extra[0])}", f"use {', '.join(cls.keys())}"), ()
        for each in errors:
            own = len(each["loc"]) == 1
            if own and each["type"] == "missing":
                yield cls._absent(str(each["loc"][0])), each["loc"]
            elif not (own and each["type"] == "extra_forbidden"):
                yield _again(each), each["loc"]
        yield from ((each, ()) for each in cls.whole(value))

    @classmethod
    def _absent(cls, key: str) -> PydanticCustomError:
        field = next(each for name, each in cls.model_fields.items() if key in (name, each.validation_alias))
        said = next((each for each in field.metadata if isinstance(each, Otherwise)), None)
        return fault(said.what, said.todo) if said else fault(f"`{key}` is missing", "add it")

    @model_validator(mode="wrap")
    @classmethod
    def _in_words(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        errors: list[ErrorDetails] = []
        found = None
        try:
            found = handler(value)
        except ValidationError as error:
            errors = error.errors(include_url=False, include_input=False)
        wrong = list(cls.told(errors, value if isinstance(value, dict) else {}))
        if found is None or wrong:
            raise ValidationError.from_exception_data(cls.__name__, [detail(*each) for each in wrong])
        return found


class NamedPart(SpecPart):
    """A part with a name, which is that of a file too; its faults begin with kind and name."""

    kind: ClassVar[str]

    name: Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
    title: AnyTitle = Field(default_factory=lambda known: dict.fromkeys(LANGUAGES, known["name"]))

    @classmethod
    def told(cls, errors: Iterable[ErrorDetails], value: Mapping[str, Any]) -> Iterator[Told]:
        """Yield the faults of a part; of one without a proper name this only, since the others begin with it."""
        if wrong := name_fault("", 0, value.get("name"), ""):
            yield fault(wrong.what.partition("0 ")[2], wrong.todo, kind=cls.kind), ()
            return
        for error, steps in super().told(errors, value):
            context = error.context or {}
            yield fault(f"{cls.kind} {value['name']}: {context['what']}", context["todo"]), steps


def twice(kind: str, entries: Any) -> Iterator[PydanticCustomError]:
    """Yield a fault for each name that several of the entries have."""
    names = Counter(str(each.get("name")) for each in entries) if is_entries(entries) else Counter[str]()
    for name in sorted(name for name, times in names.items() if times > 1):
        yield fault(f"two {kind} are called {shown(name)}", "rename one")


def is_entries(value: Any) -> bool:
    """Whether a value is a list of tables, as TOML means the word."""
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _again(error: ErrorDetails) -> PydanticCustomError:
    """An error of a field once more, in general words where the field has none of its own."""
    if error["type"] == FAULT:
        return PydanticCustomError(FAULT, MESSAGE, error.get("ctx"))
    return fault(f"`{place(error['loc'])}` cannot be read", "correct it")
