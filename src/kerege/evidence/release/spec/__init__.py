"""What a release shall hold: `SPEC.toml`, read and checked against the snapshots before anything is counted."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, WithJsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError

from kerege.base.errors import BadInput, Fault
from kerege.base.file_model import Otherwise, fault
from kerege.base.multilingual_titles import Title, title_of
from kerege.evidence.data.publication_threshold import LEAST, THRESHOLD
from kerege.evidence.release import method_params
from kerege.evidence.release.method_params import METHODS
from kerege.evidence.release.spec.microdata import MicrodataSpec, distinct, few
from kerege.evidence.release.spec.parts import (
    TITLE_SCHEMA,
    AnyTitle,
    Filter,
    NamedPart,
    SpecPart,
    Told,
    Unit,
    is_entries,
    twice,
)
from kerege.evidence.release.spec.prevalence import PrevalenceSpec, estimate_entries

if TYPE_CHECKING:
    from kerege.evidence.data.snapshot import Snapshot

PERIOD = r"\d{4}([-/].{1,12})?"
THRESHOLD_FAULT = next(method_params.threshold_fault(None))


class TableSpec(NamedPart):
    """One table of a release.

    `params` are the method's parameters as they were given; `within` a release they have their defaults. `sensitive`
    are the columns of which a group may not share one value (empty: those of the standard).
    """

    kind: ClassVar[str] = "table"

    of: Unit
    by: Annotated[list[str], Otherwise("`by` is no list of columns", 'write by = ["sex"]')] = []
    where: Filter = {}
    method: Annotated[Any, WithJsonSchema({"enum": list(METHODS)})] = "suppress"
    params: Annotated[Any, WithJsonSchema({"type": "object"})] = Field(default_factory=dict)

    _threshold: int = PrivateAttr(THRESHOLD)
    _sensitive: list[str] = PrivateAttr(default_factory=list)

    @classmethod
    def whole(cls, value: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        """Yield what is wrong with the method and its parameters."""
        for wrong in method_params.faults(value.get("method", "suppress"), value.get("params", {})):
            yield fault(*wrong)

    @property
    def threshold(self) -> int:
        """The smallest count that may be published."""
        return self._threshold

    @property
    def sensitive(self) -> list[str]:
        """The columns of which a group may not share one value."""
        return self._sensitive

    @property
    def rho(self) -> float:
        """The privacy loss (zCDP) of drawing this table."""
        return float(self.params["rho"]) if self.method == "dp" else 0.0

    def within(self, threshold: int = THRESHOLD, sensitive: Iterable[str] = ()) -> Self:
        """Return the table with what the release says of all its tables, and the defaults of its method."""
        given: Mapping[str, Any] = self.params
        params = method_params.complete(self.method, given, threshold)
        own = max(int(params.get("threshold", threshold)), threshold)
        if self.method == "suppress":
            params["threshold"] = own
        found = self.model_copy(update={"params": params})
        found._threshold, found._sensitive = own, list(given.get("sensitive", sensitive))
        return found


def _period(value: Any) -> str:
    if not re.fullmatch(PERIOD, str(value)):
        raise ValueError("no period")
    return str(value)


def _moment(value: Any) -> Any:
    """A time as text that says how far it is from UTC."""
    if not isinstance(value, str) or datetime.fromisoformat(value).utcoffset() is None:
        raise ValueError("no time with its offset")
    return value


def _text(value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("no text")
    return value


def _three(value: Any) -> Title:
    if not (isinstance(value, dict) and (found := title_of(value))):
        raise ValueError("no text in three languages")
    return found


def _three_languages(name: str) -> Any:
    return Annotated[
        Title,
        BeforeValidator(_three),
        WithJsonSchema(TITLE_SCHEMA),
        Otherwise(f"`{name}` lacks a language", "give kk, ru and en"),
    ]


class ReleaseSpec(SpecPart):
    """A release: its title, its period, its tables, its synthetic records and estimates, and what is said about it."""

    title: Annotated[AnyTitle, Otherwise("has no title", 'add title = "..." or title = {kk, ru, en}')]
    period: Annotated[
        str,
        BeforeValidator(_period),
        WithJsonSchema({"type": ["string", "integer"], "pattern": f"^{PERIOD}$"}),
        Otherwise("has no period that begins with a year", 'write period = "2025"'),
    ]
    threshold: Annotated[int, Field(ge=LEAST), Otherwise(*THRESHOLD_FAULT)] = THRESHOLD
    sensitive: Annotated[
        list[str], Otherwise("`sensitive` is no list of columns", 'write sensitive = ["exploitation"]')
    ] = []
    embargo: Annotated[
        str | None,
        BeforeValidator(_moment),
        WithJsonSchema({"type": "string", "format": "date-time"}),
        Otherwise("the embargo is no time with its offset", 'write embargo = "2026-07-30T10:00:00+05:00"'),
    ] = None
    prose: _three_languages("prose") = {}  # type: ignore[valid-type]
    revision_of: Annotated[
        str | None,
        BeforeValidator(_text),
        WithJsonSchema({"type": "string", "minLength": 1}),
        Otherwise("`revision_of` names no release", 'write revision_of = "annual-2025"'),
    ] = None
    revision_note: _three_languages("revision_note") = {}  # type: ignore[valid-type]
    tables: Annotated[list[TableSpec], Field(validation_alias="table", min_length=1)]
    microdata: Annotated[list[MicrodataSpec], BeforeValidator(few), AfterValidator(distinct)] = []
    estimates: Annotated[
        list[PrevalenceSpec], BeforeValidator(estimate_entries), Field(validation_alias="estimate")
    ] = []

    _source: dict[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def whole(cls, value: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        """Yield what is wrong with several keys together."""
        if ("revision_of" in value) != ("revision_note" in value):
            what = "a revision takes `revision_of` and `revision_note`"
            yield fault(what, "give both or none", column="revision_note")
        yield from twice("tables", value.get("table"))
        yield from twice("sets of records", value.get("microdata"))
        yield from twice("estimates", value.get("estimate"))

    @classmethod
    def told(cls, errors: Iterable[ErrorDetails], value: Mapping[str, Any]) -> Iterator[Told]:
        """Yield the faults of a release: those of its own keys name the key as the place."""
        for error, steps in super().told(errors, value):
            if len(steps) == 1 and steps[0] not in ("table", "microdata", "estimate"):
                context = error.context or {}
                yield fault(context["what"], context["todo"], column=str(steps[0])), steps
            else:
                yield error, steps

    @property
    def source(self) -> dict[str, Any]:
        """The tree from which it was read: a request to the ledger is known by it."""
        return self._source

    @property
    def rho(self) -> float:
        """The privacy loss (zCDP) of all its tables, if each is drawn anew; that of records is told with them."""
        return sum(table.rho for table in self.tables)


def read(path: Path) -> ReleaseSpec:
    """Read a specification; raises BadInput with one sentence a fault."""
    try:
        tree = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError:
        raise BadInput(Fault("cannot be read", "check the path", file=str(path))) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(Fault(f"is not TOML ({error})", "correct it", file=str(path))) from None
    return parse(tree, str(path))


def parse(tree: dict[str, Any], file: str = "spec") -> ReleaseSpec:
    """Check the parts of a specification; raises BadInput."""
    if isinstance(moment := tree.get("embargo"), datetime):
        tree = tree | {"embargo": moment.isoformat()}
    if not is_entries(tree.get("table")) or not tree["table"]:
        raise BadInput(Fault("has no table", "add at least one [[table]]", file=file))
    found = ReleaseSpec.parsed(tree, file)
    spec = found.model_copy(update={"tables": [each.within(found.threshold, found.sensitive) for each in found.tables]})
    spec._source = tree
    return spec


def units(snapshots: Iterable[Snapshot]) -> dict[str, Snapshot]:
    """Snapshots by unit; raises BadInput when two have the same."""
    found: dict[str, Snapshot] = {}
    for snapshot in snapshots:
        if snapshot.unit in found:
            fault = Fault(f"a second snapshot of {snapshot.unit}", "give one snapshot a unit", file=snapshot.path)
            raise BadInput(fault)
        found[snapshot.unit] = snapshot
    return found
