"""The `[[microdata]]` of a specification: synthetic records of one snapshot, checked before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kerege.base.errors import BadInput, Fault
from kerege.base.multilingual_titles import LANGUAGES, Title, name_fault, title_of
from kerege.evidence.data.snapshot import shown
from kerege.evidence.release import method_params

if TYPE_CHECKING:
    from kerege.evidence.synthesis import Request
    from kerege.evidence.synthesis.cohorts.budget_series import Cohorts

KEYS = {"name", "of", "columns", "cohorts", "through", "revise", "series", "epsilon", "delta", "preset", "title"}
MOST = 3  # sets of records in one release: each of them is paid for by the same people


@dataclass(frozen=True)
class MicrodataSpec:
    """Synthetic records of the unit `of`, with these columns (empty: all of the snapshot).

    `cohorts` is the column of which a person has one value for good: each is measured by itself, up to the value
    `through` ('': all), and only those in `revise` again. `series` is a name of the people of a file that no register
    froze.
    """

    name: str
    of: str
    epsilon: float
    columns: list[str] = field(default_factory=list)
    delta: float | None = None
    preset: str = "balanced"
    title: Title = field(default_factory=dict)
    cohorts: str = ""
    through: str = ""
    revise: list[str] = field(default_factory=list)
    series: str = ""

    @property
    def asked(self) -> list[str]:
        """The columns, that of the cohorts among them; empty: all."""
        if not self.columns or self.cohorts in ["", *self.columns]:
            return self.columns
        return [self.cohorts, *self.columns]

    @property
    def divided(self) -> Cohorts:
        """The cohorts as the engine takes them."""
        from kerege.evidence.synthesis.cohorts.budget_series import Cohorts

        return Cohorts(self.cohorts, self.through, tuple(self.revise), self.series)

    def request(self, period: str) -> Request:
        """The same as the engine takes it."""
        from kerege.evidence.synthesis import Request  # loads what only whoever makes records needs

        return Request(tuple(self.asked), self.epsilon, self.delta, self.preset, period=period)


def faults(entries: Any, file: str) -> list[Fault]:
    """What is wrong with the `[[microdata]]` of a specification, one sentence each."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return [Fault("`microdata` is no list of tables", "write [[microdata]]", file)]
    if len(entries) > MOST:
        return [Fault(f"has {len(entries)} sets of synthetic records", f"take at most {MOST} in one release", file)]
    found = [fault for number, entry in enumerate(entries, 1) for fault in _entry_faults(entry, number, file)]
    names = [str(entry.get("name")) for entry in entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    found += [Fault(f"two sets of records are called {shown(name)}", "rename one", file) for name in twice]
    return found or _same_titles(entries, file)


def _same_titles(entries: list[dict[str, Any]], file: str) -> list[Fault]:
    """Readers tell two sets of a release by their titles: one without its own has its name."""
    told = [parse(entry) for entry in entries]
    return [Fault(f"microdata {two.name}: has the title of {one.name}", "give each a title of its own, or none", file)
            for number, two in enumerate(told) for one in told[:number]
            if any(one.title[language] == two.title[language] for language in LANGUAGES)]  # fmt: skip


def parse(entry: dict[str, Any]) -> MicrodataSpec:
    """An entry that is free of faults."""
    delta = entry.get("delta")
    title = title_of(entry.get("title")) or title_of(entry["name"])
    return MicrodataSpec(entry["name"], entry["of"], float(entry["epsilon"]), list(entry.get("columns", [])),
                         None if delta is None else float(delta), entry.get("preset", "balanced"), title,
                         entry.get("cohorts", ""), entry.get("through", ""), list(entry.get("revise", [])),
                         entry.get("series", ""))  # fmt: skip


def _entry_faults(entry: dict[str, Any], number: int, file: str) -> list[Fault]:
    name = entry.get("name")
    if fault := name_fault("microdata", number, name, file):
        return [fault]
    return [Fault(f"microdata {name}: {what}", todo, file) for what, todo in _wrong(entry)]


def _wrong(entry: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if extra := set(entry) - KEYS:
        yield f"unknown key {shown(min(extra))}", f"use {', '.join(sorted(KEYS))}"
    if not isinstance(entry.get("of"), str):
        yield "`of` is missing", "name the unit of a snapshot, such as victims"
    columns = entry.get("columns", [])
    if not method_params.is_names(columns):
        yield "`columns` is no list of columns", 'write columns = ["sex", "age_group"], or leave it out for all'
    elif len(set(columns)) < len(columns):
        yield "a column is named twice", "name each column once"
    yield from _of_cohorts(entry)
    yield from _cannot_be(entry)
    if "title" in entry and not title_of(entry["title"]):
        yield "the title lacks a language", "give a string or kk, ru and en"


def _of_cohorts(entry: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """What is wrong with the cohorts, before the snapshot is looked at."""
    if "cohorts" not in entry:
        if extra := sorted({"through", "revise", "series"} & set(entry)):
            yield f"`{extra[0]}` is of cohorts, and there are none", 'write cohorts = "year", or leave it out'
        return
    if not _is_text(entry["cohorts"]):
        yield "`cohorts` is no column", 'write cohorts = "year"'
    elif entry.get("columns") == [entry["cohorts"]]:
        yield "there is nothing to tell of the cohorts", "take other columns too"
    if "through" in entry and not _is_text(entry["through"]):
        yield "`through` is no value of the cohorts", 'write the last one that is closed, as text: through = "2024"'
    if "series" in entry and not _is_text(entry["series"]):
        yield "`series` is no name", 'write what the people of this file are called: series = "clients"'
    revise = entry.get("revise", [])
    if not method_params.is_names(revise) or len(set(revise)) < len(revise):
        yield "`revise` is no list of cohorts", 'write each once, as text: revise = ["2023"]'


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _cannot_be(entry: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """What the engine says of the numbers and the preset: the rule is its own."""
    from kerege.evidence.synthesis.pipeline import Request, check

    try:
        check(Request((), entry.get("epsilon"), entry.get("delta"), entry.get("preset", "balanced")))  # type: ignore[arg-type]
    except BadInput as bad:
        yield from ((fault.what, fault.todo) for fault in bad.faults)
