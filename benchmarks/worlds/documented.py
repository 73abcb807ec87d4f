"""Worlds of the study by which the thresholds of the headline were chosen, drawn anew.

The study names the people, the dependences, the people observed and those on two lists or more. The chances of the
lists are free; here they are such that a set has as many people on lists, and on two, as in the study. So a world is of
the same kind as that of the study, not the same world.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmarks.worlds.population import Group, LinkageErrors, World

Kind = Literal["good", "bad", "further"]


@dataclass(frozen=True)
class DocumentedWorld:
    """A world of the study.

    kind: in good worlds the models of the panel are right, in bad ones wrong; further ones were added last. observed,
    repeated: people on a list and on two or more, as the study states them (means of its sets).
    """

    letter: str
    kind: Kind
    what: str
    world: World
    observed: int
    repeated: int


def _alike(*chances: float) -> tuple[Group, ...]:
    """Return one group of people who are equally easy to reach."""
    return (Group(1.0, chances),)


def _hard_to_reach(share: float, easy: float, hard: float) -> tuple[Group, ...]:
    """Return a share of people with the easy chance of four lists, and the others with the hard one."""
    return Group(share, (easy,) * 4), Group(1 - share, (hard,) * 4)


_TWO_KINDS = (Group(0.5, (0.2, 0.2, 0.03, 0.03)), Group(0.5, (0.03, 0.03, 0.2, 0.2)))
_LINKED = _alike(0.107, 0.089, 0.073, 0.06)
_EMPTY_OVERLAP = 0.0
# parameters of the stepwise model of the United Kingdom's five lists of 2013
_UK = World(
    11_313,
    _alike(0.00613, 0.0519, 0.10447, 0.07435, 0.03539),
    ties=((0, 1, 4.59), (0, 2, 2.515), (1, 3, 0.575), (1, 4, 0.0538), (2, 4, 0.2874), (3, 4, 0.3041)),
)
_EMPTY_AND_TIE = ((2, 3, 4.0), (0, 4, _EMPTY_OVERLAP))

DOCUMENTED = (
    DocumentedWorld("A", "good", "4 lists independent", World(5_000, _alike(0.101, 0.072, 0.051, 0.036)), 1_182, 111),
    DocumentedWorld(
        letter="B",
        kind="good",
        what="two ties, odds ratio 3",
        world=World(4_000, _alike(0.171, 0.134, 0.104, 0.08), ties=((0, 1, 3.0), (2, 3, 3.0))),
        observed=1_769,
        repeated=515,
    ),
    DocumentedWorld(
        letter="C",
        kind="good",
        what="5 lists, an empty pair, a tie of 4, sparse",
        world=World(8_000, _alike(0.051, 0.042, 0.035, 0.028, 0.023), ties=_EMPTY_AND_TIE),
        observed=1_350,
        repeated=108,
    ),
    DocumentedWorld(
        letter="G",
        kind="good",
        what="40% of one list sent on to another",
        world=World(4_000, _alike(0.1, 0.075, 0.068, 0.056), referred=0.4),
        observed=1_074,
        repeated=249,
    ),
    DocumentedWorld(
        letter="I",
        kind="good",
        what="two negative ties (0.3, 0.4)",
        world=World(5_000, _alike(0.116, 0.104, 0.094, 0.084), ties=((0, 1, 0.3), (2, 3, 0.4))),
        observed=1_670,
        repeated=195,
    ),
    DocumentedWorld("M", "good", "3 lists independent", World(3_000, _alike(0.1, 0.1, 0.098)), 808, 84),
    DocumentedWorld(
        letter="S",
        kind="good",
        what="small, a tie of 3",
        world=World(800, _alike(0.117, 0.098, 0.082, 0.069), ties=((0, 1, 3.0),)),
        observed=267,
        repeated=52,
    ),
    DocumentedWorld(
        letter="D",
        kind="bad",
        what="logit-normal, sd 1.5",
        world=World(5_000, _alike(0.125, 0.094, 0.07, 0.052), spread=1.5),
        observed=1_898,
        repeated=732,
    ),
    DocumentedWorld(
        letter="L",
        kind="bad",
        what="logit-normal, sd 0.8",
        world=World(5_000, _alike(0.127, 0.095, 0.071, 0.052), spread=0.8),
        observed=1_689,
        repeated=369,
    ),
    DocumentedWorld(
        letter="T",
        kind="bad",
        what="half at .2, half at .05 a list",
        world=World(5_000, _hard_to_reach(0.5, 0.2, 0.05)),
        observed=1_941,
        repeated=484,
    ),
    DocumentedWorld(
        letter="E",
        kind="bad",
        what="30% at .25, 70% at .015 a list",
        world=World(5_000, _hard_to_reach(0.3, 0.25, 0.015)),
        observed=1_251,
        repeated=396,
    ),
    DocumentedWorld(
        letter="F",
        kind="bad",
        what="a tie of 2, and all lists at once x2",
        world=World(4_000, _alike(0.125, 0.124, 0.124, 0.123), ties=((0, 1, 2.0),), factor=2.0),
        observed=1_065,
        repeated=233,
    ),
    DocumentedWorld(
        letter="J",
        kind="bad",
        what="40% on no list ever",
        world=World(5_000, _alike(0.109, 0.09, 0.074, 0.06), beyond=0.4),
        observed=883,
        repeated=110,
    ),
    DocumentedWorld("K", "bad", "two kinds of people, two lists each", World(4_000, _TWO_KINDS), 1_590, 235),
    DocumentedWorld(
        letter="H",
        kind="bad",
        what="10% of links missed, 1% false",
        world=World(5_000, _LINKED, linkage=LinkageErrors(missed=0.1, false=0.01)),
        observed=1_472,
        repeated=169,
    ),
    DocumentedWorld(
        letter="O",
        kind="further",
        what="low reach: 8% on lists, a tie of 2",
        world=World(30_000, _alike(0.024, 0.022, 0.02, 0.018), ties=((0, 1, 2.0),)),
        observed=2_487,
        repeated=95,
    ),
    DocumentedWorld(
        letter="Q",
        kind="further",
        what="small: 133 people, 26 on two lists",
        world=World(400, _alike(0.121, 0.098, 0.079, 0.064), ties=((0, 1, 3.0),)),
        observed=133,
        repeated=26,
    ),
    DocumentedWorld("U", "further", "the UK's five lists, stepwise model true", _UK, 2_744, 219),
    DocumentedWorld(
        letter="V",
        kind="further",
        what="60% on no list ever",
        world=World(6_000, _alike(0.133, 0.092, 0.062, 0.042), beyond=0.6),
        observed=702,
        repeated=83,
    ),
    DocumentedWorld(
        letter="X",
        kind="further",
        what="25% of links missed",
        world=World(5_000, _LINKED, linkage=LinkageErrors(missed=0.25)),
        observed=1_490,
        repeated=134,
    ),
    DocumentedWorld(
        letter="Y",
        kind="further",
        what="15% at .3, 85% at .01 a list",
        world=World(8_000, _hard_to_reach(0.15, 0.3, 0.01)),
        observed=1_179,
        repeated=427,
    ),
    DocumentedWorld("Z", "further", "K, and 30% on no list", World(4_000, _TWO_KINDS, beyond=0.3), 1_113, 166),
)
