"""Membership inference: does a synthetic file reveal whether a person is in the data?

Targets are people with a unique record: people who share a record stay hidden among the others. Half of the targets are
in the data. The intruder computes several scores for each target. One is the distance to the closest synthetic record.
The others compare the density of synthetic records near the target with the density of people who are not in the data
(DOMIAS: van Breugel, Sun, Qian and van der Schaar, AISTATS 2023). One half of the targets selects the best score; the
results are for the other half.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import compiled
from kerege.evidence.synthesis.evaluation.attacks.attack_rate import NORMAL95, Risk, clopper_pearson, rate, risk
from kerege.evidence.synthesis.evaluation.attacks.encoded_rows import Chance, Coded

TARGETS = 4_000  # most targets in the data, and most targets who are not in the data
NEARNESS = (0.1, 0.01)  # weight factor of a record per differing column, for two density scores
FLOOR = 0.1  # smallest density, in records
SCORES = ("distance of the closest record", *(f"density, nearness {near:g}" for near in NEARNESS))
FEWEST = 50  # fewest targets of each group
FALSE_ALARMS = (0.01, 0.1)
SHARES = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)  # shares of the targets that an intruder may bet on
Scores = NDArray[np.float64]
Groups = tuple[Scores, Scores]  # scores of members and of non-members
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Bound:
    """The epsilon that an attack implies, with its 95% interval, from `right` of `bets` on membership."""

    epsilon: float
    low: float
    high: float | None  # None: no bet was wrong, so any epsilon is possible
    right: int
    bets: int


@dataclass(frozen=True)
class MembershipInference:
    """Result of membership inference: AUC (0.5 is chance), risks, and the implied epsilon.

    `targets` is the number of members and also of non-members. `unlike` is the share of people with a unique record.
    `risks` holds the risk by rate of false alarms.
    """

    targets: int
    unlike: float
    score: str
    auc: float
    low: float
    high: float
    risks: dict[float, Risk]
    bound: Bound

    def as_dict(self) -> dict[str, Any]:
        """Return the result for JSON."""
        risks = [
            {"false_alarms": false_alarms, **member_risk.as_dict()} for false_alarms, member_risk in self.risks.items()
        ]
        return {
            "targets": self.targets,
            "unlike": self.unlike,
            "score": self.score,
            "auc": self.auc,
            "low": self.low,
            "high": self.high,
            "found": risks,
            "epsilon": asdict(self.bound),
        }


def membership(
    original: Coded, synthetic: Coded, control: Coded, chance: Chance, *, targets: int = TARGETS
) -> MembershipInference | None:
    """Attack equally many members and non-members; return None if either group has too few unique records.

    Parameters
    ----------
    original, synthetic, control : (columns, rows) uint
        Codes of people in the data, of synthetic records, and of other people (`encoded_rows.coded`); 0 is not
        reported.
    chance : Generator
        Random numbers.
    targets : int
        Most targets of each group.

    Returns
    -------
    MembershipInference, optional
        AUC with its interval, risks at two rates of false alarms, and the epsilon that the attack implies.

    Notes
    -----
    Scores: distance to the closest record, and relative density (DOMIAS: van Breugel, Sun, Qian and van der Schaar
    2023, "Membership inference attacks against synthetic data through overfitting detection", AISTATS). One half of the
    targets selects the score; the results are for the other half.

    Examples
    --------
    >>> chance = np.random.default_rng(1)
    >>> original, control = chance.integers(1, 9, (2, 6, 200)).astype(np.uint8)
    >>> round(membership(original, original, control, chance).auc, 2)  # the records are copies
    1.0
    """
    members, others = unique_records(original, control)
    count = min(targets, len(members), len(others))
    if count < FEWEST:
        return None
    chosen = chance.choice(members, count, replace=False), chance.choice(others, count, replace=False)
    member_scores, other_scores = scores(original[:, chosen[0]], chosen[1], synthetic, control, chance)
    selection, evaluation = np.array_split(np.arange(count), 2)
    best = int(
        np.argmax(
            [
                area(member_scores[kind, selection], other_scores[kind, selection])[0]
                for kind in range(len(member_scores))
            ]
        )
    )
    first, second = (
        (member_scores[best, selection], other_scores[best, selection]),
        (member_scores[best, evaluation], other_scores[best, evaluation]),
    )
    risks = {false_alarms: _measure_risk(first, second, false_alarms) for false_alarms in FALSE_ALARMS}
    unique_share = len(members) / original.shape[1]
    return MembershipInference(
        len(evaluation), unique_share, SCORES[best], *area(*second), risks, bound(first, second, chance)
    )


def unique_records(original: Coded, control: Coded) -> tuple[Places, Places]:
    """Return which members and controls have a record that no (other) member has.

    Parameters
    ----------
    original, control : (columns, rows) uint
        Codes of people in the data and of other people.

    Returns
    -------
    members, others : (targets,) int64
        Positions in `original` and in `control`.

    Examples
    --------
    >>> members, others = unique_records(np.array([[1, 1, 2]]), np.array([[1, 3]]))
    >>> members.tolist(), others.tolist()
    ([2], [1])
    """
    both = np.concatenate([original, control], axis=1)
    _, kind = np.unique(both.T, axis=0, return_inverse=True)
    size = original.shape[1]
    same = np.bincount(kind[:size], minlength=int(kind.max(initial=0)) + 1)[kind]
    return np.flatnonzero(same[:size] == 1), np.flatnonzero(same[size:] == 0)


def scores(members: Coded, others: Places, synthetic: Coded, control: Coded, chance: Chance) -> tuple[Scores, Scores]:
    """Return the scores of members and of non-members (indices into `control`): (scores, targets) each.

    A person is not their own neighbour: each non-member is left out of the control density. For members one random
    control is left out, so that both groups have the same number of controls.
    """
    strangers = control[:, chance.integers(control.shape[1], size=members.shape[1])]
    outside = np.ascontiguousarray(control[:, others])
    return _score_people(members, strangers, synthetic, control), _score_people(outside, outside, synthetic, control)


def _score_people(people: Coded, left_out: Coded, synthetic: Coded, control: Coded) -> Scores:
    records, controls = distances(synthetic, people), distances(control, people)
    controls[np.arange(people.shape[1]), (people != left_out).sum(axis=0)] -= 1
    result = [-(records > 0).argmax(axis=1).astype(np.float64)]
    size = max(1, synthetic.shape[1])
    for near in NEARNESS:
        weights = near ** np.arange(len(control) + 1)
        densities = records @ weights / size, controls @ weights / (control.shape[1] - 1)
        result.append(np.log(densities[0] + FLOOR / size) - np.log(densities[1] + FLOOR / size))
    return np.array(result)


@compiled
def distances(records: Coded, targets: Coded) -> NDArray[np.int64]:
    """Return how many records differ from each target in 0, 1, ... columns: (targets, columns + 1).

    The Hamming distance: Hamming 1950, "Error detecting and error correcting codes".
    """
    width, size = records.shape
    result = np.zeros((targets.shape[1], width + 1), np.int64)
    differing = np.empty(size, np.uint16)
    for target in range(targets.shape[1]):
        differing[:] = 0
        for column in range(width):
            value = targets[column, target]
            for row in range(size):
                differing[row] += records[column, row] != value
        for row in range(size):
            result[target, differing[row]] += 1
    return result


def area(members: Scores, others: Scores) -> tuple[float, float, float]:
    """Return the AUC, ties counted as half, and its 95% interval.

    Parameters
    ----------
    members, others : (targets,) float64
        Scores of people in the data and of other people.

    Returns
    -------
    tuple of float
        AUC from 0 to 1 (0.5 is chance), lower and upper limit.

    Notes
    -----
    The probability that a member scores higher than a non-member. Interval: DeLong, DeLong and Clarke-Pearson 1988,
    "Comparing the areas under two or more correlated receiver operating characteristic curves", Biometrics 44.

    Examples
    --------
    >>> area(np.array([2.0, 3.0]), np.array([0.0, 1.0]))
    (1.0, 1.0, 1.0)
    """
    of_members = _compute_share_below(members, others)
    of_others = 1 - _compute_share_below(others, members)
    value = float(of_members.mean())
    half = NORMAL95 * float(np.sqrt(of_members.var(ddof=1) / len(members) + of_others.var(ddof=1) / len(others)))
    return value, max(0.0, value - half), min(1.0, value + half)


def _compute_share_below(scores: Scores, among: Scores) -> Scores:
    """Return the share of `among` below each score; ties count as half."""
    ascending = np.sort(among)
    return np.asarray(
        (np.searchsorted(ascending, scores) + np.searchsorted(ascending, scores, side="right")) / (2 * len(ascending))
    )


def _measure_risk(selection: Groups, evaluation: Groups, false_alarms: float) -> Risk:
    """Return the risk of a score threshold that at most `false_alarms` of the non-members pass.

    The groups `selection` determine the threshold; the groups `evaluation` give the risk.
    """
    descending = np.sort(selection[1])[::-1]
    threshold = descending[int(false_alarms * len(descending))]
    members, others = (rate(float((part > threshold).mean()), len(part)) for part in evaluation)
    return risk(members, others)


def bound(selection: Groups, evaluation: Groups, chance: Chance) -> Bound:
    """Return the epsilon that is implied by the share of right bets on membership.

    Parameters
    ----------
    selection, evaluation : tuple of (targets,) float64
        Scores of members and of non-members. `selection` chooses the targets to bet on; `evaluation` gives the result.
    chance : Generator
        Random numbers that break ties.

    Returns
    -------
    Bound
        Epsilon with its 95% interval, and the numbers of right bets and of bets.

    Notes
    -----
    Under epsilon at most the share e^epsilon / (1 + e^epsilon) of bets on fair coins is right in expectation: Steinke,
    Nasr and Jagielski 2023, "Privacy Auditing with One (1) Training Run", without delta. The coins are fair because
    members and non-members are equally many.

    Examples
    --------
    >>> scores = np.arange(100.0, 200.0), np.arange(100.0)  # every member scores higher
    >>> audit = bound(scores, scores, np.random.default_rng(1))
    >>> audit.right == audit.bets, audit.high is None
    (True, True)
    """
    ways = [(share * up, share * (1 - up)) for share in SHARES for up in (1.0, 0.5, 0.0)]
    best = max(ways, key=lambda way: clopper_pearson(*bets(*selection, way, chance))[0])
    right, bet_count = bets(*evaluation, best, chance)
    low, high = (_log_odds(share) for share in clopper_pearson(right, bet_count))
    return Bound(_log_odds((right + 0.5) / (bet_count + 1)) or 0.0, low or 0.0, high, right, bet_count)


def _log_odds(share: float) -> float | None:
    """Return the epsilon at which this share of bets is right, at least 0; None for a share of 1."""
    return None if share >= 1 else max(0.0, float(np.log(share / (1 - share)))) if share > 0 else 0.0


def bets(members: Scores, others: Scores, shares: tuple[float, float], chance: Chance) -> tuple[int, int]:
    """Return the numbers of right bets and of all bets on membership.

    Parameters
    ----------
    members, others : (targets,) float64
        Scores of people in the data and of other people.
    shares : tuple of float
        Share of all targets with the highest scores that the intruder bets are in the data, and share with the lowest
        scores that they bet are not.
    chance : Generator
        Random numbers that break ties.

    Returns
    -------
    tuple of int
        Right bets and bets.

    Notes
    -----
    Steinke, Nasr and Jagielski 2023, "Privacy Auditing with One (1) Training Run".

    Examples
    --------
    >>> bets(np.array([3.0, 4.0]), np.array([1.0, 2.0]), (0.5, 0.5), np.random.default_rng(1))
    (4, 4)
    """
    inside = np.repeat([True, False], [len(members), len(others)])
    mixed = chance.permutation(len(inside))  # break ties at random
    order = mixed[np.argsort(np.concatenate([members, others])[mixed], kind="stable")]
    top, bottom = (round(share * len(order)) for share in shares)
    right = int(inside[order[len(order) - top :]].sum() + (~inside[order[:bottom]]).sum())
    return right, top + bottom
