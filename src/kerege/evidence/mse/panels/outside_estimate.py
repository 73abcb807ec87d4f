"""Estimate by others, such as a survey: it is beside the headline and never mixed into it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kerege.base.errors import BadInput, Fault
from kerege.evidence.mse.lists import MOST_PEOPLE, has_control_characters
from kerege.evidence.mse.panels.messages import read_messages

FORM = 'write --outside "RDS 2027, 8000, 5000-14000"'
NUMBER = r"\d{1,3}(?:[ ,\u00a0\u202f]\d{3})+|\d+"  # with or without separators of thousands
PATTERN = re.compile(rf"(?P<source>.+?), *(?P<estimate>{NUMBER}), *(?P<low>{NUMBER}) *[-–] *(?P<high>{NUMBER})")


@dataclass(frozen=True)
class OutsideEstimate:
    """An estimate by others: its source, the estimate and its limits, in people."""

    source: str
    estimate: int
    low: int
    high: int

    def as_dict(self) -> dict[str, str | int]:
        """Return the estimate for JSON."""
        return {"source": self.source, "estimate": self.estimate, "lower": self.low, "upper": self.high}

    def sentence(self, lang: str) -> str:
        """Return source, estimate and limits in a language."""
        catalogue = read_messages(lang)
        estimate, low, high = (catalogue.number(people) for people in (self.estimate, self.low, self.high))
        return catalogue.say("chart.outside", source=self.source, estimate=estimate, low=low, high=high)


def parse_outside(text: str) -> OutsideEstimate:
    """Return the estimate of a text `SOURCE, ESTIMATE, LOW-HIGH`. Raises BadInput for any other text."""
    match = PATTERN.fullmatch(text.strip())
    if match is None or has_control_characters(text):
        raise BadInput(Fault(f"--outside {text!r} is not an estimate with a source and limits", FORM))
    estimate, low, high = (int(re.sub(r"\D", "", match[name])) for name in ("estimate", "low", "high"))
    if not 0 < low <= estimate <= high <= MOST_PEOPLE:
        raise BadInput(Fault(f"--outside {text!r} has an estimate outside its limits", FORM))
    return OutsideEstimate(match["source"].strip(), estimate, low, high)
