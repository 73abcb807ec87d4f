"""Compiled core: Poisson log-linear models of overlapping lists on bitmasks, without a design matrix.

A history w and a parameter S are bitmasks of lists, and log mu_w is the sum of alpha_S over the subsets S of w. With
`above` the superset sums of the means over the observable cells, the score of S is N*_S - above_S, and the information
of S and T is above_{S|T}. So Newton's method needs one product over subsets and one sum over supersets. A parameter
whose superset sum N*_S is zero is minus infinity: its factor exp(alpha_S) is 0, and the products of the cells that
contain it become 0 (Chan, Silverman and Vincent 2021, "Multiple systems estimation for sparse capture data", JASA 116,
section 3).

Floating-point operations keep the written order (no fast-math), so that a seed gives the same result on all machines.
All code is in one file: Numba caches machine code by file and would not notice a change in another file.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import compiled, merged

Floats = NDArray[np.float64]
Masks = NDArray[np.int64]

CONVERGED, DRIFTING, SINGULAR = 0, 1, 2  # status of a fit
EXISTS, NO_ESTIMATE, NOT_IDENTIFIED, UNKNOWN = 0, 1, 2, -1  # status of a model; codes of Chan, Silverman and Vincent
LOOSE = 1e-3  # tolerance of the last Newton step; the remaining error is about its square
TIGHT = 1e-10  # tolerance of the last step for reported numbers
CAP = 3.0  # largest change of a parameter in one Newton step
# most Newton steps before and after a proof of existence; np.int64, because an int would make Numba compile again
QUICK, PATIENT = np.int64(25), np.int64(500)
PRIME = 2147483629  # the rank modulo this prime is the rank: minors of 0/1 matrices of this size are far smaller
HALF_LOG_TAU = 0.9189385332046727  # log(2 pi) / 2
ALIKE = 1e-9  # p-values with a smaller relative difference are ties; the first pair is chosen, as in SparseMSE
NEAR = 2e-3  # p-values with a smaller relative difference are computed again from a tight fit
THIN = 1e-7  # a smaller ratio of pivot to diagonal requires the exact rank


class Workspace(NamedTuple):
    """Work arrays of one thread. They are few, because each argument adds to the compilation time."""

    state: Floats  # (7, 2^t), rows as named below
    upper: Floats  # (p + 1, p) Cholesky factor of the information (diagonal inverted); last row: the step
    terms: Masks  # (p,) finite parameters, the intercept first
    scores: Floats  # (2, pairs) p-value of each pair, and log P(X = n), from below


TARGET, ALPHA, FACTOR, MEAN, ABOVE, START, COUNTS = 0, 1, 2, 3, 4, 5, 6
# TARGET: N*_S. ALPHA: alpha_S. FACTOR: exp(alpha_S), 1 outside the model, 0 on the boundary. MEAN: mu_w.
# ABOVE: superset sums of mu without w = 0. START: start values of the parameters. COUNTS: people by history


@compiled
def make_workspace(lists: int, most: int) -> Workspace:
    """Return work arrays for models of up to `most` parameters over `lists` lists."""
    return Workspace(
        np.zeros((7, 1 << lists)),
        np.zeros((most + 1, most)),
        np.zeros(most, np.int64),
        np.zeros((2, lists * (lists - 1) // 2 + 1)),
    )


@merged
def _to_superset_sums(values: Floats, lists: int) -> None:
    """Replace each value f(S) by the sum over the supersets of its index: sum of f(T) over T >= S.

    The fast zeta transform, one list at a time: Yates 1937, "The design and analysis of factorial experiments".
    """
    size = 1 << lists
    for bit in range(lists):
        step = 1 << bit
        for base in range(0, size, 2 * step):
            for w in range(base, base + step):
                values[w] += values[w + step]


@merged
def _to_subset_products(values: Floats, lists: int) -> None:
    """Replace each value f(S) by the product over the subsets of its index: product of f(T) over T <= S.

    The fast zeta transform, one list at a time: Yates 1937, "The design and analysis of factorial experiments".
    """
    size = 1 << lists
    for bit in range(lists):
        step = 1 << bit
        for base in range(0, size, 2 * step):
            for w in range(base, base + step):
                values[w + step] *= values[w]


@merged
def _update_means(work: Workspace, lists: int) -> None:
    """Compute the means and their superset sums at the current parameters.

    mu_w is the product of exp(alpha_S) over S <= w, and above_S the sum of mu_w over w >= S, w > 0. The mean of history
    0 is the unobserved number exp(alpha_0).
    """
    state = work.state
    for w in range(1 << lists):
        state[MEAN, w] = state[FACTOR, w]
    _to_subset_products(state[MEAN], lists)
    for w in range(1 << lists):
        state[ABOVE, w] = state[MEAN, w]
    state[ABOVE, 0] = 0.0
    _to_superset_sums(state[ABOVE], lists)


@merged
def _factorise(work: Workspace, count: int) -> float:
    """Factorise the information I = R'R and return the smallest ratio of pivot to diagonal.

    I_ST = above_{S|T}. Cholesky factorisation by outer products: Golub and Van Loan 2013, "Matrix Computations",
    section 4.2. The diagonal of R is stored inverted. The result is 0 if the information is singular.
    """
    upper, terms, state = work.upper, work.terms, work.state
    for i in range(count):
        mask = terms[i]
        for j in range(i, count):
            upper[i, j] = state[ABOVE, mask | terms[j]]
    smallest = 1.0
    for k in range(count):
        pivot = upper[k, k]
        ratio = pivot / state[ABOVE, terms[k]]
        if not ratio > 1e-13:
            return 0.0
        smallest = min(smallest, ratio)
        inverse = 1.0 / math.sqrt(pivot)
        for j in range(k + 1, count):
            upper[k, j] *= inverse
        upper[k, k] = inverse
        for i in range(k + 1, count):
            entry = upper[k, i]
            if entry != 0.0:
                for j in range(i, count):
                    upper[i, j] -= entry * upper[k, j]
    return smallest


@merged
def _compute_step(work: Workspace, count: int) -> float:
    """Compute the Newton step I^-1 (N* - above) with the factor in `upper`; return its largest change.

    Forward substitution with R', then back substitution with R: Golub and Van Loan 2013, section 3.1.
    """
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


@merged
def _take_step(work: Workspace, count: int, scale: float) -> None:
    """Add `scale` times the Newton step to the parameters."""
    upper, terms, state = work.upper, work.terms, work.state
    for k in range(count):
        mask = terms[k]
        state[ALPHA, mask] += scale * upper[len(upper) - 1, k]
        state[FACTOR, mask] = math.exp(state[ALPHA, mask])


@compiled
def _run_newton(work: Workspace, lists: int, count: int, tolerance: float, max_steps: np.int64) -> tuple[int, float]:
    """Iterate Newton's method until the last step is below `tolerance`.

    At convergence the row ABOVE belongs to the final parameters. Returns the status and the smallest pivot ratio of the
    last information. Newton's method for Poisson log-linear models: Bishop, Fienberg and Holland 1975, "Discrete
    Multivariate Analysis". A step that stays near 1 is a sign of a parameter that goes to minus infinity.
    """
    smallest, step, previous = 0.0, math.inf, math.inf
    for turn in range(max_steps):
        _update_means(work, lists)
        if step < tolerance:
            return CONVERGED, smallest
        smallest = _factorise(work, count)
        if smallest == 0.0:
            return SINGULAR, smallest
        previous = step
        step = _compute_step(work, count)
        if not step < 1e8:
            return SINGULAR, 0.0
        if turn > 9 and 0.5 < step < 1.5 and abs(step - previous) < 0.02:
            return DRIFTING, smallest
        _take_step(work, count, 1.0 if step <= CAP else CAP / step)
    return DRIFTING, smallest


@compiled
def _refine(work: Workspace, lists: int, count: int) -> None:
    """Refine a fit with the present factor: each turn adds about three digits without a new factorisation.

    The simplified Newton method (chord method): Kelley 1995, "Iterative Methods for Linear and Nonlinear Equations",
    chapter 5.
    """
    for _ in range(40):
        if _compute_step(work, count) < TIGHT:
            break
        _take_step(work, count, 1.0)
        _update_means(work, lists)


# -- proofs of non-existence ---------------------------------------------------------------------------------


@compiled
def _proves_non_existence(work: Workspace, lists: int, count: int) -> bool:
    """Return whether the last Newton step, rounded to integers, proves that there is no estimate.

    Without an estimate Newton's method diverges along a direction that lowers empty cells by about 1 a step and keeps
    the others. An integer direction z is an exact proof if eta_w(z) <= 0 on all cells, = 0 on cells with people, and <
    0 on some cell: then A'z <= 0 and z.N* = 0 (Fienberg and Rinaldo 2012, Annals of Statistics 40, theorem 3).
    """
    size = 1 << lists
    direction, is_possible = np.zeros(size), np.zeros(size)
    for times in range(1, 4):
        if not _round_direction(work, count, times, direction):
            continue
        _set_possible_cells(work.state[FACTOR], lists, is_possible)
        _to_subset_sums(direction, lists)
        if _is_exact_direction(work, direction, is_possible):
            return True
    return False


@merged
def _round_direction(work: Workspace, count: int, times: int, direction: Floats) -> bool:
    """Write the last step times `times`, rounded, to `direction`; return whether it is a direction.

    It is one if all entries were near integers and some are not 0.
    """
    step = len(work.upper) - 1
    is_nonzero, is_integer = False, True
    for w in range(len(direction)):
        direction[w] = 0.0
    for k in range(count):
        value = times * work.upper[step, k]
        direction[work.terms[k]] = math.floor(value + 0.5)
        is_integer = is_integer and abs(value - math.floor(value + 0.5)) < 0.1
        is_nonzero = is_nonzero or math.floor(value + 0.5) != 0.0
    return is_integer and is_nonzero


@merged
def _set_possible_cells(factor: Floats, lists: int, is_possible: Floats) -> None:
    """Set the cells that contain a parameter on the boundary (factor 0) to 0, all others to 1."""
    for w in range(len(is_possible)):
        is_possible[w] = 0.0 if factor[w] == 0.0 else 1.0
    _to_subset_products(is_possible, lists)


@merged
def _to_subset_sums(values: Floats, lists: int) -> None:
    """Replace a direction z of the parameters by that of the log means: eta_w, the sum of z_S over S <= w."""
    for bit in range(lists):
        for w in range(1 << lists):
            if (w >> bit) & 1:
                values[w] += values[w ^ (1 << bit)]


@merged
def _is_exact_direction(work: Workspace, direction: Floats, is_possible: Floats) -> bool:
    """Return whether eta_w <= 0 on all possible cells, = 0 on cells with people, and < 0 on some cell."""
    is_proved = False
    for w in range(1, len(direction)):
        if is_possible[w] != 0.0:
            if direction[w] > 0.0 or (direction[w] < 0.0 and work.state[COUNTS, w] > 0.0):
                return False
            is_proved = is_proved or direction[w] < 0.0
    return is_proved


@compiled
def has_full_rank(lists: int, terms: Masks, count: int, factor: Floats) -> bool:
    """Return whether the parameters are identified on the remaining cells.

    The test is the rank of the 0/1 design matrix modulo a large prime. `factor` (2^t,) is 0 for parameters on the
    boundary, whose cells are removed; `terms` are the other parameters.
    """
    size = 1 << lists
    is_possible = np.zeros(size)
    _set_possible_cells(factor, lists, is_possible)
    rows = np.zeros((size - 1, count), np.int64)
    cells = _fill_design(terms, is_possible, rows)
    column = 0
    while column < count and _eliminate(rows, cells, column):
        column += 1
    return column == count


@merged
def _fill_design(terms: Masks, is_possible: Floats, rows: Masks) -> int:
    """Write the design matrix of the possible cells (1 if S <= w) to `rows`; return the number of cells."""
    cells = 0
    for w in range(1, len(is_possible)):
        if is_possible[w] != 0.0:
            for k in range(rows.shape[1]):
                rows[cells, k] = 1 if (terms[k] & w) == terms[k] else 0
            cells += 1
    return cells


@merged
def _eliminate(rows: Masks, cells: int, column: int) -> bool:
    """Eliminate one column modulo PRIME; return whether it has a pivot at or below the diagonal.

    Gaussian elimination over a finite field: von zur Gathen and Gerhard 2013, "Modern Computer Algebra".
    """
    count, pivot_row = rows.shape[1], column
    while pivot_row < cells and rows[pivot_row, column] == 0:
        pivot_row += 1
    if pivot_row >= cells:
        return False
    for c in range(column, count):
        rows[column, c], rows[pivot_row, c] = rows[pivot_row, c], rows[column, c]
    inverse = _modular_inverse(rows[column, column])
    for r in range(pivot_row + 1, cells):
        times = rows[r, column] * inverse % PRIME
        if times != 0:
            for c in range(column, count):
                rows[r, c] = (rows[r, c] - times * rows[column, c]) % PRIME
    return True


@compiled
def _modular_inverse(value: int) -> int:
    """Return the inverse modulo PRIME by Fermat's little theorem: value^(PRIME - 2)."""
    result, base, power = np.int64(1), np.int64(value % PRIME), PRIME - 2
    while power:
        if power & 1:
            result = result * base % PRIME
        base = base * base % PRIME
        power >>= 1
    return int(result)


