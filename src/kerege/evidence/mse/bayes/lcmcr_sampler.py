"""One chain of the Gibbs sampler for latent classes: a loop over sweeps on histories with counts.

People of one history are interchangeable, so a sweep splits each history's count among the classes instead of placing
every person; what it costs does not depend on how many people there are.
"""

from __future__ import annotations

from math import lgamma
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import compiled, inlined

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
SMALLEST = 1e-9  # share of a class that is worth stretching: of smaller ones sums lose the digits
TRIES = 200  # more unseen people than the bound allows are drawn again so often; then those of the last sweep stay


class Observed(NamedTuple):
    """What was observed, and the prior."""

    histories: Whole  # (C,) bit j set: on list j
    counts: Whole  # (C,) people
    people: int
    most: int  # unseen people: the upper bound
    a: float  # the concentration is Gamma(a, rate b)
    b: float


class State(NamedTuple):
    """Where a chain is: K classes, J observed."""

    rates: Floats  # (K, J) probability of being on a list
    logs: Floats  # (K,) logarithms of the classes' shares
    shares: Floats  # (K,)
    ones: Whole  # (K, J) people on the list
    placed: Whole  # (K,) people, seen or not
    unseen: Whole  # (1,) people on no list
    concentration: Floats  # (1,)


def started(random: np.random.Generator, observed: Observed, number: int, classes: int, unseen: int) -> State:
    """A start with `unseen` people on no list, in one class that the lists reach as rarely as that takes."""
    rates, shares = random.random((classes, number)), random.dirichlet(np.ones(classes))
    hidden = random.integers(classes)
    rates[hidden] *= observed.people / (observed.people + unseen)
    return State(
        rates,
        np.log(shares),
        shares,
        np.zeros((classes, number), np.int64),
        np.zeros(classes, np.int64),
        np.array([unseen]),
        random.standard_gamma(1.0, 1),
    )


@inlined
def _sum(values: Floats | Whole) -> float:
    total = values[0]
    for k in range(1, len(values)):
        total += values[k]
    return float(total)


@compiled
def _log_gamma_drawn(random: np.random.Generator, shape: float) -> float:
    """Logarithm of a Gamma(shape, 1) variable: that of a small shape would underflow on the natural scale."""
    if shape >= 1.0:
        return float(np.log(random.standard_gamma(shape)))
    return float(np.log(random.standard_gamma(shape + 1.0)) + np.log(1.0 - random.random()) / shape)


@compiled
def _split(random: np.random.Generator, people: int, chances: Floats, into: Whole) -> None:
    """Draw a multinomial by binomials; `chances` need not sum to 1."""
    left = _sum(chances)
    for k in range(len(chances)):
        drawn = people
        if people > 0 and k < len(chances) - 1 and chances[k] < left:
            drawn = random.binomial(people, chances[k] / left)
        into[k] = drawn
        people -= drawn
        left -= chances[k]


@compiled
def _tell(observed: Observed, state: State, k: int, likely: Floats) -> None:
    """Probability of every history in a class (C,)."""
    for c in range(len(likely)):
        history, chance = observed.histories[c], 1.0
        for j in range(state.rates.shape[1]):
            chance *= state.rates[k, j] if (history >> j) & 1 else 1.0 - state.rates[k, j]
        likely[c] = chance


@inlined
def _found(state: State, k: int) -> float:
    """Probability of being on some list in a class; one less that of none would lose the digits of small rates."""
    missed, found = 1.0, 0.0
    for j in range(state.rates.shape[1]):
        found += missed * state.rates[k, j]
        missed *= 1.0 - state.rates[k, j]
    return found


@inlined
def _missed(state: State, k: int) -> float:
    """Probability of being on no list in a class."""
    missed = 1.0
    for j in range(state.rates.shape[1]):
        missed *= 1.0 - state.rates[k, j]
    return missed


