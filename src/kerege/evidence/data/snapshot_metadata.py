"""Metadata of a snapshot file: unit, reference date, pack, and whether its rows are invented."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict

from kerege.base.file_model import FileModel
from kerege.base.file_types import Given, Integer

METADATA = b"kerege"  # key of the metadata in the Parquet file
FORMAT: Final = "kerege-snapshot/1"


class PackStamp(FileModel):
    """Pack of the country under whose code lists rows were written: its id, version and hash of its files."""

    model_config = ConfigDict(extra="ignore")

    id: str
    version: str
    manifest: str


class SnapshotMetadata(FileModel):
    """Metadata of a snapshot as JSON; keys of a later version are ignored."""

    model_config = ConfigDict(extra="ignore")

    format: Literal["kerege-snapshot/1"]
    unit: str
    as_of: str
    invented: bool
    columns: Annotated[Integer | None, Given()] = None  # version of the columns of the unit; absent is 1
    pack: Annotated[PackStamp | None, Given()] = None
