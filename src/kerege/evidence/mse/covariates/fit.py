"""One log-linear model of lists and covariates, fitted where some covariates are not known of some people.

The likelihood of the groups is raised by EM: the E-step spreads the people of a group over its cells in proportion to
the means, the M-step is a Newton step of the log-linear model on the spread counts (Lange 1995, "A gradient algorithm
locally equivalent to the EM algorithm"). Once near, Newton steps on the likelihood of the groups itself finish what EM
would take hundreds of steps for; any that would lower the likelihood is not taken.
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
Term = tuple[int, ...]  # numbers of variables, ascending
RUNAWAY = 1e4  # unseen people for each seen one in a fit that is running off
FLAT = 1e-9  # the largest slope left, in people, over the square root of all
STEPS, FAR = 1000, 1e9  # steps at most, and means beyond which a fit is running off
LARGEST_STEP = 3.0
SAME = 1e-6


class Model(NamedTuple):
    """A model on the cells that are left when empty margins have taken theirs away."""

    terms: tuple[Term, ...]
    seen: Whole  # (C,) cells with a history
    design: Floats  # (C, p)
    hidden: Whole  # (S,) strata that people on no list may be in
    hidden_design: Floats  # (S, p)
    columns: tuple[tuple[Term, Term], ...]  # (p,) term and levels of each parameter
    size: int  # parameters, those at minus infinity included
    exists: bool  # no margin is empty that takes unseen people of possible strata with it


class Fit(NamedTuple):
    """`spread` are the people seen, by cell of the model; `path` the log-likelihood after every step.

    `converged` says that there is an estimate: the slope is zero, the model exists and the unseen do not run off.
    """

    model: Model
    parameters: Floats  # (p,)
    means: Floats  # (C,)
    spread: Floats  # (C,)
    unseen: Floats  # (strata,)
    log_likelihood: float  # up to a constant of the counts
    converged: bool
    path: tuple[float, ...]


def hierarchical(variables: int, terms: Iterable[Sequence[int]]) -> tuple[Term, ...]:
    """The terms, all parts of each, and every variable alone; by size, then by variables."""
    made: set[Term] = {(), *((v,) for v in range(variables))}
    for term in terms:
        for size in range(2, len(term) + 1):
            made.update(combinations(sorted(term), size))
    return tuple(sorted(made, key=lambda term: (len(term), term)))


class Block(NamedTuple):
    """What a term adds, whatever else a model has."""

    code: Whole  # (cells,) combination of levels
    people: NDArray[np.bool_]  # (combinations,) whether cells with a history have it
    columns: NDArray[np.bool_]  # (cells, q)
    names: tuple[tuple[Term, Term], ...]  # (q,)


def _block(margins: Margins, term: Term) -> Block:
    """Made once for each term."""
    if term not in margins.made:
        margins.made[term] = _made_block(margins, term)
    found: Block = margins.made[term]
    return found


def _made_block(margins: Margins, term: Term) -> Block:
    values = margins.values
    code = np.zeros(values.shape[1], np.int64)
    for v in term:
        code = code * margins.sizes[v] + values[v]
    columns, names = [], []
    for levels in np.ndindex(*(margins.sizes[v] - 1 for v in term)):
        there = np.ones(values.shape[1], bool)
        for v, level in zip(term, levels, strict=True):
            there &= values[v] == level + 1
        columns.append(there)
        names.append((term, levels))
    return Block(code, np.bincount(code[margins.strata :]) > 0, np.array(columns).T, tuple(names))


def model_of(margins: Margins, terms: tuple[Term, ...], counts: Whole) -> Model:
    """Design of a hierarchical model, without the cells of margins that nobody with these counts (G,) can be in."""
    strata = margins.strata
    possible = margins.groups.T @ (counts > 0).astype(np.float64)
    alive, exists = np.ones(len(possible), bool), True
    blocks = [_block(margins, term) for term in terms]
    for term, block in zip(terms, blocks, strict=True):
        people = np.bincount(block.code, possible, len(block.people))[: len(block.people)]
        empty = (block.people & (people == 0))[np.minimum(block.code, len(block.people) - 1)]
        alive &= ~empty
        # of the strata, nobody may be in some; but where everybody of one is on a list, or every one on no list of two
        # is on no third, the model says nothing of the unseen (Fienberg and Rinaldo 2012)
        exists &= not (term and term[0] < len(margins.lists) and np.any(empty[:strata]))
    whole = np.hstack([block.columns for block in blocks])
    names = [name for block in blocks for name in block.names]
    seen, hidden = np.flatnonzero(alive[strata:]) + strata, np.flatnonzero(alive[:strata])
    used = np.any(whole[seen], axis=0)
    design: Floats = whole[:, used].astype(np.float64)
    kept = tuple(name for name, there in zip(names, used, strict=True) if there)
    return Model(terms, seen, design[seen], hidden, design[hidden], kept, len(names), exists)


def identified(margins: Margins, fit: Fit) -> bool:
    """Whether what could be observed tells how many people are on no list, in every stratum that may have some."""
    groups = margins.everything()[:, fit.model.seen]
    sums = groups @ fit.means
    rows = (groups @ (fit.means[:, None] * fit.model.design))[sums > 0] / sums[sums > 0, None]
    _, sizes, basis = linalg.svd(rows, full_matrices=False)
    basis = basis[sizes > 1e-8 * sizes[0]]
    left = fit.model.hidden_design - (fit.model.hidden_design @ basis.T) @ basis
    return bool(np.all(np.abs(left) < SAME))


def fitted(margins: Margins, terms: tuple[Term, ...], counts: Whole, start: Fit | None = None) -> Fit:
    """Maximise the likelihood of the groups' counts (G,), from the parameters of another fit where there is one."""
    model = model_of(margins, terms, counts)
    some = counts > 0
    inside = margins.groups[some][:, model.seen]
    groups, people = Groups(inside, inside.T.tocsr()), counts[some].astype(np.float64)
    values = _begun(model, groups, people, start)
    path, converged, near = [], False, False
    state = _state(model, groups, people, values)
    for _ in range(STEPS):
        path.append(state.height)
        slope = model.design.T @ (state.spread - state.means)
        if np.max(np.abs(slope)) <= FLAT * np.sqrt(people.sum()):
            converged = True
            break
        moved = _newton(model, groups, people, values, state, slope) if near else None
        if moved is None:
            moved = _em(model, groups, people, values, state, slope)
            if moved is None:
                converged = bool(np.max(np.abs(slope)) <= SAME * np.sqrt(people.sum()))
                break
            near = bool(np.max(np.abs(moved[0] - values)) < 0.5)
        values, state = moved
        if not np.all(state.means < FAR * people.sum()):
            break
    unseen = np.zeros(margins.strata)
    with np.errstate(over="ignore"):
        unseen[model.hidden] = np.exp(model.hidden_design @ values)
    found = converged and model.exists and bool(unseen.sum() < RUNAWAY * people.sum())
    return Fit(model, values, state.means, state.spread, unseen, state.height, found, tuple(path))


