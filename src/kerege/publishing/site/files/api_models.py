"""Models of the JSON API v1, from which its JSON Schemas are made. Within v1 there are only additions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from kerege.charts.model import Status
from kerege.publishing.site.files.figure_file import Kind
from kerege.publishing.site.files.json_text import Tree

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Text = dict[str, str]  # by language
Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class ApiModel(BaseModel):
    """A part of a file. Files of v1 may get more keys later; readers ignore the keys they do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ApiCode(ApiModel):
    """A code with its labels."""

    code: str
    label: Text


class ApiDimension(ApiModel):
    """A dimension besides the period, with its codes in their order."""

    code: str
    label: Text
    codes: list[ApiCode]


class ApiValue(ApiModel):
    """One value. `value` is null exactly when it is withheld or absent, or an estimate without a point."""

    period: str
    codes: dict[str, str]
    value: float | int | None
    lower: float | int | None
    upper: float | int | None
    status: Status
    release: str
    first_release: str
    revised_from: float | int | None


class ApiSource(ApiModel):
    """A release from which values come."""

    name: str
    title: Text
    period: str
    published: Day
    manifest_sha256: str
    page: Text


class ApiIndicator(ApiModel):
    """`indicators/ID.json`: one indicator with all its values."""

    version: Literal["1"]
    id: str
    kind: Kind
    title: Text
    finding: Text
    scope: Text
    unit: Text
    notes: dict[str, list[str]]
    level: Text
    invented: bool
    pinned: str
    publisher: Text
    license: str
    page: Text
    files: dict[str, Text]
    dimensions: list[ApiDimension]
    values: list[ApiValue]
    releases: list[ApiSource]


class IndicatorLink(ApiModel):
    """An indicator in the index."""

    id: str
    title: Text
    kind: str
    updated: Day | None
    url: str
    page: Text


class ReleaseLink(ApiModel):
    """A release in the index. A withdrawn one has its state and its page, and no file."""

    name: str
    title: Text
    period: str
    published: Day
    state: Literal["standing", "corrected", "withdrawn"]
    url: str
    page: Text


class ApiIndex(ApiModel):
    """`index.json`: all indicators and releases."""

    version: Literal["1"]
    title: Text
    publisher: Text
    license: str
    changes: str
    schemas: dict[str, str]
    indicators: list[IndicatorLink]
    releases: list[ReleaseLink]


class ApiChange(ApiModel):
    """A release, a correction, a withdrawal, or a new date of the calendar. It holds no figure."""

    id: str
    kind: Literal["release", "correction", "withdrawal", "date"]
    at: Moment
    release: str
    title: Text
    reason: Text
    replaces: str
    replaced_by: str
    page: Text


class ApiChanges(ApiModel):
    """`changes.json`: every change, newest first."""

    version: Literal["1"]
    changes: list[ApiChange]


class ApiTable(ApiModel):
    """A table of a release."""

    name: str
    title: Text
    of: str
    by: list[str]
    method: str
    file: str
    sha256: str
    published: int
    withheld: int
    changed: int


class ApiRelease(ApiModel):
    """`releases/NAME.json`: one release. A withdrawn one has no table, and is sent with status 410."""

    version: Literal["1"]
    name: str
    title: Text
    period: str
    state: Literal["standing", "corrected", "withdrawn"]
    published: Day
    as_of: Day | None
    invented: bool
    manifest_sha256: str
    license: str
    corrects: str
    corrected_by: str
    reason: Text
    withdrawn_on: Day | None
    replacement: str
    page: Text
    archive: str
    tables: list[ApiTable]


MODELS: dict[str, type[ApiModel]] = {
    "index": ApiIndex,
    "changes": ApiChanges,
    "indicator": ApiIndicator,
    "release": ApiRelease,
}


def schema(name: str) -> Tree:
    """Return the JSON Schema of a kind of file."""
    tree = TypeAdapter(MODELS[name]).json_schema(mode="serialization")
    return {"$schema": DIALECT, "$id": f"{name}.schema.json"} | tree


def tree_of(model: ApiModel) -> Tree:
    """Return a file as a tree, all keys included."""
    return model.model_dump(mode="json")
