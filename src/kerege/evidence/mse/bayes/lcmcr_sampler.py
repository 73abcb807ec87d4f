"""One chain of the Gibbs sampler for latent classes.

The model is that of Manrique-Vallier 2016, "Bayesian population size estimation using Dirichlet process mixtures",
Biometrics 72: a person is in class k with probability pi_k and on list j with probability lambda_kj, independently of
the other lists, so P(w) = sum_k pi_k prod_j lambda_kj^{w_j} (1 - lambda_kj)^{1 - w_j}.

People with the same history are exchangeable. So a sweep splits the count of each history among the classes. It does
not place each person, so its cost does not depend on the number of people.
"""

from __future__ import annotations

from math import lgamma
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import compiled, merged

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
SMALLEST = 1e-9  # smallest share of a class that the stretch move changes; sums lose the digits of smaller shares
TRIES = 200  # most redraws of an unobserved number above the bound; then the last sweep's number is kept


class Observed(NamedTuple):
    """Observed data, and the parameters of the prior."""

    histories: Whole  # (C,) bit j is set: on list j
    counts: Whole  # (C,) people
    people: int
    max_unobserved: int  # largest number of unobserved people
    a: float  # the prior of the concentration is Gamma(a, rate b)
    b: float


class State(NamedTuple):
    """State of a chain with K classes and J lists."""

    rates: Floats  # (K, J) capture probabilities
    logs: Floats  # (K,) logarithms of the class shares
    shares: Floats  # (K,)
    ones: Whole  # (K, J) people of the class on the list
    placed: Whole  # (K,) people of the class, observed and unobserved
    unseen: Whole  # (1,) people on no list
    concentration: Floats  # (1,)


def initial_state(rng: np.random.Generator, observed: Observed, lists: int, classes: int, unobserved: int) -> State:
    """Return a start with `unobserved` people on no list.

    One class gets small capture probabilities that match this number.
    """
    rates, shares = rng.random((classes, lists)), rng.dirichlet(np.ones(classes))
    rare_class = rng.integers(classes)
    rates[rare_class] *= observed.people / (observed.people + unobserved)
    return State(
        rates=rates,
        logs=np.log(shares),
        shares=shares,
        ones=np.zeros((classes, lists), np.int64),
        placed=np.zeros(classes, np.int64),
        unseen=np.array([unobserved]),
        concentration=rng.standard_gamma(1.0, 1),
    )


@merged
def _sum(values: Floats | Whole) -> float:
    """Return the sum of a vector, in order."""
    total = values[0]
    for k in range(1, len(values)):
        total += values[k]
    return float(total)


@compiled
def _draw_log_gamma(random: np.random.Generator, shape: float) -> float:
    """Draw the logarithm of a Gamma(shape, 1) variable.

    With a small shape a the variable itself would underflow: log G(a) = log G(a + 1) + log(U) / a for a uniform U.
    Devroye 1986, "Non-Uniform Random Variate Generation", chapter IX.3.
    """
    if shape >= 1.0:
        return float(np.log(random.standard_gamma(shape)))
    return float(np.log(random.standard_gamma(shape + 1.0)) + np.log(1.0 - random.random()) / shape)


@compiled
def _draw_multinomial(random: np.random.Generator, people: int, weights: Floats, into: Whole) -> None:
    """Draw a multinomial as a sequence of binomials; `weights` need not sum to 1.

    n_k ~ Bin(n - n_1 - ... - n_{k-1}, w_k / (w_k + ... + w_K)): Devroye 1986.
    """
    remaining = _sum(weights)
    for k in range(len(weights)):
        count = people
        if people > 0 and k < len(weights) - 1 and weights[k] < remaining:
            count = random.binomial(people, weights[k] / remaining)
        into[k] = count
        people -= count
        remaining -= weights[k]


