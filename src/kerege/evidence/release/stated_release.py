"""The statements of a manifest before its signature is checked, to decide how to treat its folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import PlainValidator

from kerege.evidence.release import MANIFEST
from kerege.evidence.sdc.published_tables.stated_manifest import Label, Stated, StatedTable, TextOrNone


class StatedPart(StatedTable):
    """The statements about a table, also of its method."""

    method: TextOrNone = ""


def _parts(value: object) -> list[StatedPart] | None:
    if not isinstance(value, list):
        return None
    return [StatedPart.model_validate(entry) if isinstance(entry, dict) else StatedPart() for entry in value]


def _number(value: object) -> int:
    return len(value) if isinstance(value, list) else 0


def _given(value: object) -> bool:
    return value is not None


class StatedRelease(Stated):
    """The statements of a manifest about a release; none is required, and `tables` is None without a list."""

    format: TextOrNone = ""
    period: Label = ""
    embargo: TextOrNone = ""
    is_assessed: Annotated[bool, PlainValidator(_given)] = False
    tables: Annotated[list[StatedPart] | None, PlainValidator(_parts)] = None
    microdata: Annotated[int, PlainValidator(_number)] = 0  # the number of sets
    estimates: Annotated[int, PlainValidator(_number)] = 0  # the number of estimates

    @classmethod
    def read(cls, folder: Path) -> StatedRelease | None:
        """Return the statements of the manifest in a folder; None when there is none, or no JSON object."""
        try:
            tree = json.loads((folder / MANIFEST).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return cls.model_validate(tree | {"is_assessed": tree.get("attack")}) if isinstance(tree, dict) else None
