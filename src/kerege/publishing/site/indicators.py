"""Indicators of the public site, from `indicators.toml`: what each counts, and from which tables."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kerege.base.errors import BadInput, Fault
from kerege.base.file_model import FileModel, fault
from kerege.publishing.report.profile_words import write_profile_words
from kerege.vocabulary import reference_figures

PATH = Path(__file__).parent / "indicators.toml"
THEMES = ("help", "people", "routes", "justice", "reach", "undetected")
TIMES = frozenset({"year", "half", "quarter"})  # columns whose values are periods
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,59}$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


class SeriesSource(FileModel):
    """Source of one series: a table or an estimate of the releases."""

    code: Name
    table: Name | None = None
    estimate: Name | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.table is None) == (self.estimate is None):
            raise fault("names not exactly one source", "give `table` or `estimate`")
        return self


class SeriesBreak(FileModel):
    """Place after which a series counts something else, and the name of the reason."""

    after: str
    why: Slug


class SiteIndicator(FileModel):
    """One indicator: a question that one page answers from the signed releases."""

    id: Slug
    aliases: list[Slug] = []
    retired: Slug | None = None  # name of the reason in [why]
    theme: Literal["help", "people", "routes", "justice", "reach", "undetected"]
    kind: Literal["counted", "estimated", "quoted"]
    noun: Name
    chart: Literal["columns", "bars", "stacked", "estimate", "tiles", "flow", "step", "lines", "quote"]
    axis: Annotated[list[Name], Field(max_length=2)] = []
    split: Name | None = None
    ordered: bool = False  # whether the marks keep the order of their code list instead of the largest first
    whole: bool = False
    never_added: bool = False
    zero_is_absent: bool = False  # whether a zero says that nobody counted in that period
    related: list[Slug] = []
    know: Annotated[list[Name], Field(min_length=2, max_length=5)]
    series: list[SeriesSource] = []
    breaks: list[SeriesBreak] = []
    quote: str | None = None

    @property
    def is_timed(self) -> bool:
        """Return whether the marks are periods, which a later release continues."""
        return bool(self.axis) and self.axis[0] in TIMES

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables."""
        return tuple(source.table for source in self.series if source.table)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.kind == "quoted") != (self.quote is not None) or (self.quote is None) != bool(self.series):
            raise fault("is neither counted from series nor quoted", "give `series`, or `quote` with kind = quoted")
        if self.split and len(self.series) != 1:
            raise fault("splits several tables", "give one table with `split`, or several without")
        codes = [source.code for source in self.series]
        if len(set(codes)) < len(codes):
            raise fault("names a series twice", "give each series a code of its own")
        return self


class IndicatorFile(FileModel):
    """The whole file."""

    indicator: list[SiteIndicator]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = Counter(name for entry in self.indicator for name in (entry.id, *entry.aliases))
        if twice := sorted(name for name, count in names.items() if count > 1):
            raise fault(f"names {', '.join(twice)} twice", "keep each id and alias once")
        ids = {entry.id for entry in self.indicator}
        if unknown := sorted({name for entry in self.indicator for name in entry.related} - ids):
            raise fault(f"relates to unknown ids: {', '.join(unknown)}", "correct `related`")
        return self


def parse(text: str, file: str = PATH.name) -> tuple[SiteIndicator, ...]:
    """Return the indicators of a TOML text, in its order. Raises BadInput with every fault."""
    try:
        tree = tomllib.loads(write_profile_words(text, "en"))
    except tomllib.TOMLDecodeError as problem:
        raise BadInput(Fault(f"is not TOML ({problem})", "correct it", file=file)) from problem
    return tuple(IndicatorFile.parsed(tree, file).indicator)


@cache
def list_indicators() -> tuple[SiteIndicator, ...]:
    """Return every indicator of the site, also the retired ones, in the order of the file.

    A quoted figure that the country's pack does not quote is left out.
    """
    quotes = {entry["id"] for entry in reference_figures.context()}
    return tuple(
        entry for entry in parse(PATH.read_text(encoding="utf-8")) if entry.quote is None or entry.quote in quotes
    )


@cache
def list_counted() -> tuple[SiteIndicator, ...]:
    """Return the indicators that are counted or estimated by releases, not quoted from other publications."""
    return tuple(entry for entry in list_indicators() if entry.kind != "quoted")


@cache
def _by_name() -> dict[str, SiteIndicator]:
    return {name: entry for entry in list_indicators() for name in (entry.id, *entry.aliases)}


def find_indicator(name: str) -> SiteIndicator | None:
    """Return the indicator with this id or alias, or None."""
    return _by_name().get(name)


def get_indicator(name: str) -> SiteIndicator:
    """Return the indicator with this id, which the code names. Raises KeyError."""
    return _by_name()[name]


def of_theme(theme: str, among: Iterable[SiteIndicator] | None = None) -> tuple[SiteIndicator, ...]:
    """Return the indicators of a theme that are not retired."""
    entries = list_indicators() if among is None else among
    return tuple(entry for entry in entries if entry.theme == theme and entry.retired is None)