@compiled
def _prove_status(work: Workspace, lists: int, count: int, status: int, smallest: float) -> int:
    """Return the status that a fit proves for its model: EXISTS, NO_ESTIMATE, NOT_IDENTIFIED or UNKNOWN.

    A fit whose step converges to zero proves existence: its means are positive and match the sufficient statistics.
    Without an estimate the step stays at about 1.
    """
    if status == CONVERGED and smallest > THIN:
        return EXISTS
    if not has_full_rank(lists, work.terms, count, work.state[FACTOR]):
        return NOT_IDENTIFIED
    if status == CONVERGED:
        return EXISTS
    if status == DRIFTING and _proves_non_existence(work, lists, count):
        return NO_ESTIMATE
    return UNKNOWN


# -- Poisson tails ----------------------------------------------------------------------------------------------------


@compiled
def _poisson_pmf(n: float, rate: float) -> float:
    """Return P(X = n) for X ~ Poisson(rate), n > 0, by the saddle-point expansion.

    exp(-delta(n) - D(n, rate)) / sqrt(2 pi n), with the error delta of Stirling's formula and the deviance part
    D = n log(n / rate) + rate - n: Loader 2000, "Fast and accurate computation of binomial probabilities". Near n the
    deviance is summed as a series of (n - rate) / (n + rate), because the logarithm would lose digits.
    """
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
            extended = deviance + term / (2 * j + 1)
            if extended == deviance:
                break
            deviance = extended
    else:
        deviance = n * math.log(n / rate) + rate - n
    return math.exp(-correction - deviance - HALF_LOG_TAU) / math.sqrt(n)


