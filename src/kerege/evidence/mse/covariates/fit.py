"""Maximum likelihood fit of a log-linear model of lists and partly unknown covariates.

The EM algorithm maximises the likelihood of the groups. The E-step divides the people of a group among its cells in
proportion to the means. The M-step is a Newton step of the log-linear model on these expected counts (Lange 1995, "A
gradient algorithm locally equivalent to the EM algorithm"). Close to the maximum, Newton steps on the likelihood of the
groups replace hundreds of EM steps. No step that lowers the likelihood is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from kerege.evidence.mse.covariates.margins import Margins, Whole

Floats = NDArray[np.float64]
Term = tuple[int, ...]  # positions of variables, ascending
RUNAWAY = 1e4  # unobserved people for each observed one beyond which a fit diverges
FLAT = 1e-9  # tolerance: largest score, in people, over the square root of the number of people
STEPS, FAR = 1000, 1e9  # most steps; mean over the number of people beyond which a fit diverges
LARGEST_STEP = 3.0  # largest change of a parameter in one step
SAME = 1e-6  # tolerance of a score that no step reduces, and of identification


class CovariateModel(NamedTuple):
    """Hierarchical model on the cells that remain after the cells of empty margins are removed."""

    terms: tuple[Term, ...]
    seen: Whole  # (C,) cells with a history
    design: Floats  # (C, p)
    unobserved: Whole  # (S,) strata in which people on no list may be
    unobserved_design: Floats  # (S, p)
    columns: tuple[tuple[Term, Term], ...]  # (p,) term and levels of each parameter
    size: int  # number of parameters, with those at minus infinity
    exists: bool  # whether no empty margin removes unobserved cells


class CovariateFit(NamedTuple):
    """Fitted model.

    spread: expected observed people by cell of the model. path: log-likelihood after each step. converged: whether
    there is an estimate, that is, the score is zero, the model exists, and the unobserved number does not diverge.
    """

    model: CovariateModel
    parameters: Floats  # (p,)
    means: Floats  # (C,)
    spread: Floats  # (C,)
    unseen: Floats  # (strata,)
    log_likelihood: float  # up to a constant of the counts
    converged: bool
    path: tuple[float, ...]


def hierarchical_terms(variables: int, terms: Iterable[Sequence[int]]) -> tuple[Term, ...]:
    """Return the terms, all their parts, and each single variable, by size, then by variables.

    Parameters
    ----------
    variables : int
        Number of variables, lists first.
    terms : iterable of sequence of int
        Interactions, as positions of variables.

    Returns
    -------
    tuple of tuple of int
        The smallest hierarchical model with these terms.

    Examples
    --------
    >>> hierarchical_terms(3, [(0, 2)])
    ((), (0,), (1,), (2,), (0, 2))
    """
    closed: set[Term] = {(), *((v,) for v in range(variables))}
    for term in terms:
        for size in range(2, len(term) + 1):
            closed.update(combinations(sorted(term), size))
    return tuple(sorted(closed, key=lambda term: (len(term), term)))


class TermBlock(NamedTuple):
    """Design columns of one term; they do not depend on the other terms of a model."""

    code: Whole  # (cells,) number of the combination of levels
    people: NDArray[np.bool_]  # (combinations,) whether observable cells have it
    columns: NDArray[np.bool_]  # (cells, q)
    names: tuple[tuple[Term, Term], ...]  # (q,)


def _fetch_block(margins: Margins, term: Term) -> TermBlock:
    """Return the block of a term from the cache of the margins."""
    if term not in margins.blocks:
        margins.blocks[term] = _make_block(margins, term)
    block: TermBlock = margins.blocks[term]
    return block


def _make_block(margins: Margins, term: Term) -> TermBlock:
    """Return the block of a term."""
    values = margins.values
    code = np.zeros(values.shape[1], np.int64)
    for v in term:
        code = code * margins.sizes[v] + values[v]
    columns, names = [], []
    for levels in np.ndindex(*(margins.sizes[v] - 1 for v in term)):
        is_level = np.ones(values.shape[1], bool)
        for v, level in zip(term, levels, strict=True):
            is_level &= values[v] == level + 1
        columns.append(is_level)
        names.append((term, levels))
    by_level = np.array(columns, bool).reshape(len(columns), values.shape[1])  # none for a covariate of one level
    return TermBlock(code, np.bincount(code[margins.strata :]) > 0, by_level.T, tuple(names))


def build_model(margins: Margins, terms: tuple[Term, ...], counts: Whole) -> CovariateModel:
    """Return the design of a model without the cells of margins that are empty for these counts (G,)."""
    strata = margins.strata
    possible = margins.groups.T @ (counts > 0).astype(np.float64)
    remains, exists = np.ones(len(possible), bool), True
    blocks = [_fetch_block(margins, term) for term in terms]
    for term, block in zip(terms, blocks, strict=True):
        margin = np.bincount(block.code, possible, len(block.people))[: len(block.people)]
        empty = (block.people & (margin == 0))[np.minimum(block.code, len(block.people) - 1)]
        remains &= ~empty
        # a stratum may be empty. But if an empty margin with a list includes unobserved cells, the estimate does not
        # exist: for example, all people of a stratum are on one list (Fienberg and Rinaldo 2012)
        exists &= not (term and term[0] < len(margins.lists) and np.any(empty[:strata]))
    all_columns = np.hstack([block.columns for block in blocks])
    names = [name for block in blocks for name in block.names]
    observed, unobserved = np.flatnonzero(remains[strata:]) + strata, np.flatnonzero(remains[:strata])
    has_cells = np.any(all_columns[observed], axis=0)
    design: Floats = all_columns[:, has_cells].astype(np.float64)
    parameters = tuple(name for name, is_used in zip(names, has_cells, strict=True) if is_used)
    return CovariateModel(
        terms=terms,
        seen=observed,
        design=design[observed],
        unobserved=unobserved,
        unobserved_design=design[unobserved],
        columns=parameters,
        size=len(names),
        exists=exists,
    )


def is_identified(margins: Margins, fit: CovariateFit) -> bool:
    """Return whether the observable groups identify the unobserved number of each possible stratum."""
    groups = margins.possible_groups()[:, fit.model.seen]
    sums = groups @ fit.means
    rows = (groups @ (fit.means[:, None] * fit.model.design))[sums > 0] / sums[sums > 0, None]
    _, singular_values, basis = linalg.svd(rows, full_matrices=False)
    basis = basis[singular_values > 1e-8 * singular_values[0]]
    residual = fit.model.unobserved_design - (fit.model.unobserved_design @ basis.T) @ basis
    return bool(np.all(np.abs(residual) < SAME))


def fit_model(
    margins: Margins, terms: tuple[Term, ...], counts: Whole, start: CovariateFit | None = None
) -> CovariateFit:
    """Maximise the likelihood of the counts of the groups (G,).

    The start is another fit with the same parameter names, if one is given.
    """
    model = build_model(margins, terms, counts)
    has_people = counts > 0
    cells = margins.groups[has_people][:, model.seen]
    groups, people = Groups(cells, cells.T.tocsr()), counts[has_people].astype(np.float64)
    values = _start_values(model, groups, people, start)
    path, converged, is_near = [], False, False
    state = _evaluate(model, groups, people, values)
    for _ in range(STEPS):
        path.append(state.log_likelihood)
        score = model.design.T @ (state.spread - state.means)
        if np.max(np.abs(score)) <= FLAT * np.sqrt(people.sum()):
            converged = True
            break
        move = (
            _take_newton_step(model, groups, people=people, values=values, state=state, score=score)
            if is_near
            else None
        )
        if move is None:
            move = _take_em_step(model, groups, people=people, values=values, state=state, score=score)
            if move is None:
                converged = bool(np.max(np.abs(score)) <= SAME * np.sqrt(people.sum()))
                break
            is_near = bool(np.max(np.abs(move[0] - values)) < 0.5)
        values, state = move
        if not np.all(state.means < FAR * people.sum()):
            break
    unseen = np.zeros(margins.strata)
    with np.errstate(over="ignore"):
        unseen[model.unobserved] = np.exp(model.unobserved_design @ values)
    has_estimate = converged and model.exists and bool(unseen.sum() < RUNAWAY * people.sum())
    return CovariateFit(
        model=model,
        parameters=values,
        means=state.means,
        spread=state.spread,
        unseen=unseen,
        log_likelihood=state.log_likelihood,
        converged=has_estimate,
        path=tuple(path),
    )


class Groups(NamedTuple):
    """Matrix that sums cells to groups, and its transpose."""

    sums: sparse.csr_array  # (G, C)
    spreads: sparse.csr_array  # (C, G)


class _State(NamedTuple):
    """State of a fit: means, expected counts, sums of the means by group, log-likelihood."""

    means: Floats
    spread: Floats
    sums: Floats
    log_likelihood: float


def _evaluate(model: CovariateModel, groups: Groups, people: Floats, values: Floats) -> _State:
    """Return the means, the expected counts (E-step) and the log-likelihood at these parameters."""
    means = np.exp(np.minimum(model.design @ values, 700.0))
    sums = groups.sums @ means
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = means * (groups.spreads @ (people / sums))
        log_likelihood = float(people @ np.log(sums) - means.sum())
    return _State(means, spread, sums, log_likelihood)


def _start_values(model: CovariateModel, groups: Groups, people: Floats, start: CovariateFit | None) -> Floats:
    """Return the parameters with the same names of another fit, or least squares on evenly divided people."""
    if start is not None and start.converged:
        positions = {name: number for number, name in enumerate(start.model.columns)}
        return np.array([start.parameters[positions[name]] if name in positions else 0.0 for name in model.columns])
    even = groups.spreads @ (people / groups.sums.sum(axis=1)) + 0.1
    root = np.sqrt(even)
    return np.asarray(np.linalg.lstsq(model.design * root[:, None], root * np.log(even))[0], np.float64)


Move = tuple[Floats, _State]


def _take_em_step(
    model: CovariateModel, groups: Groups, people: Floats, values: Floats, state: _State, score: Floats
) -> Move | None:
    """Take a Newton step of the M-step, halved until the likelihood does not fall; None if no step helps."""
    curvature = (model.design.T * state.means) @ model.design
    step = linalg.pinvh(curvature) @ score
    return _search_line(model, groups, people=people, values=values, state=state, step=step, tries=30)


def _take_newton_step(
    model: CovariateModel, groups: Groups, people: Floats, values: Floats, state: _State, score: Floats
) -> Move | None:
    """Take a Newton step on the likelihood of the groups; None if it is not concave or the step lowers it."""
    group_design = (groups.sums @ (state.means[:, None] * model.design)) / state.sums[:, None]
    curvature = (group_design.T * people) @ group_design + (
        model.design.T * (state.means - state.spread)
    ) @ model.design
    try:
        step = linalg.cho_solve(linalg.cho_factor(curvature), score)
    except linalg.LinAlgError:
        return None
    return (
        _search_line(model, groups, people=people, values=values, state=state, step=step, tries=3)
        if np.all(np.isfinite(step))
        else None
    )


def _search_line(
    model: CovariateModel,
    groups: Groups,
    people: Floats,
    values: Floats,
    state: _State,
    step: Floats,
    tries: int,
) -> Move | None:
    """Halve a step until the likelihood does not fall, at most `tries` times; None if it always falls."""
    largest = float(np.max(np.abs(step)))
    step_size = min(1.0, LARGEST_STEP / largest) if largest > 0 else 1.0
    slack = 1e-13 * abs(state.log_likelihood)  # rounding error of the likelihood near its maximum
    for _ in range(tries):
        moved = values + step_size * step
        moved_state = _evaluate(model, groups, people, moved)
        if moved_state.log_likelihood >= state.log_likelihood - slack:
            return moved, moved_state
        step_size /= 2
    return None
