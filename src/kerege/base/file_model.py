"""Base of the pydantic models of files: frozen, strict, without unknown keys, and with faults in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from kerege.base.errors import FAULT, from_validation

MESSAGE = "{what}, {todo}"


class FileModel(BaseModel):
    """A part of a file. Values keep the types that they have in the file: nothing is converted in silence."""

    # Python's regular expressions read `$` and `\d` as JSON Schema validators in Python do
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, regex_engine="python-re")

    @property
    def tree(self) -> dict[str, Any]:
        """The model as it stands in its file: only the keys that were read or given, numbers as they were."""
        return self.model_dump(by_alias=True, exclude_unset=True)

    @classmethod
    def parsed(cls, tree: Any, file: str) -> Self:
        """Return the model of a decoded file; raises BadInput with a place and a remedy for each fault."""
        try:
            return cls.model_validate(tree)
        except ValidationError as error:
            raise from_validation(error, file) from None


def fault(what: str, todo: str, **more: str) -> PydanticCustomError:
    """Return an error that a validator can raise, which `from_validation` repeats word by word."""
    return PydanticCustomError(FAULT, MESSAGE, {"what": what, "todo": todo} | more)


def detail(error: PydanticCustomError, steps: Iterable[str | int] = ()) -> InitErrorDetails:
    """Return a fault at a place, for `ValidationError.from_exception_data`."""
    return InitErrorDetails(type=error, loc=tuple(steps), input=None)


@dataclass(frozen=True)
class Otherwise:
    """The sentence that takes the place of whatever pydantic finds wrong with a field, or with its absence."""

    what: str
    todo: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        context = {"what": self.what, "todo": self.todo}
        return core_schema.custom_error_schema(
            handler(source), FAULT, custom_error_message=MESSAGE, custom_error_context=context
        )
