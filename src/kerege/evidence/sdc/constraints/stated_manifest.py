"""The manifest of a publication as an outsider finds it: anybody may have written it, so nothing is required.

A value of another kind than is expected counts as absent, and unknown keys are passed over. What a signed release of
this system must hold is checked elsewhere, after its signature.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _label(value: Any) -> str:
    """A text, or a number in its place, as a year is."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _dict(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _texts_if_any(value: Any) -> list[str] | None:
    return _texts(value) if isinstance(value, list) else None


def _title(value: Any) -> str:
    found = value.get("en") if isinstance(value, dict) else value
    return found if isinstance(found, str) and found.strip() else ""


TextOrNone = Annotated[str, PlainValidator(_text)]
Label = Annotated[str, PlainValidator(_label)]


class Stated(BaseModel):
    """A part of somebody's manifest."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class StatedSnapshot(Stated):
    """What a manifest says of the rows that were counted."""

    unit: TextOrNone = ""
    fingerprint: Label = ""
    as_of: Label = ""


class StatedPolicy(Stated):
    """What a manifest says of its rules."""

    sensitive: Annotated[list[str], PlainValidator(_texts)] = []


def _snapshots(value: Any) -> list[StatedSnapshot]:
    known = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    return [StatedSnapshot.model_validate(each) for each in known]


def _policy(value: Any) -> StatedPolicy:
    return StatedPolicy.model_validate(_dict(value))


class StatedTable(Stated):
    """What a manifest says of a table; `multi` is None where it does not say."""

    name: TextOrNone = ""
    of: TextOrNone = ""
    where: Any = None  # judged with the table at hand
    params: Annotated[dict[str, Any], PlainValidator(_dict)] = {}
    multi: Annotated[list[str] | None, PlainValidator(_texts_if_any)] = None


class StatedManifest(Stated):
    """What a manifest says of a publication beside its tables."""

    title: Annotated[str, PlainValidator(_title)] = ""
    period: Label = ""
    snapshots: Annotated[list[StatedSnapshot], PlainValidator(_snapshots)] = []
    policy: Annotated[StatedPolicy, PlainValidator(_policy)] = StatedPolicy()

    def snapshot(self, unit: str) -> StatedSnapshot:
        """Return what is said of the snapshot of a unit, empty where nothing is."""
        return next((each for each in self.snapshots if unit and each.unit == unit), StatedSnapshot())
