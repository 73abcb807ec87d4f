"""Conclusion that the approver reads first: the tables and each microdata set, highest risk first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from kerege.publishing.presenters.microdata import RISKS, DisplayedMicrodata, risk_rank
from kerege.web.templatetags.kerege import number

NONE, UNTRIED, OPEN, SOME, HIGH = RISKS
UNKNOWN = "unknown"  # not evaluated: ranked above a risk that is known to be small
ORDER = (NONE, UNTRIED, OPEN, SOME, UNKNOWN, HIGH)
Words = Callable[[], str]
TITLES: dict[str, tuple[str, Words]] = {
    NONE: ("calm", lambda: _("No new disclosure risk found")),
    UNTRIED: ("due", lambda: _("The tables are safe; a test of the synthetic records had nothing to try")),
    OPEN: ("due", lambda: _("The tables are safe; a risk of the synthetic records is not excluded")),
    SOME: ("due", lambda: _("The tables are safe; the synthetic records show some risk")),
    UNKNOWN: ("due", lambda: _("The tables are safe; the risk of the synthetic records was not assessed")),
    HIGH: ("urgent", lambda: _("The tables are safe; the synthetic records show a high risk")),
}


@dataclass(frozen=True)
class ConclusionLine:
    """Result on one part of a release: a tag, and a sentence with its figures."""

    part: str
    level: str
    colour: str
    tag: str
    sentence: str
    note: str = ""


@dataclass(frozen=True)
class ReleaseConclusion:
    """Conclusion on a whole release; the title names the highest risk."""

    title: str
    tone: str
    lines: tuple[ConclusionLine, ...]


def build_conclusion(
    examined: Mapping[str, int], known: int, records: Sequence[DisplayedMicrodata], may_read_evaluation: bool
) -> ReleaseConclusion:
    """Return the conclusion on a draft in which the gate found nothing new.

    `examined` counts what the assessment of the tables examined. `known` counts the disclosures that are public
    already. `may_read_evaluation` says whether the reader may read the evaluation of the microdata.
    """
    lines = [_tables(examined, known), *(_records(item) for item in records if may_read_evaluation)]
    lines.sort(key=lambda line: -ORDER.index(line.level))
    tone, title = TITLES[lines[0].level]
    if records and not may_read_evaluation:
        return ReleaseConclusion(_("No new disclosure risk found in the tables"), tone, tuple(lines))
    return ReleaseConclusion(title(), tone, tuple(lines))


def _tables(examined: Mapping[str, int], known: int) -> ConclusionLine:
    facts = {"cells": number(examined.get("cells", 0)), "releases": number(examined.get("releases", 0))}
    sentence = (
        _(
            "Together with all earlier releases, the tables add no disclosure risk (cells examined: "
            "%(cells)s, releases: %(releases)s)."
        )
        % facts
    )
    note = (
        _("Disclosures from figures that are already public are listed below: %(n)s.") % {"n": known} if known else ""
    )
    colour, tag = RISKS[NONE]
    return ConclusionLine(part=_("Tables"), level=NONE, colour=colour, tag=tag(), sentence=sentence, note=note)


def _records(microdata: DisplayedMicrodata) -> ConclusionLine:
    attacks, part = (
        microdata.evaluation.get("attacks", []),
        _("Synthetic records: %(title)s") % {"title": microdata.title},
    )
    if not microdata.has_records:
        sentence = _("There are no records that could be attacked. Epsilon bounds what the noisy counts reveal.")
        return ConclusionLine(part, NONE, RISKS[NONE][0], _("bounded by epsilon"), sentence)
    if not attacks:
        sentence = _("The disclosure risk could not be assessed. Only epsilon bounds it.")
        return ConclusionLine(part, UNKNOWN, "orange", _("not assessed"), sentence)
    by_severity = sorted(attacks, key=lambda risk: -risk_rank(risk["level"]))
    level = by_severity[0]["level"]
    colour, tag = RISKS[level]
    sentence = "; ".join(words for risk in by_severity if (words := attack_clause(risk)))
    note = "" if microdata.worth else _("Low utility: many counts of two values together are far from the truth.")
    return ConclusionLine(
        part=part, level=level, colour=colour, tag=tag(), sentence=f"{sentence[:1].upper()}{sentence[1:]}.", note=note
    )


def attack_clause(risk: Mapping[str, Any]) -> str:
    """Return the result of one attack as a clause with its figure, '' when it does not refute the claim."""
    if risk["kind"] == "claim":
        return (
            _("the risk assessment contradicts the promised epsilon: do not publish") if risk["level"] == HIGH else ""
        )
    if risk["value"] is None:
        return NOTHING[risk["kind"]]()
    words = CLAUSES[risk["kind"]]() % {"n": _hundredths(risk["value"])}
    if risk["level"] != OPEN:
        return words
    return _("%(clause)s (up to %(most)s not excluded)") % {"clause": words, "most": _hundredths(risk["high"])}


CLAUSES: dict[str, Words] = {
    "membership": lambda: _("membership is guessed correctly in %(n)s of 100 pairs, by chance in 50"),
    "inference": lambda: _("a fact that was safe is guessed for %(n)s of 100 people"),
    "singling out": lambda: _("a rare description finds a real person in %(n)s of 100 tries more than by chance"),
}
NOTHING: dict[str, Words] = {
    "membership": lambda: _("too few rare persons for a membership inference test"),
    "inference": lambda: _("there is no fact that could be guessed"),
    "singling out": lambda: _("there is no rare description that singles out a person"),
}


def _hundredths(share: float) -> str:
    """Return a share in per cent, with one decimal between 0.05 and 9.95."""
    value = 100 * max(0.0, share)
    return number_format(value, decimal_pos=1 if 0.05 <= value < 9.95 else 0)