@compiled
def _compute_probabilities(observed: Observed, state: State, k: int, probabilities: Floats) -> None:
    """Compute the probability of each history w in a class (C,).

    P(w | k) = prod_j lambda_kj^{w_j} (1 - lambda_kj)^{1 - w_j}.
    """
    for c in range(len(probabilities)):
        history, probability = observed.histories[c], 1.0
        for j in range(state.rates.shape[1]):
            probability *= state.rates[k, j] if (history >> j) & 1 else 1.0 - state.rates[k, j]
        probabilities[c] = probability


@merged
def _capture_probability(state: State, k: int) -> float:
    """Return the probability of being on some list in a class.

    sum_j lambda_j prod_{i<j} (1 - lambda_i), a sum of positive terms; 1 - P(no list) would lose digits if the rates are
    small.
    """
    missed, captured = 1.0, 0.0
    for j in range(state.rates.shape[1]):
        captured += missed * state.rates[k, j]
        missed *= 1.0 - state.rates[k, j]
    return captured


@merged
def _miss_probability(state: State, k: int) -> float:
    """Return the probability of being on no list in a class: prod_j (1 - lambda_j)."""
    missed = 1.0
    for j in range(state.rates.shape[1]):
        missed *= 1.0 - state.rates[k, j]
    return missed


@compiled
def _draw_unobserved(random: np.random.Generator, observed: Observed, state: State) -> int:
    """Draw the number of people on no list; the result exceeds the bound if the draw does.

    n_0 ~ NegBin(n, p) with p = P(some list), for the prior 1/N of the population size: a Poisson variable with a
    Gamma(n) (1 - p) / p mean. Manrique-Vallier 2016.
    """
    uncaptured, captured = 0.0, 0.0
    for k in range(len(state.placed)):
        uncaptured += state.shares[k] * _miss_probability(state, k)
        captured += state.shares[k] * _capture_probability(state, k)
    mean = random.standard_gamma(float(observed.people)) * uncaptured / captured
    if mean > 2.0 * observed.max_unobserved + 1000.0:  # practically no draw would be within the bound
        return observed.max_unobserved + 1
    return int(random.poisson(mean))


@merged
def _allocate_observed(
    random: np.random.Generator, observed: Observed, state: State, probabilities: Floats, weights: Floats, split: Whole
) -> None:
    """Split the people of each history w among the classes: multinomial with weights pi_k P(w | k)."""
    classes, lists = state.rates.shape
    for k in range(classes):
        state.placed[k] = 0
        for j in range(lists):
            state.ones[k, j] = 0
    for c in range(len(observed.histories)):
        history = observed.histories[c]
        for k in range(classes):
            weights[k] = state.shares[k] * probabilities[k, c]
        _draw_multinomial(random, observed.counts[c], weights, split)
        for k in range(classes):
            state.placed[k] += split[k]
            for j in range(lists):
                if (history >> j) & 1:
                    state.ones[k, j] += split[k]


@merged
def _allocate_unobserved(
    random: np.random.Generator, observed: Observed, state: State, weights: Floats, split: Whole
) -> None:
    """Draw the number of people on no list, within the bound, and split them by weights pi_k P(0 | k)."""
    classes = len(state.placed)
    for k in range(classes):
        weights[k] = state.shares[k] * _miss_probability(state, k)
    for _ in range(TRIES):
        drawn = _draw_unobserved(random, observed, state)
        if drawn <= observed.max_unobserved:
            state.unseen[0] = drawn
            break
    _draw_multinomial(random, state.unseen[0], weights, split)
    for k in range(classes):
        state.placed[k] += split[k]


