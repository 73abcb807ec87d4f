"""What attacks on synthetic records found, in a sentence a risk."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from kerege.evidence.synthesis.evaluation.attacks import Inference, Membership, Privacy, Risk
from kerege.evidence.synthesis.evaluation.messages import ENGLISH, Words

NONE, OPEN, SOME, HIGH = "no sign", "not excluded", "some risk", "high risk"
SINGLING, INFERENCE, MEMBERSHIP, CLAIM = KINDS = ("singling out", "inference", "membership", "claim")
MUCH = 0.1  # a risk from which one person in ten is exposed who was safe


@dataclass(frozen=True)
class Verdict:
    """A risk in plain words, with the number and interval that they rest on; no interval where nothing was attacked.

    `kind` is one of KINDS and `level` one of NONE to HIGH in every language.
    """

    kind: str
    risk: str
    level: str
    sentence: str
    value: float | None = None
    low: float | None = None
    high: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def verdicts(found: Privacy, epsilon: float | None = None, words: Words = ENGLISH) -> list[Verdict]:
    """One verdict a risk; `epsilon` is the claim of the certificate."""
    whole = max(found.singling_out, default=0)
    told = [_singling_out(columns, each, whole, words) for columns, each in found.singling_out.items()]
    return [*told, _inference(found.inference, words), *_membership(found.membership, epsilon, words)]


def level(low: float, high: float) -> str:
    """How grave a risk is: by what is certain of it, and by what cannot be excluded."""
    if low > 0:
        return HIGH if low >= MUCH else SOME
    return NONE if high < MUCH else OPEN


def _of_risk(kind: str, name: str, each: Risk, sentence: str, words: Words) -> Verdict:
    value, low, high = (words.percent(max(0.0, share)) for share in (each.risk, each.low, each.high))
    told = words.say("verdict.risk", sentence=sentence, value=value, low=low, high=high)
    return Verdict(kind, name, level(each.low, each.high), told, each.risk, each.low, each.high)


def _singling_out(columns: int, each: Risk | None, whole: int, words: Words) -> Verdict:
    what = "whole" if columns == whole else "one" if columns == 1 else "some"
    facts = {"columns": str(columns)}
    name = words.say(f"verdict.singling_{what}", **facts)
    if each is None:
        return Verdict(SINGLING, name, NONE, words.say(f"verdict.singling_{what}_none", **facts))
    facts |= {
        "attack": words.percent(each.attack.share),
        "tries": words.count(each.attack.attempts),
        "control": words.percent(each.control.share),
    }
    return _of_risk(SINGLING, name, each, words.say(f"verdict.singling_{what}_words", **facts), words)


def _inference(found: Inference | None, words: Words) -> Verdict:
    name = words.say("verdict.inference")
    if found is None:
        return Verdict(INFERENCE, name, NONE, words.say("verdict.inference_none"))
    each = found.overall
    facts = {"attack": each.attack.share, "control": each.control.share, "naive": found.naive}
    told = {name: words.percent(share) for name, share in facts.items()}
    return _of_risk(INFERENCE, name, each, words.say("verdict.inference_words", **told), words)


def _membership(found: Membership | None, epsilon: float | None, words: Words) -> list[Verdict]:
    name = words.say("verdict.membership")
    if found is None:
        return [Verdict(MEMBERSHIP, name, NONE, words.say("verdict.membership_none"))]
    (fewer, few), (more, many) = found.found.items()
    facts = {
        "unlike": found.unlike,
        "auc": found.auc,
        "low": found.low,
        "high": found.high,
        "few_found": few.attack.share,
        "many_found": many.attack.share,
    }
    told = {name: words.percent(share) for name, share in facts.items()}
    told |= {"few": words.percent(fewer, 0), "many": words.percent(more, 0)}
    verdict = _of_risk(MEMBERSHIP, name, many, words.say("verdict.membership_words", **told), words)
    if verdict.level in (NONE, OPEN) and (found.low > 0.5 or few.low > 0):
        verdict = replace(verdict, level=SOME)
    return [verdict, _claim(found, epsilon, words)]


def _claim(found: Membership, epsilon: float | None, words: Words) -> Verdict:
    each = found.bound
    sentence = words.say(
        "verdict.claim_words",
        low=words.count(each.low, 2),
        epsilon=words.count(each.epsilon, 2),
        right=words.count(each.right),
        bets=words.count(each.bets),
    )
    if epsilon is None:
        kind, then = (NONE if each.low == 0 else SOME), words.say("verdict.claim_none")
    else:
        kind, then = (HIGH, "verdict.claim_broken") if each.low > epsilon else (NONE, "verdict.claim_stands")
        then = words.say(then, claim=words.trimmed(epsilon))
    return Verdict(CLAIM, words.say("verdict.claim"), kind, f"{sentence} {then}", each.epsilon, each.low)
