"""The manifest of a publication as an intruder finds it: any publisher may have written it.

No key is required. A value of an unexpected type counts as absent, and unknown keys are ignored. The contents of a
signed release of Kerege are checked elsewhere, after its signature.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc.published_tables.people_tie import PeopleTie


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _label(value: Any) -> str:
    """Return a text, or a number such as a year as text."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _dict(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _texts_if_any(value: Any) -> list[str] | None:
    return _texts(value) if isinstance(value, list) else None


def _truth_if_any(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _title(value: Any) -> str:
    title = value.get("en") if isinstance(value, dict) else value
    return title if isinstance(title, str) and title.strip() else ""


Truth = Annotated[bool | None, PlainValidator(_truth_if_any)]
TextOrNone = Annotated[str, PlainValidator(_text)]
Label = Annotated[str, PlainValidator(_label)]


class Stated(BaseModel):
    """A part of a manifest of any publisher."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class StatedSnapshot(Stated):
    """The statements of a manifest about the counted rows."""

    unit: TextOrNone = ""
    fingerprint: Label = ""
    as_of: Label = ""


class StatedPolicy(Stated):
    """The statements of a manifest about its disclosure rules."""

    sensitive: Annotated[list[str], PlainValidator(_texts)] = []
    states_sensitive: bool = False  # whether `sensitive` is a list, which can be empty


def _flag(value: object) -> bool:
    return value is True


def _columns(value: object) -> list[str] | bool:
    return _texts(value) if isinstance(value, list) else _flag(value)


def _values(value: object) -> dict[str, str]:
    return {name: code for name, code in _dict(value).items() if isinstance(code, str)}


class StatedTie(Stated):
    """The statement that the rows of one unit concern the people of another; see `PeopleTie`."""

    rows: TextOrNone = ""
    people: TextOrNone = ""
    same: Annotated[list[str], PlainValidator(_texts)] = []
    values: Annotated[dict[str, str], PlainValidator(_values)] = {}
    is_complete: Annotated[bool, PlainValidator(_flag), Field(alias="every_row_counted")] = False
    once: Annotated[list[str] | bool, PlainValidator(_columns), Field(alias="one_row_per_value")] = []

    @property
    def tie(self) -> PeopleTie:
        """Return the tie; one row for each value implies that each row is counted.

        `true` in place of columns names the only column of `values`; with several columns it names none, because the
        keys of an object have no order.
        """
        stated = self.once if isinstance(self.once, list) else list(self.values) * self.once * (len(self.values) == 1)
        once = tuple(name for name in self.values if name in stated)
        return PeopleTie(
            rows=self.rows,
            people=self.people,
            same=tuple(self.same),
            values=self.values,
            is_complete=self.is_complete or bool(once),
            once=once,
        )


def _ties(value: object) -> list[StatedTie]:
    entries = [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
    return [tie for tie in map(StatedTie.model_validate, entries) if tie.rows and tie.people and tie.values]


def _snapshots(value: Any) -> list[StatedSnapshot]:
    entries = [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
    return [StatedSnapshot.model_validate(entry) for entry in entries]


def _policy(value: Any) -> StatedPolicy:
    policy = _dict(value)
    return StatedPolicy.model_validate(policy | {"states_sensitive": isinstance(policy.get("sensitive"), list)})


class StatedTable(Stated):
    """The statements of a manifest about a table.

    `multi` and `cumulative` are None when it states nothing. A cumulative table counts a whole register up to `as_of`
    or to the end of `period`, any other one only the period.
    """

    name: TextOrNone = ""
    of: TextOrNone = ""
    where: Any = None  # checked together with the table
    params: Annotated[dict[str, Any], PlainValidator(_dict)] = {}
    multi: Annotated[list[str] | None, PlainValidator(_texts_if_any)] = None
    as_of: Label = ""
    period: Label = ""
    cumulative: Truth = None


class StatedTime(NamedTuple):
    """The reference date and the period of a table, whether it is cumulative, and its snapshot."""

    as_of: str = ""
    period: str = ""
    is_cumulative: bool | None = None
    origin: str = ""


def stated_time(snapshot: Snapshot) -> StatedTime:
    """Return the time that a release of a snapshot states."""
    return StatedTime(snapshot.as_of, snapshot.period, snapshot.is_cumulative, snapshot.origin)


class StatedManifest(Stated):
    """The statements of a manifest about a publication."""

    title: Annotated[str, PlainValidator(_title)] = ""
    period: Label = ""
    cumulative: Truth = None
    snapshots: Annotated[list[StatedSnapshot], PlainValidator(_snapshots)] = []
    policy: Annotated[StatedPolicy, PlainValidator(_policy)] = StatedPolicy()
    ties: Annotated[list[StatedTie], PlainValidator(_ties)] = []

    def ties_of(self, unit: str) -> tuple[PeopleTie, ...]:
        """Return the ties of a unit, as rows or as people."""
        return tuple(entry.tie for entry in self.ties if unit and unit in (entry.rows, entry.people))

    def snapshot(self, unit: str) -> StatedSnapshot:
        """Return the statements about the snapshot of a unit, empty when there are none."""
        return next((entry for entry in self.snapshots if unit and entry.unit == unit), StatedSnapshot())

    def time_of(self, table: StatedTable) -> StatedTime:
        """Return the time of a table: stated of itself, else of its snapshot and of the release."""
        cumulative = self.cumulative if table.cumulative is None else table.cumulative
        if table.as_of or table.period:
            return StatedTime(table.as_of, table.period, cumulative, "")
        snapshot = self.snapshot(table.of)
        return StatedTime(snapshot.as_of, self.period, cumulative, snapshot.fingerprint)
