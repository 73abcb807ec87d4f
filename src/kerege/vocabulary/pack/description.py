"""Description of a pack: the file `pack.toml`."""

from __future__ import annotations

import re
import tomllib
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from kerege.base.errors import BadInput, Fault, from_validation

FILE_NAME = "pack.toml"
_BOUND = re.compile(r"(>=|<=|==|>|<)(\d+(?:\.\d+)*)")
Text = Annotated[str, Field(min_length=1, max_length=400)]


def version_key(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, by which versions are ordered; raises ValueError for another text.

    Examples
    --------
    >>> version_key("2026.11.1") < version_key("2026.11.10")
    True
    """
    return tuple(int(part) for part in version.split("."))


def _bounds(text: str) -> str:
    if not all(_BOUND.fullmatch(bound.strip()) for bound in text.split(",")):
        raise ValueError('is not a range of versions: write it as ">=0.1,<0.3"')
    return text


def is_in_range(version: str, bounds: str) -> bool:
    """Return whether a version fits every bound.

    Examples
    --------
    >>> is_in_range("0.2.1", ">=0.2,<0.4"), is_in_range("0.4", ">=0.2,<0.4")
    (True, False)
    """
    return all(_fits(version, sign, bound) for sign, bound in _BOUND.findall(bounds))


def _fits(version: str, sign: str, bound: str) -> bool:
    left, right = ((*version_key(text), 0, 0, 0)[:4] for text in (version, bound))
    return {">=": left >= right, "<=": left <= right, "==": left == right, ">": left > right, "<": left < right}[sign]


class PackDescription(BaseModel):
    """Identifier, version and origin of a pack; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern="^[a-z0-9-]{1,48}$")
    version: str = Field(pattern=r"^\d{1,6}(\.\d{1,6}){1,3}$")
    format: Literal[1]
    country: str = Field(pattern="^[A-Z]{2}$")
    needs_kerege: Annotated[str, AfterValidator(_bounds)]
    vocabulary: str = Field(default="", pattern="^(sha256:[0-9a-f]{64})?$")
    publisher: Text
    licence: Text
    sources: list[Text] = Field(min_length=1)
    fonts: list[Text] = []


def parse_description(text: str, name: str = FILE_NAME) -> PackDescription:
    """Return the description of the text of a `pack.toml`; raises BadInput with every fault."""
    try:
        return PackDescription.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise BadInput(Fault(f"is not TOML ({problem})", "correct it", file=name)) from problem
    except ValidationError as problem:
        raise from_validation(problem, name) from problem
