"""Base class of the pydantic models of files: frozen, strict, no unknown keys, readable faults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from kerege.base.errors import FAULT, from_validation

MESSAGE = "{what}, {todo}"


class FileModel(BaseModel):
    """A part of a file. Values keep the types that they have in the file; nothing is converted."""

    # with Python's engine `$` and `\d` mean the same as in the JSON Schema validators for Python
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, regex_engine="python-re")

    @property
    def tree(self) -> dict[str, Any]:
        """Return the model as in its file: only the keys that were read or set, numbers unchanged."""
        return self.model_dump(by_alias=True, exclude_unset=True)

    @classmethod
    def parsed(cls, tree: object, file: str) -> Self:
        """Return the model of a decoded file. Raise BadInput with a place and a remedy for each fault."""
        try:
            return cls.model_validate(tree)
        except ValidationError as error:
            raise from_validation(error, file) from None


class OpenModel(FileModel):
    """A part of a file whose hash or signature covers all its keys: those of a newer version are kept."""

    model_config = ConfigDict(extra="allow")


def fault(what: str, todo: str, **more: str) -> PydanticCustomError:
    """Return an error for a validator to raise; `from_validation` repeats its words unchanged."""
    return PydanticCustomError(FAULT, MESSAGE, {"what": what, "todo": todo} | more)


def detail(error: PydanticCustomError, steps: Iterable[str | int] = ()) -> InitErrorDetails:
    """Return the error at a place inside the model, for `ValidationError.from_exception_data`."""
    return InitErrorDetails(type=error, loc=tuple(steps), input=None)


@dataclass(frozen=True)
class Otherwise:
    """Annotation of a field: this sentence replaces every pydantic error of a value of the field."""

    what: str
    todo: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        context = {"what": self.what, "todo": self.todo}
        return core_schema.custom_error_schema(
            handler(source), FAULT, custom_error_message=MESSAGE, custom_error_context=context
        )