@compiled
def _p_value(n: float, rate: float, enough: float) -> float:
    """Return the p-value min(P(X <= n), P(X >= n)) for X ~ Poisson(rate).

    If it is certainly above `enough`, the result may be any number above `enough`. The tail is P(X = n) times a sum of
    ratios: P(X = k + 1) / P(X = k) = rate / (k + 1).
    """
    if n == 0.0:
        return min(1.0, math.exp(-rate))
    if rate == 0.0:
        return 0.0
    probability = _poisson_pmf(n, rate)
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
        if term < 1e-17 * total or (enough < 0.4 and total * probability > 0.5):
            break
    tail = probability * total
    if tail > 0.4:  # only here the opposite tail can be smaller
        tail = min(tail, max(0.0, 1.0 - tail) + probability)
    return tail


# -- stepwise by Poisson p-value --------------------------------------------------------------------------------------


@compiled
def _fit_independence(work: Workspace, lists: int) -> float:
    """Fit independence, 1 - n/N = prod_j (1 - n_j/N), and return N (Darroch 1958, Biometrika 45).

    Sets alpha, factor, terms, and `above` of the pairs. Sets nothing if N is infinite (no person is on two lists) or n
    (all people are on one list). An empty list is ignored.
    """
    state = work.state
    people, total_on_lists, is_full = state[TARGET, 0], 0.0, False
    for j in range(lists):
        total_on_lists += state[TARGET, 1 << j]
        is_full = is_full or state[TARGET, 1 << j] == people
    if is_full:
        return float(people)
    if total_on_lists <= people:
        return math.inf
    total = _solve_independence(work, lists)
    _set_independence(work, lists, total)
    return float(total)


