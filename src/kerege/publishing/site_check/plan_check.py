"""Check of the public pages of the plan of measures against their signed files `plan.json`.

The check counts the states of the measures itself: those of the file, and those of the page in each language.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePosixPath
from typing import TypedDict

from kerege.publishing.site_check.page_tree import Node, read_page
from kerege.publishing.site_check.site_pages import Site
from kerege.publishing.site_check.stray_numbers import read_numbers, value_of

FILE = "plan.json"


class PlanMeasure(TypedDict):
    """Direction and state of a measure in `plan.json`."""

    direction: str
    state: str


class PlanContent(TypedDict):
    """Content of `plan.json` as far as the check reads it by name."""

    states: Mapping[str, int]
    measures: Sequence[PlanMeasure]


@dataclass(frozen=True)
class PlanFile:
    """Summary of a half-year in an exported site."""

    name: str
    content: PlanContent

    @property
    def quoted(self) -> str:
        """Return the name that the pages of the summary give in `data-quoted`."""
        return "/".join(PurePosixPath(self.name).parts[-4:-1])

    @property
    def states(self) -> list[str]:
        """Return the state of each measure."""
        return [measure["state"] for measure in self.content["measures"]]

    @property
    def numbers(self) -> frozenset[Decimal]:
        """Return every number of its texts, the numbers of the measures, and how many have each state."""
        directions = Counter((measure["direction"], measure["state"]) for measure in self.content["measures"])
        counts = {0, *Counter(self.states).values(), *directions.values()}
        return read_numbers(_texts(self.content)) | {Decimal(count) for count in counts}


def _texts(tree: object) -> Iterator[str]:
    if isinstance(tree, Mapping):
        for part in tree.values():
            yield from _texts(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _texts(part)
    elif isinstance(tree, str):
        yield tree


def list_plans(site: Site) -> list[PlanFile]:
    """Return the summaries of a site, one for each language."""
    names = [name for name in site.manifest.files if PurePosixPath(name).name == FILE]
    return [PlanFile(name, json.loads(site.read(name))) for name in names]


def quoted_numbers(site: Site) -> dict[str, frozenset[Decimal]]:
    """Return the numbers that pages may quote from each summary, by the name in `data-quoted`."""
    return {plan.quoted: plan.numbers for plan in list_plans(site)}


def check_plans(site: Site) -> Iterator[str]:
    """Yield one sentence for each number of a summary that its measures do not bear out."""
    for plan in list_plans(site):
        counted = Counter(plan.states)
        if {state: n for state, n in plan.content["states"].items() if n} != counted:
            yield f"{plan.name}: the numbers of measures by state are not those of its measures"
        page = str(PurePosixPath(plan.name).with_name("index.html"))
        yield from (f"{page}: {fault}" for fault in _check_page(read_page(site.text(page)), plan.states))


def _check_page(page: Node, states: list[str]) -> Iterator[str]:
    nodes = list(page.walk())
    shown = [node.attributes["data-plan-state"] for node in nodes if "data-plan-state" in node.attributes]
    if shown != states:
        yield "the states of the measures are not those of plan.json"
    counted = Counter(states)
    for node in nodes:
        state = node.attributes.get("data-plan-count")
        if state and value_of(node.text) != counted[state]:
            yield f"it says {node.text} for {state}, and plan.json holds {counted[state]}"
