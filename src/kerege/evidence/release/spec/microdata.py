"""The `[[microdata]]` entries of a specification: synthetic records of one snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import ErrorDetails, PydanticCustomError

from kerege.base.file_model import Otherwise, fault
from kerege.base.message_text import shown
from kerege.evidence.dp.loss_fields import Delta, Epsilon
from kerege.evidence.release.spec.base_models import NamedSpecPart, PlacedFault, Unit, is_entries

if TYPE_CHECKING:
    from kerege.evidence.synthesis import Request
    from kerege.evidence.synthesis.cohorts.budget_series import Cohorts

MOST = 3  # sets of records in one release: each adds to the privacy loss of the same people
OF_COHORTS = (("through",), ("revise",), ("series",))
Preset = Literal["balanced", "careful", "detailed"]


def _once(columns: list[str]) -> list[str]:
    if len(set(columns)) < len(columns):
        raise fault("a column is named twice", "name each column once")
    return columns


def _cohorts_once(values: list[str]) -> list[str]:
    if len(set(values)) < len(values):
        raise ValueError("a cohort is named twice")
    return values


def _preset(value: Any) -> Any:
    if not isinstance(value, str) or value not in get_args(Preset):
        raise fault(f"there is no preset {shown(str(value))}", f"take one of: {', '.join(get_args(Preset))}")
    return value


Filled = Annotated[str, Field(min_length=1)]
Columns = Annotated[
    list[str],
    Otherwise("`columns` is not a list of columns", 'write columns = ["sex", "age_group"], or leave it out for all'),
    AfterValidator(_once),
]


class MicrodataSpec(NamedSpecPart):
    """Synthetic records of the unit `of`, with these columns (empty: all columns of the snapshot).

    `cohorts` is a column in which a person has one permanent value. Each cohort up to the value `through` ('': all) is
    measured by itself; only those in `revise` are measured again. `series` names the people of an external file. With
    `auto` noisy counts choose among the columns, and between records and noisy counts alone.
    """

    kind: ClassVar[str] = "microdata"

    of: Unit
    columns: Columns = []
    cohorts: Annotated[Filled, Otherwise("`cohorts` is not a column", 'write cohorts = "year"')] = ""
    through: Annotated[
        Filled,
        Otherwise(
            "`through` is not a value of the cohorts", 'write the last one that is closed, as text: through = "2024"'
        ),
    ] = ""
    series: Annotated[
        Filled, Otherwise("`series` is not a name", 'write what the people of this file are called: series = "clients"')
    ] = ""
    revise: Annotated[
        list[str],
        AfterValidator(_cohorts_once),
        Otherwise("`revise` is not a list of cohorts", 'write each once, as text: revise = ["2023"]'),
    ] = []
    epsilon: Epsilon
    delta: Delta = None
    preset: Annotated[Preset, BeforeValidator(_preset)] = "balanced"
    auto: Annotated[
        bool,
        Field(strict=True),
        Otherwise("`auto` is neither true nor false", "write true if noisy counts choose among the columns"),
    ] = False

    @classmethod
    def explain_errors(cls, errors: Iterable[ErrorDetails], value: Mapping[str, Any]) -> Iterator[PlacedFault]:
        """Yield the faults of a set.

        Without `cohorts` the values of the keys that depend on it are not checked.
        """
        relevant = [error for error in errors if "cohorts" in value or error["loc"][:1] not in OF_COHORTS]
        yield from super().explain_errors(relevant, value)

    @classmethod
    def cross_field_faults(cls, value: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        """Yield the faults of the cohorts that do not depend on the snapshot."""
        if "cohorts" in value:
            if value.get("columns") == [value["cohorts"]]:
                yield fault("there is no column besides the cohorts", "take other columns too")
        elif extra := sorted(key for (key,) in OF_COHORTS if key in value):
            yield fault(f"`{extra[0]}` applies to cohorts only", 'write cohorts = "year", or leave it out')

    @property
    def asked(self) -> list[str]:
        """Return the columns including the cohort column; empty means all."""
        if not self.columns or self.cohorts in ["", *self.columns]:
            return self.columns
        return [self.cohorts, *self.columns]

    @property
    def divided(self) -> Cohorts:
        """Return the cohorts as the synthesis takes them."""
        from kerege.evidence.synthesis.cohorts.budget_series import Cohorts

        return Cohorts(self.cohorts, self.through, tuple(self.revise), self.series)

    def request(self, period: str) -> Request:
        """Return the request as the synthesis takes it; `period` is the one whose budget is charged."""
        from kerege.evidence.synthesis import Request  # imported late: only making records needs the synthesis

        return Request(tuple(self.asked), self.epsilon, self.delta, self.preset, period=period, auto=self.auto)


def few(entries: Any) -> Any:
    """Return the entries of a specification. Raise a fault if they are not a list of tables or too many."""
    if not is_entries(entries):
        raise fault("`microdata` is not a list of tables", "write [[microdata]]")
    if len(entries) > MOST:
        raise fault(f"has {len(entries)} sets of synthetic records", f"take at most {MOST} in one release")
    return entries


def distinct(sets: list[MicrodataSpec]) -> list[MicrodataSpec]:
    """Return the sets. Raise a fault if two have the same title in a language.

    Readers identify a set by its title.
    """
    for number, second in enumerate(sets):
        for first in sets[:number]:
            if first.name != second.name and any(
                first.title[language] == second.title[language] for language in first.title.keys() & second.title.keys()
            ):
                raise fault(
                    f"microdata {second.name}: has the title of {first.name}", "give each a title of its own, or none"
                )
    return sets


def parse(entry: Mapping[str, Any], file: str = "") -> MicrodataSpec:
    """Return one validated entry. Raise BadInput for an invalid one."""
    return MicrodataSpec.parsed(dict(entry), file)