@merged
def _solve_independence(work: Workspace, lists: int) -> float:
    """Return the root N of log(1 - n/N) = sum_j log(1 - n_j/N).

    Newton's method; a step outside the bracket of the root is replaced by bisection: Press, Teukolsky, Vetterling and
    Flannery 2007, "Numerical Recipes", section 9.4.
    """
    state = work.state
    people = state[TARGET, 0]
    low, high, total = people, math.inf, people * 1.5
    for _ in range(200):
        value = math.log1p(-people / total)
        slope = people / (total * (total - people))
        for j in range(lists):
            on_list = state[TARGET, 1 << j]
            value -= math.log1p(-on_list / total)
            slope -= on_list / (total * (total - on_list))
        if value < 0.0:  # N is larger
            low = total
        else:
            high = total
        next_total = total - value / slope if slope > 0.0 else math.inf
        if not low < next_total < high:
            next_total = 0.5 * (low + high) if high < math.inf else 2.0 * total
        is_converged = abs(next_total - total) <= 4e-16 * total
        total = next_total
        if is_converged:
            break
    return float(total)


@merged
def _set_independence(work: Workspace, lists: int, total: float) -> None:
    """Set the parameters of independence for p_j = n_j/N.

    alpha_0 = log N + sum_j log(1 - p_j), alpha_j = log p_j - log(1 - p_j), and above_{ab} = N p_a p_b.
    """
    state = work.state
    work.terms[0] = 0
    state[ALPHA, 0] = math.log(total)
    for j in range(lists):
        proportion = state[TARGET, 1 << j] / total
        work.terms[1 + j] = 1 << j
        if proportion > 0.0:
            state[ALPHA, 0] += math.log1p(-proportion)
            state[ALPHA, 1 << j] = math.log(proportion) - math.log1p(-proportion)
            state[FACTOR, 1 << j] = math.exp(state[ALPHA, 1 << j])
    state[FACTOR, 0] = math.exp(state[ALPHA, 0])
    for a in range(lists):
        for b in range(a):
            state[ABOVE, (1 << a) | (1 << b)] = state[TARGET, 1 << a] * state[TARGET, 1 << b] / total