@compiled
def _unseen(random: np.random.Generator, observed: Observed, state: State) -> int:
    """Draw how many people are on no list; more than the bound where they are more."""
    missed, reached = 0.0, 0.0
    for k in range(len(state.placed)):
        missed += state.shares[k] * _missed(state, k)
        reached += state.shares[k] * _found(state, k)
    mean = random.standard_gamma(float(observed.people)) * missed / reached
    if mean > 2.0 * observed.most + 1000.0:  # no draw would be within the bound
        return observed.most + 1
    return int(random.poisson(mean))


@inlined
def _place_seen(
    random: np.random.Generator, observed: Observed, state: State, likely: Floats, chances: Floats, into: Whole
) -> None:
    """Split every history's people among the classes."""
    classes, number = state.rates.shape
    for k in range(classes):
        state.placed[k] = 0
        for j in range(number):
            state.ones[k, j] = 0
    for c in range(len(observed.histories)):
        history = observed.histories[c]
        for k in range(classes):
            chances[k] = state.shares[k] * likely[k, c]
        _split(random, observed.counts[c], chances, into)
        for k in range(classes):
            state.placed[k] += into[k]
            for j in range(number):
                if (history >> j) & 1:
                    state.ones[k, j] += into[k]


@inlined
def _place_unseen(random: np.random.Generator, observed: Observed, state: State, chances: Floats, into: Whole) -> None:
    """Draw how many people are on no list, at most the bound, and split them among the classes."""
    classes = len(state.placed)
    for k in range(classes):
        chances[k] = state.shares[k] * _missed(state, k)
    for _ in range(TRIES):
        drawn = _unseen(random, observed, state)
        if drawn <= observed.most:
            state.unseen[0] = drawn
            break
    _split(random, state.unseen[0], chances, into)
    for k in range(classes):
        state.placed[k] += into[k]


@inlined
def _swap(random: np.random.Generator, state: State) -> None:
    """Let neighbouring classes change places, sticks integrated out: the prior is not the same for all orders.

    Papaspiliopoulos and Roberts 2008, section 3.4, where the sticks are kept; without them the ratio is that of two
    sums, and nearly every swap is made.
    """
    classes = len(state.placed)
    concentration, behind = state.concentration[0], _sum(state.placed)
    for k in range(classes - 1):
        here, there = state.placed[k], state.placed[k + 1]
        behind -= here
        rest = behind - there
        if k < classes - 2:
            ratio = np.log((concentration + behind) / (concentration + rest + here))
        else:  # the last class has what is left of the stick
            ratio = (
                lgamma(1.0 + there) - lgamma(1.0 + here) + lgamma(concentration + here) - lgamma(concentration + there)
            )
        if np.log(1.0 - random.random()) < ratio:
            state.placed[k], state.placed[k + 1] = there, here
            behind += here - there
            for j in range(state.ones.shape[1]):
                state.ones[k, j], state.ones[k + 1, j] = state.ones[k + 1, j], state.ones[k, j]


@inlined
def _draw_shares(random: np.random.Generator, observed: Observed, state: State) -> None:
    """Draw the sticks, the classes' shares they make, and the concentration, in logarithms."""
    classes = len(state.placed)
    concentration, behind, left = state.concentration[0], _sum(state.placed), 0.0
    for k in range(classes - 1):
        behind -= state.placed[k]
        one = _log_gamma_drawn(random, 1.0 + state.placed[k])
        other = _log_gamma_drawn(random, concentration + behind)
        both = max(one, other) + np.log1p(np.exp(-abs(one - other)))
        state.logs[k] = left + one - both
        left += other - both
    state.logs[classes - 1] = left
    for k in range(classes):
        state.shares[k] = np.exp(state.logs[k])
    shape = observed.a + classes - 1.0
    # the last share's logarithm is the sum of those of the sticks' rests
    state.concentration[0] = np.exp(_log_gamma_drawn(random, shape)) / (observed.b - left)


@inlined
def _draw_rates(random: np.random.Generator, state: State) -> None:
    classes, number = state.rates.shape
    for k in range(classes):
        for j in range(number):
            one = random.standard_gamma(1.0 + state.ones[k, j])
            other = random.standard_gamma(1.0 + state.placed[k] - state.ones[k, j])
            state.rates[k, j] = one / (one + other)


