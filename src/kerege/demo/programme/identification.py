"""Random answers to the screening questionnaire."""

from __future__ import annotations

from random import Random

from kerege.demo.programme.draw import pick
from kerege.vocabulary import screening

TOOL = "ilo_delphi_adult_labour"
ANSWERS = {"yes": 0.4, "no": 0.25, "unknown": 0.12, "not_asked": 0.15, "refused": 0.08}


def answers(rng: Random, share: float = 1.0) -> dict[str, str]:
    """Return answers to the first `share` of the adult questionnaire."""
    questions = screening.shipped()[TOOL].questions
    return {code: pick(rng, ANSWERS) for code in questions[: int(len(questions) * share)]}
