"""The compiled core: Poisson log-linear models of overlapping lists on bitmasks, with no design matrix anywhere.

A history w is a bitmask of lists, a parameter S a bitmask of the lists it ties together, and log mu_w is the sum of
alpha_S over the S inside w. With `above` the superset sums of the means over the cells that can be seen, the score is
N*_S - above_S and the information above_{S|T} (S and T of the model): everything Newton needs is one product over
subsets and one sum over supersets. A parameter whose superset sum N*_S is zero is minus infinity: its factor
exp(alpha_S) is 0, and the cells that hold it vanish from the product by themselves (Chan, Silverman and Vincent 2021,
"Multiple systems estimation for sparse capture data", JASA 116, section 3).

Floating point is left in the order written (no fast-math), so that a seed means the same on every machine.
All in one file: machine code is kept between runs by file, and would not notice a change in another one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import compiled, inlined

Floats = NDArray[np.float64]
Masks = NDArray[np.int64]

CONVERGED, DRIFTING, SINGULAR = 0, 1, 2  # of a fit
EXISTS, NO_ESTIMATE, NOT_IDENTIFIED, UNKNOWN = 0, 1, 2, -1  # of a model; the codes of Chan, Silverman and Vincent
LOOSE = 1e-3  # last Newton step; the error left is about its square
TIGHT = 1e-10  # last step where a number is reported
CAP = 3.0  # of a Newton step, in the largest parameter
# Newton steps before and after a proof that there is something to find; a plain int would have `_newton` compiled anew
QUICK, PATIENT = np.int64(25), np.int64(500)
PRIME = 2147483629  # a rank modulo it is the rank: minors of 0/1 matrices of this size stay far below
HALF_LOG_TAU = 0.9189385332046727  # log(2 pi) / 2
ALIKE = 1e-9  # p-values this close are ties: the first pair wins, as in R
NEAR = 2e-3  # ... and this close they are worked out again from a tight fit
THIN = 1e-7  # a pivot this small beside its diagonal calls for the exact rank


class Work(NamedTuple):
    """What one thread writes on: few arrays, because every one passed on costs time to compile."""

    state: Floats  # (7, 2^t), by the rows below
    upper: Floats  # (p + 1, p) Cholesky factor of the information (inverse of the diagonal on it), then the step
    terms: Masks  # (p,) parameters that are not on the boundary, the intercept first
    scores: Floats  # (2, pairs) p-value of each pair, and log P(X = n), from below


TARGET, ALPHA, FACTOR, MEAN, ABOVE, KEPT, COUNTS = 0, 1, 2, 3, 4, 5, 6
# N*_S; alpha_S; exp(alpha_S), 1 outside the model, 0 on the boundary; mu_w; superset sums of mu without w = 0; factors
# before a candidate; people of each history


@compiled
def workspace(lists: int, most: int) -> Work:
    """Room for models of up to `most` parameters over `lists` lists."""
    return Work(
        np.zeros((7, 1 << lists)),
        np.zeros((most + 1, most)),
        np.zeros(most, np.int64),
        np.zeros((2, lists * (lists - 1) // 2 + 1)),
    )


@inlined
def _sum_above(values: Floats, lists: int) -> None:
    """Every value becomes the sum over its supersets."""
    size = 1 << lists
    for bit in range(lists):
        reach = 1 << bit
        for base in range(0, size, 2 * reach):
            for w in range(base, base + reach):
                values[w] += values[w + reach]


@inlined
def _multiply_below(values: Floats, lists: int) -> None:
    """Every value becomes the product over its subsets."""
    size = 1 << lists
    for bit in range(lists):
        reach = 1 << bit
        for base in range(0, size, 2 * reach):
            for w in range(base, base + reach):
                values[w + reach] *= values[w]


@inlined
def _expect(work: Work, lists: int) -> None:
    """Means and their superset sums at the present parameters; mean[0] is the dark figure."""
    state = work.state
    for w in range(1 << lists):
        state[MEAN, w] = state[FACTOR, w]
    _multiply_below(state[MEAN], lists)
    for w in range(1 << lists):
        state[ABOVE, w] = state[MEAN, w]
    state[ABOVE, 0] = 0.0
    _sum_above(state[ABOVE], lists)


@inlined
def _decompose(work: Work, count: int) -> float:
    """Cholesky of the information; returns the thinnest pivot beside its diagonal, 0 where there is none."""
    upper, terms, state = work.upper, work.terms, work.state
    for i in range(count):
        mask = terms[i]
        for j in range(i, count):
            upper[i, j] = state[ABOVE, mask | terms[j]]
    thinnest = 1.0
    for k in range(count):
        pivot = upper[k, k]
        share = pivot / state[ABOVE, terms[k]]
        if not share > 1e-13:
            return 0.0
        thinnest = min(thinnest, share)
        inverse = 1.0 / math.sqrt(pivot)
        for j in range(k + 1, count):
            upper[k, j] *= inverse
        upper[k, k] = inverse
        for i in range(k + 1, count):
            pull = upper[k, i]
            if pull != 0.0:
                for j in range(i, count):
                    upper[i, j] -= pull * upper[k, j]
    return thinnest


@inlined
def _solve(work: Work, count: int) -> float:
    """The Newton step from the score and the factor in `upper`; returns its largest change, uncapped."""
    upper, terms, state = work.upper, work.terms, work.state
    step = len(upper) - 1
    for k in range(count):
        upper[step, k] = state[TARGET, terms[k]] - state[ABOVE, terms[k]]
    for k in range(count):
        value = upper[step, k] * upper[k, k]
        upper[step, k] = value
        for j in range(k + 1, count):
            upper[step, j] -= upper[k, j] * value
    largest = 0.0
    for k in range(count - 1, -1, -1):
        value = upper[step, k]
        for j in range(k + 1, count):
            value -= upper[k, j] * upper[step, j]
        upper[step, k] = value * upper[k, k]
        largest = max(largest, abs(upper[step, k]))
    return largest


@inlined
def _move(work: Work, count: int, scale: float) -> None:
    upper, terms, state = work.upper, work.terms, work.state
    for k in range(count):
        mask = terms[k]
        state[ALPHA, mask] += scale * upper[len(upper) - 1, k]
        state[FACTOR, mask] = math.exp(state[ALPHA, mask])


@compiled
def _newton(work: Work, lists: int, count: int, limit: float, most: np.int64) -> tuple[int, float]:
    """Newton from the present parameters until the last step is below `limit`; `above` is that of the end.

    Returns the status and the thinnest pivot of the last information.
    """
    thinnest, last, before = 0.0, math.inf, math.inf
    for turn in range(most):
        _expect(work, lists)
        if last < limit:
            return CONVERGED, thinnest
        thinnest = _decompose(work, count)
        if thinnest == 0.0:
            return SINGULAR, thinnest
        before = last
        last = _solve(work, count)
        if not last < 1e8:
            return SINGULAR, 0.0
        if turn > 9 and 0.5 < last < 1.5 and abs(last - before) < 0.02:
            return DRIFTING, thinnest
        _move(work, count, 1.0 if last <= CAP else CAP / last)
    return DRIFTING, thinnest


@compiled
def _polish(work: Work, lists: int, count: int) -> None:
    """Tighten a fit with the factor it has: each turn gains about three digits and costs no decomposition."""
    for _ in range(40):
        if _solve(work, count) < TIGHT:
            break
        _move(work, count, 1.0)
        _expect(work, lists)


# -- proofs that there is no estimate ---------------------------------------------------------------------------------


@compiled
def _runs_off(work: Work, lists: int, count: int) -> bool:
    """Whether the last step, in whole numbers, proves that there is no estimate.

    Without one Newton runs off along a direction that lowers empty cells by about 1 a step and leaves the others. Whole
    numbers z with eta_w(z) <= 0 on every cell, = 0 on those with people and < 0 somewhere are an exact proof: they
    are a z with A'z <= 0, z.N* = 0 (Fienberg and Rinaldo 2012, Annals of Statistics 40, theorem 3).
    """
    size, step = 1 << lists, len(work.upper) - 1
    shift, here = np.zeros(size), np.zeros(size)
    for times in range(1, 4):
        whole, fits = False, True
        for w in range(size):
            shift[w] = 0.0
            here[w] = 0.0 if work.state[FACTOR, w] == 0.0 else 1.0
        for k in range(count):
            value = times * work.upper[step, k]
            shift[work.terms[k]] = math.floor(value + 0.5)
            fits = fits and abs(value - math.floor(value + 0.5)) < 0.1
            whole = whole or math.floor(value + 0.5) != 0.0
        if not (fits and whole):
            continue
        _multiply_below(here, lists)
        for bit in range(lists):
            for w in range(size):
                if (w >> bit) & 1:
                    shift[w] += shift[w ^ (1 << bit)]
        proved = False
        for w in range(1, size):
            if here[w] != 0.0:
                if shift[w] > 0.0 or (shift[w] < 0.0 and work.state[COUNTS, w] > 0.0):
                    proved = False
                    break
                proved = proved or shift[w] < 0.0
        if proved:
            return True
    return False


@compiled
def full_rank(lists: int, terms: Masks, count: int, factor: Floats) -> bool:
    """Whether the parameters can be told apart on the cells that are left: rank of 0/1 rows modulo a large prime.

    `factor` (2^t,) is 0 for parameters on the boundary, whose cells are gone; `terms` are the other parameters.
    """
    size = 1 << lists
    here = np.zeros(size)
    for w in range(size):
        here[w] = 0.0 if factor[w] == 0.0 else 1.0
    _multiply_below(here, lists)
    rows = np.zeros((size - 1, count), np.int64)
    cells = 0
    for w in range(1, size):
        if here[w] != 0.0:
            for k in range(count):
                rows[cells, k] = 1 if (terms[k] & w) == terms[k] else 0
            cells += 1
    for column in range(count):
        lead = column
        while lead < cells and rows[lead, column] == 0:
            lead += 1
        if lead >= cells:
            return False
        for c in range(column, count):
            rows[column, c], rows[lead, c] = rows[lead, c], rows[column, c]
        inverse = _inverse(rows[column, column])
        for r in range(lead + 1, cells):
            times = rows[r, column] * inverse % PRIME
            if times != 0:
                for c in range(column, count):
                    rows[r, c] = (rows[r, c] - times * rows[column, c]) % PRIME
    return True


@compiled
def _inverse(value: int) -> int:
    """By Fermat: value^(PRIME - 2)."""
    result, base, power = np.int64(1), np.int64(value % PRIME), PRIME - 2
    while power:
        if power & 1:
            result = result * base % PRIME
        base = base * base % PRIME
        power >>= 1
    return int(result)


@compiled
def _verdict(work: Work, lists: int, count: int, status: int, thinnest: float) -> int:
    """What a fit proves about the model: EXISTS, NO_ESTIMATE, NOT_IDENTIFIED or UNKNOWN.

    A fit whose step goes to zero is a proof of existence: its means are positive and meet every sum. Without an
    estimate the step stays at about 1.
    """
    if status == CONVERGED and thinnest > THIN:
        return EXISTS
    if not full_rank(lists, work.terms, count, work.state[FACTOR]):
        return NOT_IDENTIFIED
    if status == CONVERGED:
        return EXISTS
    if status == DRIFTING and _runs_off(work, lists, count):
        return NO_ESTIMATE
    return UNKNOWN


# -- Poisson tails ----------------------------------------------------------------------------------------------------


@compiled
def _chance(n: float, rate: float) -> float:
    """P(X = n) for X ~ Poisson(rate), n > 0, by the saddle point (Loader 2000)."""
    if n > 15:
        square = n * n
        correction = (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * square)) / square) / square) / square) / n
    else:
        correction = math.lgamma(n + 1) - (n + 0.5) * math.log(n) + n - HALF_LOG_TAU
    if abs(n - rate) < 0.1 * (n + rate):
        ratio = (n - rate) / (n + rate)
        deviance = (n - rate) * ratio
        term = 2 * n * ratio
        square = ratio * ratio
        for j in range(1, 1000):
            term *= square
            more = deviance + term / (2 * j + 1)
            if more == deviance:
                break
            deviance = more
    else:
        deviance = n * math.log(n / rate) + rate - n
    return math.exp(-correction - deviance - HALF_LOG_TAU) / math.sqrt(n)


@compiled
def _p_value(n: float, rate: float, enough: float) -> float:
    """min(P(X <= n), P(X >= n)) for X ~ Poisson(rate); once it is surely above `enough`, any number above it."""
    if n == 0.0:
        return min(1.0, math.exp(-rate))
    if rate == 0.0:
        return 0.0
    chance = _chance(n, rate)
    total, term = 1.0, 1.0
    k = n
    while True:
        if n > rate:
            k += 1.0
            term *= rate / k
        else:
            term *= k / rate
            k -= 1.0
        total += term
        if term < 1e-17 * total or (enough < 0.4 and total * chance > 0.5):
            break
    tail = chance * total
    if tail > 0.4:  # only here can the other tail be the smaller one
        tail = min(tail, max(0.0, 1.0 - tail) + chance)
    return tail


# -- stepwise by Poisson p-value --------------------------------------------------------------------------------------


@compiled
def _main_effects(work: Work, lists: int) -> float:
    """Independence in closed form: 1 - n/N = prod_j (1 - n_j/N); returns N.

    Sets alpha, factor, terms and, of the pairs, `above`, but nothing where N is infinite (nobody is on two lists) or n
    (everybody is on one of them). A list with nobody counts as no list.
    """
    state = work.state
    people, together, full = state[TARGET, 0], 0.0, False
    for j in range(lists):
        together += state[TARGET, 1 << j]
        full = full or state[TARGET, 1 << j] == people
    if full:
        return float(people)
    if together <= people:
        return math.inf
    low, high, total = people, math.inf, people * 1.5
    for _ in range(200):
        value = math.log1p(-people / total)
        slope = people / (total * (total - people))
        for j in range(lists):
            one = state[TARGET, 1 << j]
            value -= math.log1p(-one / total)
            slope -= one / (total * (total - one))
        if value < 0.0:  # N is larger
            low = total
        else:
            high = total
        following = total - value / slope if slope > 0.0 else math.inf
        if not low < following < high:
            following = 0.5 * (low + high) if high < math.inf else 2.0 * total
        done = abs(following - total) <= 4e-16 * total
        total = following
        if done:
            break
    work.terms[0] = 0
    state[ALPHA, 0] = math.log(total)
    for j in range(lists):
        share = state[TARGET, 1 << j] / total
        work.terms[1 + j] = 1 << j
        if share > 0.0:
            state[ALPHA, 0] += math.log1p(-share)
            state[ALPHA, 1 << j] = math.log(share) - math.log1p(-share)
            state[FACTOR, 1 << j] = math.exp(state[ALPHA, 1 << j])
    state[FACTOR, 0] = math.exp(state[ALPHA, 0])
    for a in range(lists):
        for b in range(a):
            state[ABOVE, (1 << a) | (1 << b)] = state[TARGET, 1 << a] * state[TARGET, 1 << b] / total
    return float(total)


@compiled
def _least(work: Work, pairs: Masks, open_pairs: int, threshold: float) -> int:
    """The pair with the smallest p-value, the first of ties; -1 where no pair is open. Fills the scores."""
    state, scores = work.state, work.scores
    log_least, best = math.inf, -1
    for k in range(len(pairs)):
        scores[0, k] = math.inf
        if (open_pairs >> k) & 1:
            n, rate = state[TARGET, pairs[k]], state[ABOVE, pairs[k]]
            if n == 0.0:
                ceiling = -rate
                scores[1, k] = ceiling
            else:
                ceiling = n - rate - n * math.log(n / rate) if rate > 0.0 else -math.inf
                scores[1, k] = ceiling - HALF_LOG_TAU - 0.5 * math.log(n) - 1 / (12 * n)
            if ceiling < log_least:
                log_least, best = ceiling, k
    if best < 0:
        return -1
    least, ceiling = math.inf, math.inf
    for turn in range(-1, len(pairs)):  # the likeliest first: it spares most of the others
        k = best if turn < 0 else turn
        if (open_pairs >> k) & 1 and scores[1, k] <= ceiling and scores[0, k] == math.inf:
            scores[0, k] = _p_value(state[TARGET, pairs[k]], state[ABOVE, pairs[k]], threshold)
            least = min(least, scores[0, k])
            ceiling = math.log(least) + NEAR if least > 0.0 else -745.0
    for k in range(len(pairs)):
        if scores[0, k] <= least * (1 + ALIKE):
            return k
    return best


@inlined
def _close_call(work: Work, pairs: Masks, best: int, threshold: float) -> bool:
    """Whether the choice could turn on digits that a loose fit does not have."""
    least = work.scores[0, best]
    if abs(least - threshold) <= NEAR * threshold:
        return True
    alike = 0
    for k in range(len(pairs)):
        alike += k != best and work.scores[0, k] <= least * (1 + NEAR)
    return alike > 0


@inlined
def _add(work: Work, pair: int, count: int) -> int:
    """Add a pair to the model where it would start; returns the new number of parameters."""
    state = work.state
    if state[TARGET, pair] == 0.0:
        state[FACTOR, pair] = 0.0
        return count
    state[ALPHA, pair] = math.log(state[TARGET, pair] / state[ABOVE, pair])
    state[FACTOR, pair] = math.exp(state[ALPHA, pair])
    work.terms[count] = pair
    return count + 1


@compiled
def _stepwise_one(
    work: Work, lists: int, pairs: Masks, threshold: float, known: Masks, first: int, beyond: int
) -> tuple[float, int, int]:
    """Estimate, chosen pairs (bit k: pair k) and the model whose existence has to be decided elsewhere (-1: none).

    `known` (k, 2): models of this row, from `first` to `beyond`, and what was found out about them. A fit whose step
    goes to zero has proved that there is an estimate; any other model waits until it is known.
    """
    state = work.state
    for w in range(1 << lists):
        state[TARGET, w], state[FACTOR, w], state[ALPHA, w] = state[COUNTS, w], 1.0, 0.0
    _sum_above(state[TARGET], lists)
    people = state[TARGET, 0]
    total = _main_effects(work, lists)
    emptied = False
    for j in range(lists):
        emptied = emptied or state[TARGET, 1 << j] == 0.0
    if emptied or total == people or total == math.inf or threshold <= 0.0:
        return total, 0, -1  # every further model fails its test of existence, or no pair differs from chance
    count, chosen, tight, open_pairs = lists + 1, 0, True, (1 << len(pairs)) - 1
    while True:
        best = _least(work, pairs, open_pairs, threshold)
        if best >= 0 and not tight and _close_call(work, pairs, best, threshold):
            _polish(work, lists, count)
            tight = True
            continue
        if best < 0 or work.scores[0, best] >= threshold:
            break
        model, said = chosen | (1 << best), UNKNOWN
        for k in range(first, beyond):
            said = known[k, 1] if known[k, 0] == model else said
        if said not in (UNKNOWN, EXISTS):
            open_pairs &= ~(1 << best)
            continue
        count = _add(work, pairs[best], count)
        status, thinnest = _newton(work, lists, count, LOOSE, PATIENT if said == EXISTS else QUICK)
        if said == EXISTS and status != CONVERGED:  # the way from the last model is too long: from independence
            for k in range(lists + 1, count):
                state[ALPHA, work.terms[k]], state[FACTOR, work.terms[k]] = 0.0, 1.0
            _main_effects(work, lists)
            status, thinnest = _newton(work, lists, count, LOOSE, PATIENT)
        if status != CONVERGED or (thinnest <= THIN and said == UNKNOWN):
            return math.nan, chosen, model if said == UNKNOWN else -1
        chosen, tight, open_pairs = model, False, ((1 << len(pairs)) - 1) & ~model
    if not tight:
        _polish(work, lists, count)
    return people + state[FACTOR, 0], chosen, -1


@compiled
def stepwise_rows(
    counts: NDArray[np.int64],
    histories: Masks,
    lists: int,
    pairs: Masks,
    threshold: float,
    rows: Masks,
    known_from: Masks,
    known: Masks,
    estimates: Floats,
    models: Masks,
) -> None:
    """Fill estimates (B,) and models (B, 2) for some rows of counts (B, C).

    The models are the pairs chosen (bit k: pair k) and the model that has to be decided elsewhere first (-1: none).
    What is known of models of row rows[i] is known[known_from[i]:known_from[i + 1]]: model and verdict.
    """
    work = workspace(lists, lists + 1 + len(pairs))
    for i in range(len(rows)):
        row = rows[i]
        for w in range(1 << lists):
            work.state[COUNTS, w] = 0.0
        for c in range(len(histories)):
            work.state[COUNTS, histories[c]] = counts[row, c]
        estimates[row], models[row, 0], models[row, 1] = _stepwise_one(
            work, lists, pairs, threshold, known, known_from[i], known_from[i + 1]
        )


# -- any hierarchical model, and the best of many by BIC --------------------------------------------------------------


@inlined
def _prepare(work: Work, lists: int) -> float:
    """Superset sums of the counts, and in `kept` a start for every parameter; returns the saturated log-likelihood."""
    state, size = work.state, 1 << lists
    saturated = 0.0
    for w in range(size):
        n = state[COUNTS, w]
        saturated += n * math.log(n) - n if n > 0.0 else 0.0
        state[TARGET, w], state[FACTOR, w], state[ALPHA, w] = n, 1.0, 0.0
    _sum_above(state[TARGET], lists)
    total = _main_effects(work, lists)
    people = state[TARGET, 0]
    for w in range(size):
        state[KEPT, w] = state[ALPHA, w]
    if total == people or total == math.inf:
        state[KEPT, 0] = math.log(people)
        for j in range(lists):
            state[KEPT, 1 << j] = math.log((state[TARGET, 1 << j] + 0.5) / (people + 1.0))
    return saturated


@inlined
def _set_model(work: Work, lists: int, terms: Masks, first: int, beyond: int) -> int:
    """Factors of a model at the start in `kept`; returns how many parameters are not on the boundary."""
    state = work.state
    for w in range(1 << lists):
        state[FACTOR, w] = 1.0
    count = 0
    for k in range(first, beyond):
        term = terms[k]
        if state[TARGET, term] == 0.0:
            state[FACTOR, term] = 0.0
        else:
            state[ALPHA, term] = state[KEPT, term]
            state[FACTOR, term] = math.exp(state[KEPT, term])
            work.terms[count] = term
            count += 1
    return count


@inlined
def _log_likelihood(work: Work, count: int) -> float:
    """Poisson, without the factorials of the counts."""
    total = -work.state[ABOVE, 0]
    for k in range(count):
        term = work.terms[k]
        total += work.state[ALPHA, term] * work.state[TARGET, term]
    return float(total)


@compiled
def fit_models(
    counts: Floats,
    lists: int,
    starts: Masks,
    terms: Masks,
    parents: Masks,
    base: Floats,
    alphas: Floats,
    found: Floats,
) -> None:
    """Fit models to one table (2^t,), each from the fit of its parent; tight.

    Model m is terms[starts[m]:starts[m + 1]], its parent an earlier model or -1. `base` (2^t,) is a start, or of length
    0. Fills alphas (as terms; -inf on the boundary) and found (M, 3): log-likelihood, dark figure, verdict.
    """
    size, most = 1 << lists, 1
    for m in range(len(starts) - 1):
        most = max(most, starts[m + 1] - starts[m])
    work = workspace(lists, max(most, lists + 1))
    state = work.state
    for w in range(size):
        state[COUNTS, w] = counts[w]
    _prepare(work, lists)
    origin = np.zeros(size)
    for w in range(size):
        origin[w] = base[w] if len(base) == size else state[KEPT, w]
    for m in range(len(starts) - 1):
        parent = parents[m]
        for w in range(size):
            state[KEPT, w] = origin[w]
        if parent >= 0 and found[parent, 2] == EXISTS:
            for w in range(size):
                state[KEPT, w] = 0.0
            for k in range(starts[parent], starts[parent + 1]):
                if state[TARGET, terms[k]] > 0.0:
                    state[KEPT, terms[k]] = alphas[k]
        count = _set_model(work, lists, terms, starts[m], starts[m + 1])
        status, thinnest = _newton(work, lists, count, LOOSE, PATIENT)
        verdict = _verdict(work, lists, count, status, thinnest)
        if verdict == EXISTS:
            _polish(work, lists, count)
        found[m, 0], found[m, 1], found[m, 2] = _log_likelihood(work, count), state[FACTOR, 0], verdict
        for k in range(starts[m], starts[m + 1]):
            alphas[k] = state[ALPHA, terms[k]] if state[TARGET, terms[k]] > 0.0 else -math.inf


@compiled
def bic_rows(
    counts: NDArray[np.int64],
    histories: Masks,
    lists: int,
    starts: Masks,
    terms: Masks,
    alphas: Floats,
    prune: bool,
    rows: Masks,
    known_from: Masks,
    known: Masks,
    estimates: Floats,
    best: Masks,
) -> int:
    """The model of smallest BIC for some rows of counts (B, C), best models of the whole table first.

    `alphas` are the fits to the whole table, where every Newton starts, 0 for a parameter at minus infinity. Fills
    estimates (B,) and best (B, 2): the model, and one that has to be decided elsewhere first (-1: none). With `prune` a
    model is passed over whose terms alone cost more than the best so far. Returns the fits made.
    """
    most = 1
    for m in range(len(starts) - 1):
        most = max(most, starts[m + 1] - starts[m])
    work = workspace(lists, max(most, lists + 1))
    state, fits = work.state, 0
    for i in range(len(rows)):
        row = rows[i]
        for w in range(1 << lists):
            state[COUNTS, w] = 0.0
        for c in range(len(histories)):
            state[COUNTS, histories[c]] = counts[row, c]
        saturated = _prepare(work, lists)
        price = math.log(state[TARGET, 0])
        least, chosen, open_model, open_bic = math.inf, -1, -1, math.inf
        for turn in range(len(starts)):  # the last turn fits the chosen one again, tightly
            again = turn == len(starts) - 1
            m = chosen if again else turn
            if m < 0:
                break
            first, beyond = starts[m], starts[m + 1]
            if prune and not again and (beyond - first) * price - 2.0 * saturated >= least:
                continue
            said = UNKNOWN
            for k in range(known_from[i], known_from[i + 1]):
                said = known[k, 1] if known[k, 0] == m else said
            if said not in (UNKNOWN, EXISTS):
                continue
            for k in range(first, beyond):
                state[KEPT, terms[k]] = alphas[k]
            count = _set_model(work, lists, terms, first, beyond)
            status, thinnest = _newton(work, lists, count, LOOSE, PATIENT if said == EXISTS else QUICK)
            fits += 1
            if again:
                _polish(work, lists, count)
                break
            bic = (beyond - first) * price - 2.0 * _log_likelihood(work, count)
            if bic - 1.0 >= least:  # no more than that is left to gain even where the fit runs off
                continue
            verdict = _verdict(work, lists, count, status, thinnest)
            if verdict == UNKNOWN and said == UNKNOWN and bic < open_bic:
                open_model, open_bic = m, bic
            if verdict == EXISTS and bic < least:
                least, chosen = bic, m
        estimates[row] = state[TARGET, 0] + state[FACTOR, 0] if chosen >= 0 else math.nan
        best[row, 0], best[row, 1] = chosen, open_model if open_bic - 1.0 < least else -1
    return fits