@compiled
def _height(observed: Observed, state: State, likely: Floats) -> float:
    """Logarithm of the likelihood with everybody's class and the unseen people integrated out."""
    classes, reached, height = len(state.placed), 0.0, 0.0
    for k in range(classes):
        reached += state.shares[k] * _found(state, k)
    for c in range(len(observed.counts)):
        chance = 0.0
        for k in range(classes):
            chance += state.shares[k] * likely[k, c]
        height += observed.counts[c] * np.log(chance)
    return float(height - observed.people * np.log(reached))


@compiled
def _shift(state: State, k: int, by: float, old: Floats) -> float:
    """Make a class larger and its lists' odds smaller; what the prior and the change of variables add to the ratio."""
    classes, number = state.rates.shape
    change = 0.0
    for j in range(number):
        rate = old[j]
        below = 1.0 - rate + rate * np.exp(-by)
        state.rates[k, j] = rate * np.exp(-by) / below
        change -= by + 2.0 * np.log(below)
    share = state.shares[k]
    whole = np.log1p(share * np.expm1(by))
    behind = 1.0
    for m in range(1, classes - 1):
        behind -= state.shares[m - 1]
        change += whole
        if m <= k:  # the class is among those behind
            change -= np.log1p(share * np.expm1(by) / max(behind, share))
    change += by - classes * whole
    change += (state.concentration[0] - 1.0) * ((by if k == classes - 1 else 0.0) - whole)
    for m in range(classes):
        state.logs[m] += (by if m == k else 0.0) - whole
        state.shares[m] = np.exp(state.logs[m])
    return float(change)


@inlined
def _stretch(
    random: np.random.Generator, observed: Observed, state: State, likely: Floats, old: Floats, kept: Floats
) -> None:
    """Try to make one class larger and rarer on the lists, or the other way round, the unseen people with it.

    What was observed hardly tells these apart, and drawing people's classes and rates in turn moves along them in tiny
    steps, the smaller the more people are unseen. Here both are integrated out, and the unseen are drawn with the move.
    """
    classes, number = state.rates.shape
    k = min(int(random.random() * classes), classes - 1)
    by = random.standard_normal() * np.exp(-3.0 * random.random())
    if state.shares[k] < SMALLEST:
        return
    before = _height(observed, state, likely)
    for j in range(number):
        old[j] = state.rates[k, j]
    for m in range(classes):
        old[number + m] = state.logs[m]
    for c in range(len(kept)):
        kept[c] = likely[k, c]
    ratio = _shift(state, k, by, old)
    _tell(observed, state, k, likely[k])
    ratio += _height(observed, state, likely) - before
    if state.shares[k] >= SMALLEST and np.log(1.0 - random.random()) < ratio:
        unseen = _unseen(random, observed, state)
        if unseen <= observed.most:
            state.unseen[0] = unseen
            return
    for j in range(number):
        state.rates[k, j] = old[j]
    for m in range(classes):
        state.logs[m] = old[number + m]
        state.shares[m] = np.exp(state.logs[m])
    for c in range(len(kept)):
        likely[k, c] = kept[c]


@compiled
def run(random: np.random.Generator, observed: Observed, state: State, skipped: int, every: int, unseen: Whole) -> None:
    """Sweep `skipped` times, then `every` sweeps for each of `unseen`, which gets the number of unseen people."""
    classes, number = state.rates.shape
    chances, into = np.empty(classes), np.empty(classes, np.int64)
    likely, kept = np.empty((classes, len(observed.counts))), np.empty(len(observed.counts))
    old = np.empty(number + classes)
    for k in range(classes):
        _tell(observed, state, k, likely[k])
    for sweep in range(skipped + every * len(unseen)):
        _place_seen(random, observed, state, likely, chances, into)
        _place_unseen(random, observed, state, chances, into)
        _swap(random, state)
        _draw_shares(random, observed, state)
        _draw_rates(random, state)
        for k in range(classes):
            _tell(observed, state, k, likely[k])
        _stretch(random, observed, state, likely, old, kept)
        after = sweep - skipped + 1
        if after > 0 and after % every == 0:
            unseen[after // every - 1] = state.unseen[0]
