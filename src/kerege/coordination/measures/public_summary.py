"""Content of a public summary of a plan: what is stored for the public, and how a page reads it.

It holds the words of the act, the bodies, the deadlines and the computed states. It holds no text and no figure of a
report: figures become public in releases only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from kerege.coordination.measures.queries import MeasureLine, PlanSummary
from kerege.coordination.measures.states import STATES
from kerege.coordination.texts import Wording, word

FORMAT = "kerege-plan/1"
Texts = Mapping[str, str]


class PublicBody(TypedDict):
    """Responsible body of a measure."""

    names: Texts
    leads: bool


class PublicMeasure(TypedDict):
    """Measure in the words of the act, with its computed state."""

    number: str
    texts: Texts
    direction: str
    bodies: Sequence[PublicBody]
    terms: Texts
    due_on: str
    state: str


class PublicContent(TypedDict):
    """Summary of a half-year, as it is stored and as `plan.json` holds it."""

    format: str
    titles: Texts
    act: str
    region: str
    starts_on: str
    ends_on: str
    half: str
    as_of: str
    states: Mapping[str, int]
    measures: Sequence[PublicMeasure]


def compose(summary: PlanSummary) -> PublicContent:
    """Return the content of the summary of a half-year."""
    plan = summary.plan
    return PublicContent(
        format=FORMAT,
        titles=plan.titles,
        act=plan.act,
        region=plan.region,
        starts_on=plan.starts_on.isoformat(),
        ends_on=plan.ends_on.isoformat(),
        half=summary.half,
        as_of=summary.as_of.isoformat(),
        states=dict(summary.counts),
        measures=[_measure(line) for line in summary.lines],
    )


def _measure(line: MeasureLine) -> PublicMeasure:
    measure = line.measure
    return PublicMeasure(
        number=measure.number,
        texts=measure.texts,
        direction=measure.direction,
        bodies=[PublicBody(names=body.agency.names, leads=body.leads) for body in line.bodies],
        terms=measure.terms,
        due_on=measure.due_on.isoformat(),
        state=line.state,
    )


@dataclass(frozen=True)
class PublicRow:
    """A measure on the public page, in the language of the reader as far as the act has it."""

    number: str
    text: Wording
    term: Wording
    due_on: date
    bodies: Sequence[tuple[Wording, bool]]
    direction: str
    state: str


@dataclass(frozen=True)
class PublicPage:
    """Summary in the active language."""

    title: Wording
    act: str
    region: str
    half: str
    as_of: date
    rows: Sequence[PublicRow]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Return (state, number of measures)."""
        counts = Counter(row.state for row in self.rows)
        return [(state, counts[state]) for state in STATES]

    @property
    def directions(self) -> list[tuple[str, list[tuple[str, int]]]]:
        """Return the numbers of measures by state of each direction, in the order of the act."""
        counts: dict[str, Counter[str]] = {}
        for row in self.rows:
            counts.setdefault(row.direction, Counter())[row.state] += 1
        return [(name, [(state, counter[state]) for state in STATES]) for name, counter in counts.items()]

    @property
    def languages(self) -> set[str]:
        """Return the languages of the wordings that the page shows."""
        return {row.text.language for row in self.rows}


def read(content: PublicContent) -> PublicPage:
    """Return a stored content as a page shows it."""
    return PublicPage(
        title=word(content["titles"]),
        act=content["act"],
        region=content["region"],
        half=content["half"],
        as_of=date.fromisoformat(content["as_of"]),
        rows=[_row(measure) for measure in content["measures"]],
    )


def _row(measure: PublicMeasure) -> PublicRow:
    return PublicRow(
        number=measure["number"],
        text=word(measure["texts"]),
        term=word(measure["terms"]),
        due_on=date.fromisoformat(measure["due_on"]),
        bodies=[(word(body["names"]), body["leads"]) for body in measure["bodies"]],
        direction=measure["direction"],
        state=measure["state"],
    )