class Groups(NamedTuple):
    """Which of a model's cells the groups are made of, and the same the other way round."""

    sums: sparse.csr_array  # (G, C)
    spreads: sparse.csr_array  # (C, G)


class _State(NamedTuple):
    means: Floats
    spread: Floats
    sums: Floats
    height: float


def _state(model: Model, groups: Groups, people: Floats, values: Floats) -> _State:
    """Means, the E-step and the log-likelihood."""
    means = np.exp(np.minimum(model.design @ values, 700.0))
    sums = groups.sums @ means
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = means * (groups.spreads @ (people / sums))
        height = float(people @ np.log(sums) - means.sum())
    return _State(means, spread, sums, height)


def _begun(model: Model, groups: Groups, people: Floats, start: Fit | None) -> Floats:
    """Parameters of the same name of another fit, or least squares on people spread evenly."""
    if start is not None and start.converged:
        place = {name: number for number, name in enumerate(start.model.columns)}
        return np.array([start.parameters[place[name]] if name in place else 0.0 for name in model.columns])
    even = groups.spreads @ (people / groups.sums.sum(axis=1)) + 0.1
    root = np.sqrt(even)
    return np.asarray(np.linalg.lstsq(model.design * root[:, None], root * np.log(even))[0], np.float64)


Move = tuple[Floats, _State]


def _em(model: Model, groups: Groups, people: Floats, values: Floats, state: _State, slope: Floats) -> Move | None:
    """A Newton step of the M-step, halved until the likelihood does not fall."""
    curvature = (model.design.T * state.means) @ model.design
    step = linalg.pinvh(curvature) @ slope
    return _line(model, groups, people, values, state, step, 30)


def _newton(model: Model, groups: Groups, people: Floats, values: Floats, state: _State, slope: Floats) -> Move | None:
    """A Newton step of the groups' likelihood, where it is concave and the step raises it."""
    inner = (groups.sums @ (state.means[:, None] * model.design)) / state.sums[:, None]
    curvature = (inner.T * people) @ inner + (model.design.T * (state.means - state.spread)) @ model.design
    try:
        step = linalg.cho_solve(linalg.cho_factor(curvature), slope)
    except linalg.LinAlgError:
        return None
    return _line(model, groups, people, values, state, step, 3) if np.all(np.isfinite(step)) else None


def _line(
    model: Model,
    groups: Groups,
    people: Floats,
    values: Floats,
    state: _State,
    step: Floats,
    tries: int,
) -> Move | None:
    largest = float(np.max(np.abs(step)))
    size = min(1.0, LARGEST_STEP / largest) if largest > 0 else 1.0
    slack = 1e-13 * abs(state.height)  # rounding of the likelihood near its top
    for _ in range(tries):
        moved = values + size * step
        found = _state(model, groups, people, moved)
        if found.height >= state.height - slack:
            return moved, found
        size /= 2
    return None
