"""The `[[estimate]]` of a specification: of whom, from which lists, checked before anything is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kerege.base.errors import BadInput, Fault
from kerege.base.multilingual_titles import Title, name_fault, title_of
from kerege.evidence.data.snapshot import shown
from kerege.evidence.mse.detections import YEAR, years_of
from kerege.evidence.release import method_params as methods

KEYS = {"name", "of", "period", "where", "lists", "seed", "bootstrap", "methods", "planted", "title"}
BOOTSTRAP, LEAST, MOST = 20_000, 200, 1_000_000
HEADLINE, FURTHER = ("stepwise", "bic", "decomposable", "lcmcr"), ("independence", "lower_bound", "thresholding")
METHODS = HEADLINE + FURTHER
Lists = list[str] | dict[str, list[str]]


@dataclass(frozen=True)
class EstimateSpec:
    """An estimate of those whom nobody detected, among the persons of `of` in `period` who meet `where`.

    `lists` are kinds of agencies that make a list each, or lists by name with their kinds; empty lets the size decide.
    `methods` are those of the panel (empty: all of them). `planted` is the true number, where people are invented and
    somebody knows it.
    """

    name: str
    of: str
    period: str
    where: dict[str, list[str]] = field(default_factory=dict)
    lists: Lists = field(default_factory=list)
    seed: int = 1
    bootstrap: int = BOOTSTRAP
    methods: list[str] = field(default_factory=list)
    planted: int | None = None
    title: Title = field(default_factory=dict)

    @property
    def filter(self) -> dict[str, frozenset[str]]:
        """Who is counted, as the filter of a table would say it."""
        chosen = {name: frozenset(values) for name, values in self.where.items()}
        return chosen | {YEAR: frozenset(years_of(self.period))}


def faults(entries: Any, file: str) -> list[Fault]:
    """What is wrong with the `[[estimate]]` of a specification, one sentence each."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return [Fault("`estimate` is no list of tables", "write [[estimate]]", file)]
    found = [fault for number, entry in enumerate(entries, 1) for fault in _entry_faults(entry, number, file)]
    names = Counter(str(entry.get("name")) for entry in entries)
    twice = sorted(name for name, times in names.items() if times > 1)
    return found + [Fault(f"two estimates are called {shown(name)}", "rename one", file) for name in twice]


def parse(entry: Mapping[str, Any]) -> EstimateSpec:
    """An entry that is free of faults."""
    where = {name: [value] if isinstance(value, str) else list(value) for name, value in entry.get("where", {}).items()}
    given, title = entry.get("lists", []), title_of(entry.get("title")) or title_of(entry["name"])
    lists: Lists = {name: list(kinds) for name, kinds in given.items()} if isinstance(given, dict) else list(given)
    return EstimateSpec(
        entry["name"], entry["of"], entry["period"], where, lists, entry.get("seed", 1),
        entry.get("bootstrap", BOOTSTRAP), list(entry.get("methods", [])), entry.get("planted"), title,
    )  # fmt: skip


def _entry_faults(entry: dict[str, Any], number: int, file: str) -> list[Fault]:
    name = entry.get("name")
    if fault := name_fault("estimate", number, name, file):
        return [fault]
    return [Fault(f"estimate {name}: {what}", todo, file) for what, todo in _wrong(entry)]


def _wrong(entry: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if extra := set(entry) - KEYS:
        yield f"unknown key {shown(min(extra))}", f"use {', '.join(sorted(KEYS))}"
    if not isinstance(entry.get("of"), str):
        yield "`of` is missing", "name the unit of a snapshot, such as victims"
    yield from _wrong_period(entry)
    where = entry.get("where", {})
    if not isinstance(where, dict) or not all(
        isinstance(v, str) or (methods.is_names(v) and v) for v in where.values()
    ):
        yield "`where` is no filter", 'write where = {column = "value"} or {column = ["a", "b"]}'
    elif YEAR in where:
        yield "the year is told twice", "leave it to `period`"
    yield from _wrong_lists(entry.get("lists", []))
    if not _is_whole(entry.get("seed", 1), 0, 2**63 - 1):
        yield "the seed is no whole number", "write seed = 1"
    if not _is_whole(entry.get("bootstrap", BOOTSTRAP), LEAST, MOST):
        yield "`bootstrap` is no number of resamples", f"write a whole number from {LEAST} to {MOST:,}"
    given = entry.get("methods", [])
    if not methods.is_names(given) or (given and not set(HEADLINE) <= set(given) <= set(METHODS)):
        yield "`methods` does not span a headline", f"take {', '.join(HEADLINE)} and any of {', '.join(FURTHER)}"
    if "planted" in entry and not _is_whole(entry["planted"], 1, 10**9):
        yield "`planted` is no number of people", "write how many were invented"
    if "title" in entry and not title_of(entry["title"]):
        yield "the title lacks a language", "give a string or kk, ru and en"


def _wrong_period(entry: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    period = entry.get("period")
    if not isinstance(period, str) or not period:
        yield "has no period", 'write period = "2025" or "2021/2025": the estimate is of a closed time'
        return
    try:
        years_of(period)
    except BadInput as bad:
        yield from ((fault.what, fault.todo) for fault in bad.faults)


def _wrong_lists(lists: Any) -> Iterable[tuple[str, str]]:
    if isinstance(lists, dict):
        kinds: Sequence[Sequence[str]] = list(lists.values())
        fine = all(methods.is_names(each) and each for each in kinds)
        named = [kind for each in kinds for kind in each] if fine else []
    else:
        fine = methods.is_names(lists)
        named = list(lists) if fine else []
    if not fine:
        yield "`lists` is no list of kinds of agencies", 'write lists = ["police", "ngo"] or {helpers = ["ngo"]}'
    elif len(set(named)) < len(named):
        yield "a kind of agency is on two lists", "name each once"


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
