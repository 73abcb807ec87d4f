"""The dialogue with a person who judges pairs: one after the other, back and forth, until they stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from kerege.linkage.review.answers import Answer, AnswerFile
from kerege.linkage.review.sample import SampledPair

KEYS = MappingProxyType[str, Answer]({"s": "same", "d": "different", "u": "unsure"})
BACK, QUIT = "b", "q"


@dataclass(frozen=True)
class PairQuestion:
    """A pair to judge: its number in the sample from 1 on, the size of the sample, and an earlier answer."""

    pair: SampledPair
    number: int
    size: int
    earlier: Answer | None


Ask = Callable[[PairQuestion], str]
"""Shows a question, and returns the key that the person pressed."""


def judge_pairs(pairs: Sequence[SampledPair], file: AnswerFile, ask: Ask) -> int:
    """Ask about the pairs of a sample that have no answer yet; return the number of pairs without one.

    Each answer is in the file before the next question. The question shows no probability: it would suggest an answer.
    """
    place = _find_open(pairs, file, 0)
    while place < len(pairs):
        pair = pairs[place]
        key = ask(PairQuestion(pair, place + 1, len(pairs), file.answers.of(pair))).lower()
        if key == QUIT:
            break
        if key == BACK:
            place = max(place - 1, 0)
        elif key in KEYS:
            file.add(pair, KEYS[key])
            place = _find_open(pairs, file, place + 1)
    return sum(file.answers.of(pair) is None for pair in pairs)


def _find_open(pairs: Sequence[SampledPair], file: AnswerFile, start: int) -> int:
    """Return the place of the first pair from `start` on without an answer."""
    return next((at for at in range(start, len(pairs)) if file.answers.of(pairs[at]) is None), len(pairs))
