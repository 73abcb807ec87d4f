"""What attacks on synthetic records found, in a sentence a risk."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from kerege.evidence.synthesis.privacy import Inference, Membership, Privacy, Risk

NONE, OPEN, SOME, HIGH = "no sign", "not excluded", "some risk", "high risk"
MUCH = 0.1  # a risk from which one person in ten is exposed who was safe


@dataclass(frozen=True)
class Verdict:
    """A risk in plain words, with the number and interval that they rest on; no interval where nothing was attacked."""

    risk: str
    level: str
    sentence: str
    value: float | None = None
    low: float | None = None
    high: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def verdicts(found: Privacy, epsilon: float | None = None) -> list[Verdict]:
    """One verdict a risk; `epsilon` is the claim of the certificate."""
    told = [_singling_out(columns, each, max(found.singling_out)) for columns, each in found.singling_out.items()]
    return [*told, _inference(found.inference), *_membership(found.membership, epsilon)]


def percent(share: float) -> str:
    """A share for a sentence."""
    return f"{100 * share:.1f}%"


def level(low: float, high: float) -> str:
    """How grave a risk is: by what is certain of it, and by what cannot be excluded."""
    if low > 0:
        return HIGH if low >= MUCH else SOME
    return NONE if high < MUCH else OPEN


def _interval(each: Risk) -> str:
    return (
        f"{percent(max(0.0, each.risk))} (95% interval {percent(max(0.0, each.low))} to {percent(max(0.0, each.high))})"
    )


def _of_risk(name: str, each: Risk, sentence: str) -> Verdict:
    kind = level(each.low, each.high)
    return Verdict(name, kind, f"{sentence} Risk: {_interval(each)}.", each.risk, each.low, each.high)


def _singling_out(columns: int, each: Risk | None, whole: int) -> Verdict:
    what = "a whole record" if columns == whole else "one value" if columns == 1 else f"{columns} values of a record"
    name = f"Singling out by {what}"
    if each is None:
        return Verdict(name, NONE, f"Nothing to begin with: no synthetic record is told from all others by {what}.")
    tries = f"{each.attack.attempts:,.0f} attempt{'' if each.attack.attempts == 1 else 's'}"
    sentence = (
        f"Where {what} is found once in the file, it fits exactly one real person in {percent(each.attack.share)} of "
        f"{tries}; among people who are not in the data it would in "
        f"{percent(each.control.share)}."
    )
    return _of_risk(name, each, sentence.replace("values of a record is", "values of a record are"))


def _inference(found: Inference | None) -> Verdict:
    name = "Learning an attribute"
    if found is None:
        return Verdict(name, NONE, "Nothing to learn: nobody reports anything.")
    each = found.overall
    sentence = (
        f"Who knows everything else about a person guesses a reported value rightly in {percent(each.attack.share)} of "
        f"cases for people in the data, in {percent(each.control.share)} for people who are not; the commonest "
        f"entry, often that nothing is reported, would be right in {percent(found.naive)}."
    )
    return _of_risk(name, each, sentence)


def _membership(found: Membership | None, epsilon: float | None) -> list[Verdict]:
    name = "Knowing who is in the data"
    if found is None:
        return [
            Verdict(name, NONE, "Too few people have a record that nobody else has; the others cannot be told apart.")
        ]
    least, most = found.found.items()
    pairs = f"{percent(found.auc)} of pairs ({percent(found.low)} to {percent(found.high)}; a coin does in 50%)"
    alarms = [f"{share:.0%} false alarms it finds {percent(each.attack.share)}" for share, each in (least, most)]
    sentence = (
        f"Among people whose record nobody else has ({percent(found.unlike)} of all) the attack ranks one in the data "
        f"before one who is not in {pairs}. With {alarms[0]} of those in the data, with {alarms[1]}."
    )
    told = _of_risk(name, most[1], sentence)
    if told.level in (NONE, OPEN) and (found.low > 0.5 or least[1].low > 0):
        told = replace(told, level=SOME)
    return [told, _claim(found, epsilon)]


def _claim(found: Membership, epsilon: float | None) -> Verdict:
    each = found.bound
    shown = f"at least {each.low:.2f} (best estimate {each.epsilon:.2f}, {each.right:,} of {each.bets:,} bets right)"
    name, sentence = "The attack against the claim", f"Bets on who is in the data imply an epsilon of {shown}."
    if epsilon is None:
        kind = NONE if each.low == 0 else SOME
        return Verdict(name, kind, f"{sentence} There is no certificate to compare it with.", each.epsilon, each.low)
    if each.low > epsilon:
        sentence = f"{sentence} That contradicts the claim of {epsilon:g}: do not publish."
        return Verdict(name, HIGH, sentence, each.epsilon, each.low)
    return Verdict(name, NONE, f"{sentence} The claim of {epsilon:g} stands.", each.epsilon, each.low)
