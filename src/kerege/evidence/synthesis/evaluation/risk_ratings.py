"""Ratings of the disclosure risks that attacks on synthetic records measured, one sentence per risk."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from kerege.evidence.synthesis.evaluation.attacks import Inference, MembershipInference, Privacy, Risk
from kerege.evidence.synthesis.evaluation.messages import ENGLISH, PageMessages

NONE, OPEN, SOME, HIGH = "no sign", "not excluded", "some risk", "high risk"
UNTRIED = "not tried"  # the test had nothing to try: its result says nothing about a risk
SINGLING, INFERENCE, MEMBERSHIP, CLAIM = KINDS = ("singling out", "inference", "membership", "claim")
HIGH_RISK = 0.1  # risk from which the rating is high: one in ten otherwise safe people is exposed


@dataclass(frozen=True)
class Verdict:
    """A rated risk: a sentence, the risk and its 95% interval.

    The numbers are None if nothing could be attacked; the level is then UNTRIED. `kind` is one of KINDS and `level` one
    of UNTRIED and NONE to HIGH, in English in every language.
    """

    kind: str
    risk: str
    level: str
    sentence: str
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_clear(self) -> bool:
        """Return whether a test ran and showed no risk."""
        return self.level == NONE

    def as_dict(self) -> dict[str, Any]:
        """Return the rating for JSON."""
        return asdict(self)


def rate_risks(privacy: Privacy, epsilon: float | None = None, words: PageMessages = ENGLISH) -> list[Verdict]:
    """Return one rating per risk; `epsilon` is the guarantee of the certificate, None without one."""
    all_columns = max(privacy.singling_out, default=0)
    ratings = [_rate_singling_out(columns, risk, all_columns, words) for columns, risk in privacy.singling_out.items()]
    return [*ratings, _rate_inference(privacy.inference, words), *_rate_membership(privacy.membership, epsilon, words)]


def rate_interval(low: float, high: float) -> str:
    """Return the rating of a risk from the ends of its interval.

    Parameters
    ----------
    low, high : float
        95% interval of the risk.

    Returns
    -------
    str
        A risk with `low` above 0 is certain: HIGH if `low` reaches 0.1, otherwise SOME. Any other risk is NONE if
        `high` is below 0.1, otherwise OPEN (not excluded).

    Notes
    -----
    The bound of 0.1 is a judgement: one in ten otherwise safe people is exposed.

    Examples
    --------
    >>> rate_interval(-0.01, 0.02), rate_interval(0.01, 0.2), rate_interval(0.3, 0.4), rate_interval(-0.1, 0.2)
    ('no sign', 'some risk', 'high risk', 'not excluded')
    """
    if low > 0:
        return HIGH if low >= HIGH_RISK else SOME
    return NONE if high < HIGH_RISK else OPEN


def _rate_risk(kind: str, name: str, risk: Risk, sentence: str, words: PageMessages) -> Verdict:
    value, low, high = (words.percent(max(0.0, share)) for share in (risk.risk, risk.low, risk.high))
    text = words.say("verdict.risk", sentence=sentence, value=value, low=low, high=high)
    return Verdict(
        kind=kind,
        risk=name,
        level=rate_interval(risk.low, risk.high),
        sentence=text,
        value=risk.risk,
        low=risk.low,
        high=risk.high,
    )


def _rate_singling_out(columns: int, risk: Risk | None, all_columns: int, words: PageMessages) -> Verdict:
    scope = "whole" if columns == all_columns else "one" if columns == 1 else "some"
    facts = {"columns": str(columns)}
    name = words.say(f"verdict.singling_{scope}", **facts)
    if risk is None:
        return Verdict(SINGLING, name, UNTRIED, words.say(f"verdict.singling_{scope}_none", **facts))
    facts |= {
        "attack": words.percent(risk.attack.share),
        "tries": words.count(risk.attack.attempts),
        "control": words.percent(risk.control.share),
    }
    return _rate_risk(SINGLING, name, risk, words.say(f"verdict.singling_{scope}_words", **facts), words)


def _rate_inference(inference: Inference | None, words: PageMessages) -> Verdict:
    name = words.say("verdict.inference")
    if inference is None:
        return Verdict(INFERENCE, name, UNTRIED, words.say("verdict.inference_none"))
    overall = inference.overall
    facts = {"attack": overall.attack.share, "control": overall.control.share, "naive": inference.naive}
    formatted = {name: words.percent(share) for name, share in facts.items()}
    return _rate_risk(INFERENCE, name, overall, words.say("verdict.inference_words", **formatted), words)


def _rate_membership(
    membership: MembershipInference | None, epsilon: float | None, words: PageMessages
) -> list[Verdict]:
    name = words.say("verdict.membership")
    if membership is None:
        return [Verdict(MEMBERSHIP, name, UNTRIED, words.say("verdict.membership_none"))]
    (low_rate, few_risk), (high_rate, many_risk) = membership.risks.items()
    facts = {
        "unlike": membership.unlike,
        "auc": membership.auc,
        "low": membership.low,
        "high": membership.high,
        "few_found": few_risk.attack.share,
        "many_found": many_risk.attack.share,
    }
    formatted = {name: words.percent(share) for name, share in facts.items()}
    formatted |= {"few": words.percent(low_rate, 0), "many": words.percent(high_rate, 0)}
    rating = _rate_risk(MEMBERSHIP, name, many_risk, words.say("verdict.membership_words", **formatted), words)
    if rating.level in (NONE, OPEN) and (membership.low > 0.5 or few_risk.low > 0):
        rating = replace(rating, level=SOME)
    return [rating, _rate_claim(membership, epsilon, words)]


def _rate_claim(membership: MembershipInference, epsilon: float | None, words: PageMessages) -> Verdict:
    bound = membership.bound
    sentence = words.say(
        "verdict.claim_words",
        low=words.count(bound.low, 2),
        epsilon=words.count(bound.epsilon, 2),
        right=words.count(bound.right),
        bets=words.count(bound.bets),
    )
    if epsilon is None:
        risk_level, conclusion = (UNTRIED if bound.low == 0 else SOME), words.say("verdict.claim_none")
    else:
        risk_level, conclusion = (
            (HIGH, "verdict.claim_broken") if bound.low > epsilon else (NONE, "verdict.claim_stands")
        )
        conclusion = words.say(conclusion, claim=words.trimmed(epsilon))
        risk_level = risk_level if bound.bets else UNTRIED
    return Verdict(
        kind=CLAIM,
        risk=words.say("verdict.claim"),
        level=risk_level,
        sentence=f"{sentence} {conclusion}",
        value=bound.epsilon,
        low=bound.low,
    )
