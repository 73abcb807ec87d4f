"""Whether a model has an estimate on some lists: an exact rank, and a linear program where no fit has proved it.

The estimate exists exactly when some strictly positive table has the same sums as the lists have, and is identified
when the parameters that are left can be told apart on the cells that are left (Fienberg and Rinaldo 2012; Chan,
Silverman and Vincent 2021). Both depend on which histories have people, not on how many: answers are kept by that.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Lists
from kerege.evidence.mse.loglinear.hierarchical_models import Model, checked_model

SMALL = 1e-7  # of the program's optimum: it is 0 or a fraction with a small denominator
KEPT = 200_000


def exists(lists: Lists, model: Model) -> bool:
    """Prove whether a model has an estimate on some lists.

    Parameters
    ----------
    lists : Lists
        Only which histories have people matters.
    model : tuple of int
        Sets of lists that depend on each other, as bitmasks; the parts of each set are added. `()` is independence.

    Returns
    -------
    bool
        Whether the maximum likelihood estimate exists and its parameters are identified.

    Raises
    ------
    BadLists
        For terms that are no bitmasks of these lists.

    Notes
    -----
    Fienberg and Rinaldo 2012, Annals of Statistics 40(2); Chan, Silverman and Vincent 2021, JASA 116. `existence` gives
    the reason as a code.

    Examples
    --------
    >>> from kerege.evidence.mse import Lists
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> exists(lists, (0b011, 0b101)), exists(lists, (0b111,))
    (True, False)
    """
    return existence(lists, model) == 0


def existence(lists: Lists, model: Model) -> int:
    """Whether a model has an estimate on some lists, as proved and not as a fit suggests.

    Parameters
    ----------
    lists : Lists
        Which histories have people is all that matters.
    model : tuple of int
        Sets of lists that it ties together, as bitmasks.

    Returns
    -------
    int
        0 the estimate exists and is identified, 1 it does not exist, 2 it is not identified, 3 neither.

    Raises
    ------
    BadLists
        For terms that are no bitmasks of these lists.

    Notes
    -----
    Fienberg and Rinaldo 2012, Annals of Statistics 40(2); the codes are those of `checkident` of the R package
    SparseMSE.
    """
    return existence_code(lists.number, checked_model(lists.number, model), support(lists.dense))


def support(dense: NDArray[np.int64]) -> bytes:
    """Which histories of a dense table (2^t,) have people, as a key."""
    return np.packbits(dense > 0).tobytes()


@lru_cache(maxsize=KEPT)
def existence_code(lists: int, model: Model, people: bytes) -> int:
    """As `existence`, for the histories with people as `support` tells them."""
    from kerege.evidence.mse.loglinear import kernels

    size = 1 << lists
    seen = np.unpackbits(np.frombuffer(people, np.uint8))[:size].astype(np.float64)
    sums = _above(seen, lists)
    factor = np.ones(size)
    factor[[term for term in model if sums[term] == 0]] = 0.0
    left = np.array([term for term in model if sums[term] > 0], np.int64)
    cells = np.array(
        [w for w in range(1, size) if all(w & term != term for term in model if sums[term] == 0)], np.int64
    )
    known = kernels.full_rank(lists, left, len(left), factor)
    if known:
        proved = _by_fitting(lists, model, seen)
        if proved != kernels.UNKNOWN:
            return proved
    return (0 if _has_positive(left, cells, sums) else 1) + (0 if known else 2)


def _by_fitting(lists: int, model: Model, seen: NDArray[np.float64]) -> int:
    """What a fit to one person of each history proves: a fraction of the time of a linear program."""
    from kerege.evidence.mse.loglinear.kernels import fit_models

    terms, found = np.array(model, np.int64), np.zeros((1, 3))
    starts, parents = np.array([0, len(terms)], np.int64), np.array([-1], np.int64)
    fit_models(seen, lists, starts, terms, parents, np.zeros(0), np.zeros(len(terms)), found)
    return int(found[0, 2])


def _above(values: NDArray[np.float64], lists: int) -> NDArray[np.float64]:
    """Superset sums."""
    sums = values.copy()
    for bit in range(lists):
        view = sums.reshape(-1, 2, 1 << bit)
        view[:, 0] += view[:, 1]
    return sums


def _has_positive(terms: NDArray[np.int64], cells: NDArray[np.int64], sums: NDArray[np.float64]) -> bool:
    """Maximise s where x_w >= s and x has the sums: positive? With y = x - s >= 0 it is A y + (A 1) s = sums."""
    import highspy

    from kerege.evidence.sdc.constraints.highs_solver import silent

    matrix = ((cells[None, :] & terms[:, None]) == terms[:, None]).astype(np.float64)
    matrix = np.hstack([matrix, matrix.sum(axis=1, keepdims=True)])
    rows, columns = matrix.shape
    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = rows, columns
    program.col_cost_ = np.r_[np.zeros(columns - 1), 1.0]
    program.col_lower_, program.col_upper_ = np.zeros(columns), np.full(columns, highspy.kHighsInf)
    program.row_lower_ = program.row_upper_ = sums[terms]
    program.sense_ = highspy.ObjSense.kMaximize
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    places = matrix.T.nonzero()
    program.a_matrix_.start_ = np.r_[0, np.cumsum((matrix != 0).sum(axis=0))].astype(np.int32)
    program.a_matrix_.index_ = places[1].astype(np.int32)
    program.a_matrix_.value_ = matrix.T[places]
    solver = silent()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("primal_feasibility_tolerance", 1e-10)
    solver.setOptionValue("dual_feasibility_tolerance", 1e-10)
    solver.passModel(program)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"the linear program ended as {solver.getModelStatus()}")
    return bool(solver.getInfo().objective_function_value > SMALL)
