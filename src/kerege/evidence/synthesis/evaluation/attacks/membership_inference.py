"""Membership: can one tell from the synthetic records whether a person is in the data?

Targets are people whose record nobody else in the data has: who shares it stays unknown among the others. Half of the
targets are in the data. The attacker scores each by the distance of the closest synthetic record, and by how dense
synthetic records lie around it beside how dense people do who are not in the data (DOMIAS: van Breugel, Sun, Qian and
van der Schaar, AISTATS 2023). One half of the targets teaches which score is best; what is told is of the other half.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import compiled
from kerege.evidence.synthesis.evaluation.attacks.attack_rate import NORMAL95, Risk, clopper_pearson, rate, risk
from kerege.evidence.synthesis.evaluation.attacks.encoded_rows import Chance, Coded

TARGETS = 4_000  # in the data, and as many who are not
NEARNESS = (0.1, 0.01)  # what a record counts for each column in which it differs: two densities
FLOOR = 0.1  # of one record: the density where no record is near
SCORES = ("distance of the closest record", *(f"density, nearness {near:g}" for near in NEARNESS))
FEWEST = 50  # targets of a kind; fewer say nothing
FALSE_ALARMS = (0.01, 0.1)
SHARES = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)  # of the targets, on which an attacker may bet
Scores = NDArray[np.float64]
Groups = tuple[Scores, Scores]  # of members, of others
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Bound:
    """The epsilon that an attack implies and its 95% interval, from `right` of `bets` on who is in the data."""

    epsilon: float
    low: float
    high: float | None  # None: no bet was wrong, so any epsilon is possible
    right: int
    bets: int


@dataclass(frozen=True)
class Membership:
    """How well members are told from others: AUC (0.5 is not at all), found at a rate of false alarms, epsilon.

    `targets`: so many members and as many others; `unlike`: share of the people whose record nobody else has.
    """

    targets: int
    unlike: float
    score: str
    auc: float
    low: float
    high: float
    found: dict[float, Risk]
    bound: Bound

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        found = [{"false_alarms": most, **each.as_dict()} for most, each in self.found.items()]
        return {
            "targets": self.targets,
            "unlike": self.unlike,
            "score": self.score,
            "auc": self.auc,
            "low": self.low,
            "high": self.high,
            "found": found,
            "epsilon": asdict(self.bound),
        }


def membership(
    original: Coded, synthetic: Coded, control: Coded, chance: Chance, *, targets: int = TARGETS
) -> Membership | None:
    """Attack as many members as others; None when there are too few of either whose record nobody else has."""
    members, others = unlike(original, control)
    many = min(targets, len(members), len(others))
    if many < FEWEST:
        return None
    chosen = chance.choice(members, many, replace=False), chance.choice(others, many, replace=False)
    near, far = scores(original[:, chosen[0]], chosen[1], synthetic, control, chance)
    learnt, tried = np.array_split(np.arange(many), 2)
    best = int(np.argmax([area(near[kind, learnt], far[kind, learnt])[0] for kind in range(len(near))]))
    first, second = (near[best, learnt], far[best, learnt]), (near[best, tried], far[best, tried])
    found = {most: _found(first, second, most) for most in FALSE_ALARMS}
    alone = len(members) / original.shape[1]
    return Membership(len(tried), alone, SCORES[best], *area(*second), found, bound(first, second, chance))


def unlike(original: Coded, control: Coded) -> tuple[Places, Places]:
    """Places of the members, and of the others, whose record no (other) member has."""
    both = np.concatenate([original, control], axis=1)
    _, kind = np.unique(both.T, axis=0, return_inverse=True)
    size = original.shape[1]
    same = np.bincount(kind[:size], minlength=int(kind.max(initial=0)) + 1)[kind]
    return np.flatnonzero(same[:size] == 1), np.flatnonzero(same[size:] == 0)


def scores(members: Coded, others: Places, synthetic: Coded, control: Coded, chance: Chance) -> tuple[Scores, Scores]:
    """The scores of the members and of the others, places in `control`: (scores, targets) each.

    Nobody is their own neighbour: of the others' controls they are left out themselves, of the members' any one.
    """
    strangers = control[:, chance.integers(control.shape[1], size=members.shape[1])]
    outside = np.ascontiguousarray(control[:, others])
    return _scores(members, strangers, synthetic, control), _scores(outside, outside, synthetic, control)


def _scores(people: Coded, left_out: Coded, synthetic: Coded, control: Coded) -> Scores:
    records, controls = distances(synthetic, people), distances(control, people)
    controls[np.arange(people.shape[1]), (people != left_out).sum(axis=0)] -= 1
    found = [-(records > 0).argmax(axis=1).astype(np.float64)]
    size = max(1, synthetic.shape[1])
    for near in NEARNESS:
        weights = near ** np.arange(len(control) + 1)
        among = records @ weights / size, controls @ weights / (control.shape[1] - 1)
        found.append(np.log(among[0] + FLOOR / size) - np.log(among[1] + FLOOR / size))
    return np.array(found)


@compiled
def distances(records: Coded, targets: Coded) -> NDArray[np.int64]:
    """How many records differ from each target in 0, 1, ... columns: (targets, columns + 1)."""
    width, size = records.shape
    found = np.zeros((targets.shape[1], width + 1), np.int64)
    far = np.empty(size, np.uint16)
    for target in range(targets.shape[1]):
        far[:] = 0
        for column in range(width):
            value = targets[column, target]
            for row in range(size):
                far[row] += records[column, row] != value
        for row in range(size):
            found[target, far[row]] += 1
    return found


def area(members: Scores, others: Scores) -> tuple[float, float, float]:
    """The share of pairs in which the member scores higher, equals half, and its 95% interval (DeLong 1988)."""
    of_members = _placed(members, others)
    of_others = 1 - _placed(others, members)
    value = float(of_members.mean())
    half = NORMAL95 * float(np.sqrt(of_members.var(ddof=1) / len(members) + of_others.var(ddof=1) / len(others)))
    return value, max(0.0, value - half), min(1.0, value + half)


def _placed(scores: Scores, among: Scores) -> Scores:
    """The share of `among` that is below each score, equals half."""
    line = np.sort(among)
    return np.asarray((np.searchsorted(line, scores) + np.searchsorted(line, scores, side="right")) / (2 * len(line)))


def _found(learnt: Groups, tried: Groups, false_alarms: float) -> Risk:
    """Members found by the score that at most so many of the others pass; chosen by some people, tried on more."""
    line = np.sort(learnt[1])[::-1]
    least = line[int(false_alarms * len(line))]
    members, others = (rate(float((part > least).mean()), len(part)) for part in tried)
    return risk(members, others)


def bound(learnt: Groups, tried: Groups, chance: Chance) -> Bound:
    """The epsilon below which bets on who is in the data would not come true so often.

    Under epsilon at most e^epsilon / (1 + e^epsilon) of bets on fair coins are right (Steinke, Nasr and Jagielski,
    "Privacy Auditing with One (1) Training Run", 2023, delta left out). Here as many targets are members
    as are not. Which targets to bet on is chosen by some people and tried on others.
    """
    ways = [(share * up, share * (1 - up)) for share in SHARES for up in (1.0, 0.5, 0.0)]
    best = max(ways, key=lambda way: clopper_pearson(*bets(*learnt, way, chance))[0])
    right, made = bets(*tried, best, chance)
    low, high = (_log_odds(share) for share in clopper_pearson(right, made))
    return Bound(_log_odds((right + 0.5) / (made + 1)) or 0.0, low or 0.0, high, right, made)


def _log_odds(share: float) -> float | None:
    """Epsilon at which this share of bets comes true, at least 0; None for all."""
    return None if share >= 1 else max(0.0, float(np.log(share / (1 - share)))) if share > 0 else 0.0


def bets(members: Scores, others: Scores, shares: tuple[float, float], chance: Chance) -> tuple[int, int]:
    """Right bets and all, on the shares of the targets that score highest (in the data) and lowest (not in it)."""
    inside = np.repeat([True, False], [len(members), len(others)])
    mixed = chance.permutation(len(inside))  # equals come in no order, and in another one each time
    order = mixed[np.argsort(np.concatenate([members, others])[mixed], kind="stable")]
    top, bottom = (round(share * len(order)) for share in shares)
    right = int(inside[order[len(order) - top :]].sum() + (~inside[order[:bottom]]).sum())
    return right, top + bottom
