"""Specification of a release (`SPEC.toml`): its models, reading and validation."""

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
from kerege.evidence.dp.zcdp import compose
from kerege.evidence.release import method_params
from kerege.evidence.release.method_params import METHODS
from kerege.evidence.release.spec.base_models import (
    TITLE_SCHEMA,
    AnyTitle,
    Filter,
    NamedSpecPart,
    PlacedFault,
    SpecPart,
    Unit,
    duplicate_names,
    is_entries,
)
from kerege.evidence.release.spec.microdata import MicrodataSpec, distinct, few
from kerege.evidence.release.spec.prevalence import PrevalenceSpec, estimate_entries
from kerege.evidence.release.typed_figures import check_texts
from kerege.vocabulary import languages

if TYPE_CHECKING:
    from kerege.evidence.data.snapshot import Snapshot

PERIOD = r"\d{4}([-/].{1,12})?"
THRESHOLD_FAULT = next(method_params.threshold_fault(None))


class TableSpec(NamedSpecPart):
    """A table of a release.

    `params` are the parameters of the method as given; `within` adds their defaults. `sensitive` are the columns in
    which a group must not share one value (empty: those of the standard).
    """

    kind: ClassVar[str] = "table"

    of: Unit
    by: Annotated[list[str], Otherwise("`by` is not a list of columns", 'write by = ["sex"]')] = []
    where: Filter = {}
    method: Annotated[Any, WithJsonSchema({"enum": list(METHODS)})] = "suppress"
    params: Annotated[Any, WithJsonSchema({"type": "object"})] = Field(default_factory=dict)

    _threshold: int = PrivateAttr(THRESHOLD)
    _sensitive: list[str] = PrivateAttr(default_factory=list)

    @classmethod
    def cross_field_faults(cls, value: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        """Yield the faults of the method and its parameters."""
        for wrong in method_params.find_faults(value.get("method", "suppress"), value.get("params", {})):
            yield fault(*wrong)

    @property
    def threshold(self) -> int:
        """Return the smallest publishable count."""
        return self._threshold

    @property
    def sensitive(self) -> list[str]:
        """Return the columns in which a group must not share one value."""
        return self._sensitive

    @property
    def rho(self) -> float:
        """Return the privacy loss (rho of zCDP) of drawing this table."""
        return float(self.params["rho"]) if self.method == "dp" else 0.0

    def within(self, threshold: int = THRESHOLD, sensitive: Iterable[str] = ()) -> Self:
        """Return the table with the settings of the release and the defaults of its method."""
        given: Mapping[str, Any] = self.params
        params = method_params.complete(self.method, given, threshold)
        own = max(int(params.get("threshold", threshold)), threshold)
        if self.method == "suppress":
            params["threshold"] = own
        table = self.model_copy(update={"params": params})
        table._threshold, table._sensitive = own, list(given.get("sensitive", sensitive))
        return table


def _period(value: Any) -> str:
    if not re.fullmatch(PERIOD, str(value)):
        raise ValueError("no period")
    return str(value)


def _moment(value: Any) -> Any:
    """Return a time as text; raise ValueError without a UTC offset."""
    if not isinstance(value, str) or datetime.fromisoformat(value).utcoffset() is None:
        raise ValueError("no time with its offset")
    return value


def _text(value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("no text")
    return value


def _in_every_language(value: Any) -> Title:
    if not (isinstance(value, dict) and (title := title_of(value, languages.offered()))):
        raise ValueError("no text in every language")
    return title


def _lacks_a_language(name: str) -> Otherwise:
    return Otherwise(f"`{name}` lacks a language", "give a text in each language of the country")


TextByLanguage = Annotated[Title, BeforeValidator(_in_every_language), WithJsonSchema(TITLE_SCHEMA)]


class ReleaseSpec(SpecPart):
    """A release: title, period, tables, synthetic records, estimates and accompanying texts."""

    title: Annotated[AnyTitle, Otherwise("has no title", 'add title = "..." or a table such as title = {kk, ru, en}')]
    period: Annotated[
        str,
        BeforeValidator(_period),
        WithJsonSchema({"type": ["string", "integer"], "pattern": f"^{PERIOD}$"}),
        Otherwise("has no period that begins with a year", 'write period = "2025"'),
    ]
    threshold: Annotated[int, Field(ge=LEAST), Otherwise(*THRESHOLD_FAULT)] = THRESHOLD
    sensitive: Annotated[
        list[str], Otherwise("`sensitive` is not a list of columns", 'write sensitive = ["exploitation"]')
    ] = []
    multi: Annotated[
        list[str], Otherwise("`multi` is not a list of columns", 'write multi = ["means"]')
    ] = []  # columns of a CSV with several values of a person, separated by `;`
    cumulative: Annotated[
        bool | None,
        Field(strict=True),
        WithJsonSchema({"type": "boolean"}),
        Otherwise("`cumulative` is neither true nor false", "write cumulative = true, or false for one period"),
    ] = None  # whether a file without a date counts everybody up to the end of the period; None if not stated
    embargo: Annotated[
        str | None,
        BeforeValidator(_moment),
        WithJsonSchema({"type": "string", "format": "date-time"}),
        Otherwise("the embargo is not a time with its offset", 'write embargo = "2026-07-30T10:00:00+05:00"'),
    ] = None
    prose: Annotated[TextByLanguage, _lacks_a_language("prose")] = {}
    revision_of: Annotated[
        str | None,
        BeforeValidator(_text),
        WithJsonSchema({"type": "string", "minLength": 1}),
        Otherwise("`revision_of` names no release", 'write revision_of = "annual-2025"'),
    ] = None
    revision_note: Annotated[TextByLanguage, _lacks_a_language("revision_note")] = {}
    tables: Annotated[list[TableSpec], Field(validation_alias="table", min_length=1)]
    microdata: Annotated[list[MicrodataSpec], BeforeValidator(few), AfterValidator(distinct)] = []
    estimates: Annotated[
        list[PrevalenceSpec], BeforeValidator(estimate_entries), Field(validation_alias="estimate")
    ] = []

    _source: dict[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def cross_field_faults(cls, value: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        """Yield the faults that concern several keys together."""
        if ("revision_of" in value) != ("revision_note" in value):
            what = "a revision takes `revision_of` and `revision_note`"
            yield fault(what, "give both or none", column="revision_note")
        yield from duplicate_names("tables", value.get("table"))
        yield from duplicate_names("sets of records", value.get("microdata"))
        yield from duplicate_names("estimates", value.get("estimate"))

    @classmethod
    def explain_errors(cls, errors: Iterable[ErrorDetails], value: Mapping[str, Any]) -> Iterator[PlacedFault]:
        """Yield the faults of a release; a fault of one of its own keys names the key as the column."""
        for error, steps in super().explain_errors(errors, value):
            if len(steps) == 1 and steps[0] not in ("table", "microdata", "estimate"):
                context = error.context or {}
                yield fault(context["what"], context["todo"], column=str(steps[0])), steps
            else:
                yield error, steps

    @property
    def source(self) -> dict[str, Any]:
        """Return the tree that was read; the ledger identifies a request by it."""
        return self._source

    @property
    def rho(self) -> float:
        """Return the privacy loss (rho of zCDP) of drawing all tables; the loss of records is not included."""
        return compose(table.rho for table in self.tables)


def read(path: Path, multi: Iterable[str] = (), *, is_cumulative: bool | None = None) -> ReleaseSpec:
    """Return the specification in a file, with further multi-valued columns.

    `is_cumulative` is the value of `cumulative` if the file has none. Raise BadInput with one sentence per fault.
    """
    try:
        tree = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError:
        raise BadInput(Fault("cannot be read", "check the path", file=str(path))) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(Fault(f"is not TOML ({error})", "correct it", file=str(path))) from None
    if multi and isinstance(stated := tree.get("multi", []), list):
        tree["multi"] = list(dict.fromkeys([*stated, *multi]))
    if is_cumulative is not None:
        tree.setdefault("cumulative", is_cumulative)
    return parse(tree, str(path))


def parse(tree: dict[str, Any], file: str = "spec") -> ReleaseSpec:
    """Return the validated specification of a tree. Raise BadInput."""
    if isinstance(moment := tree.get("embargo"), datetime):
        tree = tree | {"embargo": moment.isoformat()}
    if not is_entries(tree.get("table")) or not tree["table"]:
        raise BadInput(Fault("has no table", "add at least one [[table]]", file=file))
    parsed = ReleaseSpec.parsed(tree, file)
    check_texts(tree, file)
    spec = parsed.model_copy(
        update={"tables": [table.within(parsed.threshold, parsed.sensitive) for table in parsed.tables]}
    )
    spec._source = tree
    return spec


def units(snapshots: Iterable[Snapshot]) -> dict[str, Snapshot]:
    """Return snapshots by unit. Raise BadInput if two have the same unit."""
    by_unit: dict[str, Snapshot] = {}
    for snapshot in snapshots:
        if snapshot.unit in by_unit:
            fault = Fault(
                f"there is a second snapshot of {snapshot.unit}", "give one snapshot per unit", file=snapshot.path
            )
            raise BadInput(fault)
        by_unit[snapshot.unit] = snapshot
    return by_unit