@compiled
def _find_most_significant_pair(work: Workspace, pairs: Masks, open_pairs: int, threshold: float) -> int:
    """Fill the scores and return the open pair with the smallest p-value; -1 if no pair is open.

    The first of tied pairs is returned.
    """
    best = _bound_p_values(work, pairs, open_pairs)
    if best < 0:
        return -1
    smallest = _find_smallest_p_value(work, pairs, open_pairs, best, threshold)
    for k in range(len(pairs)):
        if work.scores[0, k] <= smallest * (1 + ALIKE):
            return k
    return best


@merged
def _bound_p_values(work: Workspace, pairs: Masks, open_pairs: int) -> int:
    """Clear the scores and bound the p-values from below; return the pair with the least Chernoff bound.

    Chernoff 1952: log P(X beyond n) <= n - rate - n log(n / rate). Less log(2 pi n) / 2 + 1 / (12 n), it is below
    log P(X = n) by Stirling's formula, so no p-value is smaller.
    """
    state, scores = work.state, work.scores
    log_least, best = math.inf, -1
    for k in range(len(pairs)):
        scores[0, k] = math.inf
        if (open_pairs >> k) & 1:
            n, rate = state[TARGET, pairs[k]], state[ABOVE, pairs[k]]
            if n == 0.0:
                log_bound = -rate
                scores[1, k] = log_bound
            else:
                log_bound = n - rate - n * math.log(n / rate) if rate > 0.0 else -math.inf
                scores[1, k] = log_bound - HALF_LOG_TAU - 0.5 * math.log(n) - 1 / (12 * n)
            if log_bound < log_least:
                log_least, best = log_bound, k
    return best


@merged
def _find_smallest_p_value(work: Workspace, pairs: Masks, open_pairs: int, best: int, threshold: float) -> float:
    """Compute the p-values that may be the smallest; return the smallest.

    The pair `best` is the first: its p-value excludes most other pairs by their bounds.
    """
    state, scores = work.state, work.scores
    smallest, log_bound = math.inf, math.inf
    for turn in range(-1, len(pairs)):
        k = best if turn < 0 else turn
        if (open_pairs >> k) & 1 and scores[1, k] <= log_bound and scores[0, k] == math.inf:
            scores[0, k] = _p_value(state[TARGET, pairs[k]], state[ABOVE, pairs[k]], threshold)
            smallest = min(smallest, scores[0, k])
            log_bound = math.log(smallest) + NEAR if smallest > 0.0 else -745.0
    return smallest


