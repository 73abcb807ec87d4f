"""Types of values in JSON files. Values are checked as by a JSON schema and not converted."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, PlainValidator, WithJsonSchema
from pydantic_core import CoreSchema

from kerege.base.multilingual_titles import NAME, TAG

Number = int | float


def _whole(value: object) -> object:
    """Return a float without a fraction as an integer: JSON does not distinguish 10.0 from 10."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _amount(value: object) -> Number:
    """Return a number of 0 or more. An integer stays an integer, so that it is written as it was read."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not value >= 0:
        raise ValueError("is not a number of 0 or more")
    return value


def _positive(value: object) -> Number:
    if _amount(value) == 0:
        raise ValueError("is not a number above 0")
    return _amount(value)


def _by_language(value: dict[str, str]) -> dict[str, str]:
    if not value or not all(map(TAG.fullmatch, value)):
        raise ValueError("is not a text by language, such as kk, ru and en")
    return value


def _distinct(values: list[str]) -> list[str]:
    if len(set(values)) < len(values):
        raise ValueError("names a value twice")
    return values


class Given:
    """Mark of a key that may be absent but not null: `Annotated[X | None, Given()] = None`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        assert schema["type"] == "nullable"  # noqa: S101 - the mark is only beside `| None`
        inner: CoreSchema = schema["schema"]
        return inner


def number_schema(**limits: float) -> WithJsonSchema:
    """Return the JSON schema of a number."""
    return WithJsonSchema({"type": "number", **limits})


# put it last in an annotation: limits after it would be missing from the JSON schema
AS_INTEGER = BeforeValidator(_whole)
Integer = Annotated[int, AS_INTEGER]
Count = Annotated[int, Field(ge=0), AS_INTEGER]
Amount = Annotated[Number, PlainValidator(_amount), number_schema(minimum=0)]
Positive = Annotated[Number, PlainValidator(_positive), number_schema(exclusiveMinimum=0)]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
PartName = Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
Text = Annotated[
    dict[str, str],
    AfterValidator(_by_language),
    Field(
        json_schema_extra={
            "minProperties": 1,
            "propertyNames": {"pattern": f"^{TAG.pattern}$"},
        }
    ),
]
Values = Annotated[list[str], Field(min_length=1)]
Distinct = Annotated[list[str], AfterValidator(_distinct), Field(json_schema_extra={"uniqueItems": True})]