@merged
def _swap_classes(random: np.random.Generator, state: State) -> None:
    """Swap neighbouring classes by Metropolis steps, with the sticks integrated out.

    The prior depends on the order of the classes. Papaspiliopoulos and Roberts 2008, section 3.4, keep the sticks.
    Without them the ratio is a ratio of two sums, and nearly all swaps are accepted.
    """
    classes = len(state.placed)
    concentration, behind = state.concentration[0], _sum(state.placed)
    for k in range(classes - 1):
        here, there = state.placed[k], state.placed[k + 1]
        behind -= here
        rest = behind - there
        if k < classes - 2:
            ratio = np.log((concentration + behind) / (concentration + rest + here))
        else:  # the last class has the rest of the stick
            ratio = (
                lgamma(1.0 + there) - lgamma(1.0 + here) + lgamma(concentration + here) - lgamma(concentration + there)
            )
        if np.log(1.0 - random.random()) < ratio:
            state.placed[k], state.placed[k + 1] = there, here
            behind += here - there
            for j in range(state.ones.shape[1]):
                state.ones[k, j], state.ones[k + 1, j] = state.ones[k + 1, j], state.ones[k, j]


@merged
def _draw_shares(random: np.random.Generator, observed: Observed, state: State) -> None:
    """Draw the sticks, the class shares and the concentration, on the logarithmic scale.

    V_k ~ Beta(1 + N_k, alpha + N_{k+1} + ... + N_K), pi_k = V_k prod_{i<k} (1 - V_i), and
    alpha ~ Gamma(a + K - 1, b - log pi_K): Ishwaran and James 2001, "Gibbs sampling methods for stick-breaking priors",
    JASA 96.
    """
    classes = len(state.placed)
    concentration, behind, log_remaining = state.concentration[0], _sum(state.placed), 0.0
    for k in range(classes - 1):
        behind -= state.placed[k]
        log_taken = _draw_log_gamma(random, 1.0 + state.placed[k])
        log_rest = _draw_log_gamma(random, concentration + behind)
        log_total = max(log_taken, log_rest) + np.log1p(np.exp(-abs(log_taken - log_rest)))
        state.logs[k] = log_remaining + log_taken - log_total
        log_remaining += log_rest - log_total
    state.logs[classes - 1] = log_remaining
    for k in range(classes):
        state.shares[k] = np.exp(state.logs[k])
    shape = observed.a + classes - 1.0
    # the logarithm of the last share is the sum of the logarithms of 1 - stick
    state.concentration[0] = np.exp(_draw_log_gamma(random, shape)) / (observed.b - log_remaining)


@merged
def _draw_rates(random: np.random.Generator, state: State) -> None:
    """Draw the capture probabilities from their posteriors Beta(1 + n_kj, 1 + N_k - n_kj).

    A beta variable is G / (G + G') for gamma variables of the two shapes.
    """
    classes, lists = state.rates.shape
    for k in range(classes):
        for j in range(lists):
            gamma_on = random.standard_gamma(1.0 + state.ones[k, j])
            gamma_off = random.standard_gamma(1.0 + state.placed[k] - state.ones[k, j])
            state.rates[k, j] = gamma_on / (gamma_on + gamma_off)


@compiled
def _log_likelihood(observed: Observed, state: State, probabilities: Floats) -> float:
    """Return the log-likelihood with class membership and the unobserved number integrated out.

    sum_w n_w log P(w) - n log P(some list): the likelihood of the observed people given that they are observed.
    """
    classes, captured, log_likelihood = len(state.placed), 0.0, 0.0
    for k in range(classes):
        captured += state.shares[k] * _capture_probability(state, k)
    for c in range(len(observed.counts)):
        probability = 0.0
        for k in range(classes):
            probability += state.shares[k] * probabilities[k, c]
        log_likelihood += observed.counts[c] * np.log(probability)
    return float(log_likelihood - observed.people * np.log(captured))