@merged
def _is_close_call(work: Workspace, pairs: Masks, best: int, threshold: float) -> bool:
    """Return whether the choice depends on digits that a loose fit does not have."""
    smallest = work.scores[0, best]
    if abs(smallest - threshold) <= NEAR * threshold:
        return True
    ties = 0
    for k in range(len(pairs)):
        ties += k != best and work.scores[0, k] <= smallest * (1 + NEAR)
    return ties > 0


@merged
def _add_pair(work: Workspace, pair: int, count: int) -> int:
    """Add a pair to the model at its start value; return the new number of finite parameters.

    The start is alpha = log(N*_S / above_S): one step of iterative proportional fitting (Deming and Stephan 1940). A
    pair without people has alpha = -inf.
    """
    state = work.state
    if state[TARGET, pair] == 0.0:
        state[FACTOR, pair] = 0.0
        return count
    state[ALPHA, pair] = math.log(state[TARGET, pair] / state[ABOVE, pair])
    state[FACTOR, pair] = math.exp(state[ALPHA, pair])
    work.terms[count] = pair
    return count + 1


@merged
def _load_counts(work: Workspace, histories: Masks, counts: NDArray[np.int64], row: int) -> None:
    """Write the counts of one table to the row COUNTS; histories without a count have no people."""
    state = work.state
    for w in range(state.shape[1]):
        state[COUNTS, w] = 0.0
    for c in range(len(histories)):
        state[COUNTS, histories[c]] = counts[row, c]


@merged
def _look_up_status(known: Masks, first: int, beyond: int, model: int) -> int:
    """Return the proved status of a model among the rows `first` to `beyond` of (model, status)."""
    status = UNKNOWN
    for k in range(first, beyond):
        status = known[k, 1] if known[k, 0] == model else status
    return status


@merged
def _begin_search(work: Workspace, lists: int) -> tuple[float, bool]:
    """Set the sums of a table and fit independence; return its N, and whether the search can go on.

    It cannot if a list is empty, or N is infinite or the number of observed people: no larger model has an estimate.
    """
    state = work.state
    for w in range(1 << lists):
        state[TARGET, w], state[FACTOR, w], state[ALPHA, w] = state[COUNTS, w], 1.0, 0.0
    _to_superset_sums(state[TARGET], lists)
    independence = _fit_independence(work, lists)
    has_empty_list = False
    for j in range(lists):
        has_empty_list = has_empty_list or state[TARGET, 1 << j] == 0.0
    return independence, not (has_empty_list or independence == state[TARGET, 0] or independence == math.inf)


@merged
def _fit_larger_model(work: Workspace, lists: int, count: int, known_status: int) -> tuple[int, float]:
    """Fit the model with one pair more from the fit before it; return the status and the pivot ratio.

    A model with a proved estimate gets more steps, and a second start from independence if the first was too far away.
    """
    state = work.state
    status, smallest = _run_newton(work, lists, count, LOOSE, PATIENT if known_status == EXISTS else QUICK)
    if known_status == EXISTS and status != CONVERGED:
        for k in range(lists + 1, count):
            state[ALPHA, work.terms[k]], state[FACTOR, work.terms[k]] = 0.0, 1.0
        _fit_independence(work, lists)
        status, smallest = _run_newton(work, lists, count, LOOSE, PATIENT)
    return status, smallest


