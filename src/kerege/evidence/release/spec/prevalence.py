"""The `[[estimate]]` entries of a specification: population, period, lists and methods of an estimate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from kerege.base.errors import BadInput
from kerege.base.file_model import Otherwise, fault
from kerege.evidence.data.periods import YEAR, list_years
from kerege.evidence.release.method_params import is_names
from kerege.evidence.release.spec.base_models import Filter, NamedSpecPart, Unit, is_entries

BOOTSTRAP, LEAST, MOST = 20_000, 200, 1_000_000
HEADLINE, FURTHER = ("stepwise", "bic", "decomposable", "lcmcr"), ("independence", "lower_bound", "thresholding")
METHODS = HEADLINE + FURTHER
Lists = list[str] | dict[str, list[str]]
NAMES_SCHEMA = {"type": "array", "items": {"type": "string"}}


def _period(value: str) -> str:
    try:
        list_years(value)
    except BadInput as bad:
        raise fault(bad.faults[0].what, bad.faults[0].todo) from None
    return value


def _without_year(where: dict[str, list[str]]) -> dict[str, list[str]]:
    if YEAR in where:
        raise fault("the year is given twice", "leave it to `period`")
    return where


def _lists(value: Any) -> Lists:
    kinds = list(value.values()) if isinstance(value, dict) else [value]
    if not all(is_names(kinds_of_list) and (kinds_of_list or kinds_of_list is value) for kinds_of_list in kinds):
        raise fault(
            "`lists` is not a list of kinds of agencies", 'write lists = ["police", "ngo"] or {helpers = ["ngo"]}'
        )
    named = [kind for kinds_of_list in kinds for kind in kinds_of_list]
    if len(set(named)) < len(named):
        raise fault("a kind of agency is on two lists", "name each once")
    return (
        {name: list(kinds_of_list) for name, kinds_of_list in value.items()} if isinstance(value, dict) else list(value)
    )


def _headline(methods: list[str]) -> list[str]:
    if methods and not set(HEADLINE) <= set(methods) <= set(METHODS):
        raise ValueError("no headline")
    return methods


class PrevalenceSpec(NamedSpecPart):
    """An estimate of the undetected among the persons of `of` in `period` that match `where`.

    `lists` are kinds of agencies, one list each, or lists by name with their kinds; empty: lists are chosen by size.
    `methods` are some of the seven methods that a release prints (empty: all). `linkage_reviewed` says whether people
    reviewed the uncertain links; without an answer only the lower figure is published. `planted` is the true number for
    invented people, if known.
    """

    kind: ClassVar[str] = "estimate"

    of: Unit
    period: Annotated[
        str,
        Field(min_length=1),
        Otherwise("has no period", 'write period = "2025" or "2021/2025": the estimate needs a closed period'),
        AfterValidator(_period),
    ]
    where: Annotated[Filter, AfterValidator(_without_year)] = {}
    lists: Annotated[
        Lists,
        BeforeValidator(_lists),
        WithJsonSchema({"anyOf": [NAMES_SCHEMA, {"type": "object", "additionalProperties": NAMES_SCHEMA}]}),
    ] = []
    seed: Annotated[int, Field(ge=0, le=2**63 - 1), Otherwise("the seed is not a whole number", "write seed = 1")] = 1
    bootstrap: Annotated[
        int,
        Field(ge=LEAST, le=MOST),
        Otherwise("`bootstrap` is not a number of resamples", f"write a whole number from {LEAST} to {MOST:,}"),
    ] = BOOTSTRAP
    methods: Annotated[
        list[str],
        AfterValidator(_headline),
        Otherwise("`methods` does not span a headline", f"take {', '.join(HEADLINE)} and any of {', '.join(FURTHER)}"),
    ] = []
    linkage_reviewed: Annotated[
        bool | None,
        Field(strict=True),
        Otherwise("`linkage_reviewed` is neither true nor false", "write true if people reviewed the uncertain links"),
    ] = None
    planted: Annotated[
        int | None,
        BeforeValidator(lambda value: "" if value is None else value),  # None only where the key is left out
        Field(ge=1, le=10**9),
        Otherwise("`planted` is not a number of people", "write how many were invented"),
    ] = None

    @property
    def filter(self) -> dict[str, frozenset[str]]:
        """Return the filter of the counted persons in the form of a table filter."""
        chosen = {name: frozenset(values) for name, values in self.where.items()}
        return chosen | {YEAR: frozenset(list_years(self.period))}


def estimate_entries(value: Any) -> Any:
    """Return the entries of a specification. Raise a fault if they are not a list of tables."""
    if not is_entries(value):
        raise fault("`estimate` is not a list of tables", "write [[estimate]]")
    return value


def parse(entry: Mapping[str, Any], file: str = "") -> PrevalenceSpec:
    """Return one validated entry. Raise BadInput."""
    return PrevalenceSpec.parsed(dict(entry), file)
