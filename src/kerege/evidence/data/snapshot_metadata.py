"""Metadata of a snapshot file: its unit, its reference date, and whether its rows are invented."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import ConfigDict

from kerege.base.file_model import FileModel

METADATA = b"kerege"  # key of the metadata in the Parquet file
FORMAT: Final = "kerege-snapshot/1"


class SnapshotMetadata(FileModel):
    """Metadata of a snapshot as JSON; keys of a later version are ignored."""

    model_config = ConfigDict(extra="ignore")

    format: Literal["kerege-snapshot/1"]
    unit: str
    as_of: str
    invented: bool