@merged
def _search_stepwise(
    work: Workspace, lists: int, pairs: Masks, threshold: float, known: Masks, first: int, beyond: int
) -> tuple[float, int, int]:
    """Search one table; return the estimate, the chosen pairs (bit k: pair k) and an open model.

    The open model is one whose existence must be proved elsewhere first (-1: none). `known` (k, 2) has the models of
    this table, from `first` to `beyond`, with their proved status. A fit whose step converges to zero proves existence;
    any other model stays open until its status is known.

    The steps are those of Chan, Silverman and Vincent 2021, section 3: fit; find the pair with the smallest Poisson
    p-value of its count given its mean; add it if the p-value is below the threshold and the larger model exists.
    """
    independence, can_go_on = _begin_search(work, lists)
    if not can_go_on or threshold <= 0.0:
        return independence, 0, -1
    count, chosen, is_tight, open_pairs = lists + 1, 0, True, (1 << len(pairs)) - 1
    while True:
        best = _find_most_significant_pair(work, pairs, open_pairs, threshold)
        if best >= 0 and not is_tight and _is_close_call(work, pairs, best, threshold):
            _refine(work, lists, count)
            is_tight = True
            continue
        if best < 0 or work.scores[0, best] >= threshold:
            break
        model = chosen | (1 << best)
        known_status = _look_up_status(known, first, beyond, model)
        if known_status not in (UNKNOWN, EXISTS):
            open_pairs &= ~(1 << best)
            continue
        count = _add_pair(work, pairs[best], count)
        status, smallest = _fit_larger_model(work, lists, count, known_status)
        if status != CONVERGED or (smallest <= THIN and known_status == UNKNOWN):
            return math.nan, chosen, model if known_status == UNKNOWN else -1
        chosen, is_tight, open_pairs = model, False, ((1 << len(pairs)) - 1) & ~model
    if not is_tight:
        _refine(work, lists, count)
    return work.state[TARGET, 0] + work.state[FACTOR, 0], chosen, -1


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

    models: the chosen pairs (bit k: pair k), and a model whose existence must be proved first (-1: none). The proved
    models of rows[i] are known[known_from[i]:known_from[i + 1]]: model and status.
    """
    work = make_workspace(lists, lists + 1 + len(pairs))
    for i in range(len(rows)):
        row = rows[i]
        _load_counts(work, histories, counts, row)
        estimates[row], models[row, 0], models[row, 1] = _search_stepwise(
            work, lists, pairs, threshold, known, known_from[i], known_from[i + 1]
        )


# -- hierarchical models, and selection by BIC --------------------------------------------------------------


@merged
def _prepare_start(work: Workspace, lists: int) -> float:
    """Compute the sums and start values of a table; return its saturated log-likelihood.

    The sums are superset sums of the counts (row TARGET); the start values are in row START.
    """
    state, size = work.state, 1 << lists
    saturated = 0.0
    for w in range(size):
        n = state[COUNTS, w]
        saturated += n * math.log(n) - n if n > 0.0 else 0.0
        state[TARGET, w], state[FACTOR, w], state[ALPHA, w] = n, 1.0, 0.0
    _to_superset_sums(state[TARGET], lists)
    total = _fit_independence(work, lists)
    people = state[TARGET, 0]
    for w in range(size):
        state[START, w] = state[ALPHA, w]
    if total == people or total == math.inf:
        state[START, 0] = math.log(people)
        for j in range(lists):
            state[START, 1 << j] = math.log((state[TARGET, 1 << j] + 0.5) / (people + 1.0))
    return saturated


@merged
def _set_model(work: Workspace, lists: int, terms: Masks, first: int, beyond: int) -> int:
    """Set the factors of a model to its start values; return the number of finite parameters."""
    state = work.state
    for w in range(1 << lists):
        state[FACTOR, w] = 1.0
    count = np.int64(0)  # a literal 0 would make Numba compile the callees again
    for k in range(first, beyond):
        term = terms[k]
        if state[TARGET, term] == 0.0:
            state[FACTOR, term] = 0.0
        else:
            state[ALPHA, term] = state[START, term]
            state[FACTOR, term] = math.exp(state[START, term])
            work.terms[count] = term
            count += 1
    return int(count)


@merged
def _log_likelihood(work: Workspace, count: int) -> float:
    """Return the Poisson log-likelihood without the factorials: sum_S alpha_S N*_S - sum_{w>0} mu_w."""
    total = -work.state[ABOVE, 0]
    for k in range(count):
        term = work.terms[k]
        total += work.state[ALPHA, term] * work.state[TARGET, term]
    return float(total)


@merged
def _count_most_terms(starts: Masks) -> int:
    """Return the largest number of terms of a model, at least 1; model m has starts[m + 1] - starts[m]."""
    most = 1
    for m in range(len(starts) - 1):
        most = max(most, starts[m + 1] - starts[m])
    return most


@merged
def _start_from_fit(work: Workspace, terms: Masks, alphas: Floats, first: int, beyond: int) -> None:
    """Set the start values to the finite parameters of another fit; all other parameters start at 0."""
    state = work.state
    for w in range(state.shape[1]):
        state[START, w] = 0.0
    for k in range(first, beyond):
        if state[TARGET, terms[k]] > 0.0:
            state[START, terms[k]] = alphas[k]


@compiled
def fit_models(
    counts: Floats,
    lists: int,
    starts: Masks,
    terms: Masks,
    parents: Masks,
    start_values: Floats,
    alphas: Floats,
    summaries: Floats,
) -> None:
    """Fit models to one table (2^t,) with a tight tolerance, each from the fit of its parent.

    Model m is terms[starts[m]:starts[m + 1]]; its parent is an earlier model or -1. `start_values` (2^t,) is a start,
    or has length 0. Fills alphas (in the order of terms; -inf on the boundary) and summaries (M, 3): log-likelihood,
    unobserved number, status.
    """
    size = 1 << lists
    work = make_workspace(lists, max(_count_most_terms(starts), lists + 1))
    state = work.state
    for w in range(size):
        state[COUNTS, w] = counts[w]
    _prepare_start(work, lists)
    start = np.zeros(size)
    for w in range(size):
        start[w] = start_values[w] if len(start_values) == size else state[START, w]
    for m in range(len(starts) - 1):
        parent = parents[m]
        if parent >= 0 and summaries[parent, 2] == EXISTS:
            _start_from_fit(work, terms, alphas, starts[parent], starts[parent + 1])
        else:
            for w in range(size):
                state[START, w] = start[w]
        count = _set_model(work, lists, terms, starts[m], starts[m + 1])
        status, smallest = _run_newton(work, lists, count, LOOSE, PATIENT)
        existence = _prove_status(work, lists, count, status, smallest)
        if existence == EXISTS:
            _refine(work, lists, count)
        summaries[m, 0], summaries[m, 1], summaries[m, 2] = _log_likelihood(work, count), state[FACTOR, 0], existence
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
    """Select the model with the smallest BIC = p log n - 2 log L for some rows of counts (B, C).

    Schwarz 1978, "Estimating the dimension of a model", Annals of Statistics 6. p counts parameters on the boundary.
    The models are in the order of their BIC on the lists themselves. `alphas` are their fits to the lists, where each
    fit starts; 0 for a parameter at minus infinity. Fills estimates (B,) and best (B, 2): the model, and a model whose
    existence must be proved first (-1: none). With `prune`, models whose penalty alone exceeds the best BIC so far are
    skipped. Returns the number of fits.
    """
    work = make_workspace(lists, max(_count_most_terms(starts), lists + 1))
    state, fits = work.state, 0
    for i in range(len(rows)):
        row = rows[i]
        _load_counts(work, histories, counts, row)
        saturated = _prepare_start(work, lists)
        penalty = math.log(state[TARGET, 0])
        best_bic, chosen, open_model, open_bic = math.inf, -1, -1, math.inf
        for step in range(len(starts)):  # the last step fits the chosen model again with a tight tolerance
            is_final = step == len(starts) - 1
            m = chosen if is_final else step
            if m < 0:
                break
            start, stop = starts[m], starts[m + 1]
            # no model with this number of parameters has a smaller BIC: log L is at most the saturated one
            if prune and not is_final and (stop - start) * penalty - 2.0 * saturated >= best_bic:
                continue
            known_status = _look_up_status(known, known_from[i], known_from[i + 1], m)
            if known_status not in (UNKNOWN, EXISTS):
                continue
            for k in range(start, stop):  # from the fit to the lists themselves
                state[START, terms[k]] = alphas[k]
            count = _set_model(work, lists, terms, start, stop)
            status, smallest = _run_newton(work, lists, count, LOOSE, PATIENT if known_status == EXISTS else QUICK)
            fits += 1
            if is_final:
                _refine(work, lists, count)
                break
            bic = (stop - start) * penalty - 2.0 * _log_likelihood(work, count)
            if bic - 1.0 >= best_bic:  # even a diverging fit lowers its BIC by less than 1 from here
                continue
            existence = _prove_status(work, lists, count, status, smallest)
            if existence == UNKNOWN and known_status == UNKNOWN and bic < open_bic:
                open_model, open_bic = m, bic
            if existence == EXISTS and bic < best_bic:
                best_bic, chosen = bic, m
        estimates[row] = state[TARGET, 0] + state[FACTOR, 0] if chosen >= 0 else math.nan
        best[row, 0], best[row, 1] = chosen, open_model if open_bic - 1.0 < best_bic else -1
    return fits