@compiled
def _stretch_class(state: State, k: int, by: float, old: Floats) -> float:
    """Multiply the odds of a class share by exp(by) and divide its capture odds by exp(by).

    Returns what the prior and the Jacobian add to the logarithm of the acceptance ratio.
    """
    classes, lists = state.rates.shape
    log_ratio = 0.0
    for j in range(lists):
        rate = old[j]
        denominator = 1.0 - rate + rate * np.exp(-by)
        state.rates[k, j] = rate * np.exp(-by) / denominator
        log_ratio -= by + 2.0 * np.log(denominator)
    share = state.shares[k]
    log_total = np.log1p(share * np.expm1(by))
    behind = 1.0
    for m in range(1, classes - 1):
        behind -= state.shares[m - 1]
        log_ratio += log_total
        if m <= k:  # the class is in the rest of the stick here
            log_ratio -= np.log1p(share * np.expm1(by) / max(behind, share))
    log_ratio += by - classes * log_total
    log_ratio += (state.concentration[0] - 1.0) * ((by if k == classes - 1 else 0.0) - log_total)
    for m in range(classes):
        state.logs[m] += (by if m == k else 0.0) - log_total
        state.shares[m] = np.exp(state.logs[m])
    return float(log_ratio)


@merged
def _propose_stretch(
    random: np.random.Generator,
    observed: Observed,
    state: State,
    probabilities: Floats,
    old: Floats,
    old_probabilities: Floats,
) -> None:
    """Propose a larger class with smaller capture probabilities, or the reverse, and accept or reject it.

    The data hardly distinguish these states. Alternate draws of classes and rates move along them in very small steps,
    smaller with more unobserved people. This move integrates both out and draws the unobserved number with the
    proposal.
    """
    classes, lists = state.rates.shape
    k = min(int(random.random() * classes), classes - 1)
    by = random.standard_normal() * np.exp(-3.0 * random.random())
    if state.shares[k] < SMALLEST:
        return
    before = _log_likelihood(observed, state, probabilities)
    for j in range(lists):
        old[j] = state.rates[k, j]
    for m in range(classes):
        old[lists + m] = state.logs[m]
    for c in range(len(old_probabilities)):
        old_probabilities[c] = probabilities[k, c]
    ratio = _stretch_class(state, k, by, old)
    _compute_probabilities(observed, state, k, probabilities[k])
    ratio += _log_likelihood(observed, state, probabilities) - before
    if state.shares[k] >= SMALLEST and np.log(1.0 - random.random()) < ratio:
        unobserved = _draw_unobserved(random, observed, state)
        if unobserved <= observed.max_unobserved:
            state.unseen[0] = unobserved
            return
    for j in range(lists):
        state.rates[k, j] = old[j]
    for m in range(classes):
        state.logs[m] = old[lists + m]
        state.shares[m] = np.exp(state.logs[m])
    for c in range(len(old_probabilities)):
        probabilities[k, c] = old_probabilities[c]


@compiled
def run_chain(
    random: np.random.Generator, observed: Observed, state: State, skipped: int, every: int, unobserved: Whole
) -> None:
    """Run `skipped` sweeps, then `every` sweeps per element of `unobserved`, and store its number there."""
    classes, lists = state.rates.shape
    weights, split = np.empty(classes), np.empty(classes, np.int64)
    probabilities, old_probabilities = np.empty((classes, len(observed.counts))), np.empty(len(observed.counts))
    old = np.empty(lists + classes)
    for k in range(classes):
        _compute_probabilities(observed, state, k, probabilities[k])
    for sweep in range(skipped + every * len(unobserved)):
        _allocate_observed(random, observed, state, probabilities, weights, split)
        _allocate_unobserved(random, observed, state, weights, split)
        _swap_classes(random, state)
        _draw_shares(random, observed, state)
        _draw_rates(random, state)
        for k in range(classes):
            _compute_probabilities(observed, state, k, probabilities[k])
        _propose_stretch(random, observed, state, probabilities, old, old_probabilities)
        kept_sweep = sweep - skipped + 1
        if kept_sweep > 0 and kept_sweep % every == 0:
            unobserved[kept_sweep // every - 1] = state.unseen[0]
