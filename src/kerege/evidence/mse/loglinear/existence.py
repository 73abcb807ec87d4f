"""Existence of the maximum likelihood estimate of a log-linear model: exact rank, linear program.

The estimate exists if and only if a strictly positive table has the same sufficient statistics as the lists. It is
identified if the design of the remaining parameters on the remaining cells has full column rank (Fienberg and Rinaldo
2012; Chan, Silverman and Vincent 2021). The linear program runs only if no fit proves existence. Both properties depend
only on which histories have people, so results are cached by that.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Lists
from kerege.evidence.mse.loglinear.hierarchical_models import Model, validate_model

SMALL = (
    1e-7  # the optimum of the linear program is 0 or a fraction with a small denominator, so above this it is positive
)
CACHE_SIZE = 200_000


def exists(lists: Lists, model: Model) -> bool:
    """Return whether the estimate of a model exists and is identified on some lists; the answer is proved.

    Parameters
    ----------
    lists : Lists
        Lists; only which histories have people matters.
    model : tuple of int
        Interactions of lists as bitmasks; the subsets of each are added. `()` is independence.

    Returns
    -------
    bool
        True if the maximum likelihood estimate exists and its parameters are identified.

    Raises
    ------
    BadLists
        If a term is not a bitmask of these lists.

    See Also
    --------
    kerege.evidence.mse.loglinear.existence.existence : The reason, as a code.

    References
    ----------
    .. [1] Fienberg and Rinaldo 2012, "Maximum likelihood estimation in log-linear models", Annals of Statistics 40(2).
    .. [2] Chan, Silverman and Vincent 2021, "Multiple systems estimation for sparse capture data: inferential
       challenges when there are nonoverlapping lists", Journal of the American Statistical Association 116.

    Examples
    --------
    >>> from kerege.evidence.mse import Lists
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> exists(lists, (0b011, 0b101)), exists(lists, (0b111,))
    (True, False)
    """
    return existence(lists, model) == 0


def existence(lists: Lists, model: Model) -> int:
    """Return the existence code of a model on some lists, as proved and not as a fit suggests.

    Parameters
    ----------
    lists : Lists
        Lists; only which histories have people matters.
    model : tuple of int
        Interactions of lists as bitmasks.

    Returns
    -------
    int
        0 if the estimate exists and is identified, 1 if it does not exist, 2 if it is not identified, 3 if it neither
        exists nor is identified. These are the codes of `checkident` of the R package SparseMSE.

    Raises
    ------
    BadLists
        If a term is not a bitmask of these lists.

    References
    ----------
    .. [1] Fienberg and Rinaldo 2012, "Maximum likelihood estimation in log-linear models", Annals of Statistics 40(2).

    Examples
    --------
    >>> from kerege.evidence.mse import Lists
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> existence(lists, (0b011,)), existence(lists, (0b111,))
    (0, 2)
    """
    return existence_code(lists.number, validate_model(lists.number, model), support_key(lists.dense))


def support_key(dense: NDArray[np.int64]) -> bytes:
    """Return a hashable key of the histories with people in a dense table (2^t,)."""
    return np.packbits(dense > 0).tobytes()


@lru_cache(maxsize=CACHE_SIZE)
def existence_code(lists: int, model: Model, key: bytes) -> int:
    """Return the code of `existence` for a closed model and a key from `support_key`."""
    from kerege.evidence.mse.loglinear import kernels

    size = 1 << lists
    has_people = np.unpackbits(np.frombuffer(key, np.uint8))[:size].astype(np.float64)
    sums = _superset_sums(has_people, lists)
    factor = np.ones(size)
    factor[[term for term in model if sums[term] == 0]] = 0.0
    finite_terms = np.array([term for term in model if sums[term] > 0], np.int64)
    cells = np.array(
        [w for w in range(1, size) if all(w & term != term for term in model if sums[term] == 0)], np.int64
    )
    is_identified = kernels.has_full_rank(lists, finite_terms, len(finite_terms), factor)
    if is_identified:
        code = _code_by_fit(lists, model, has_people)
        if code != kernels.UNKNOWN:
            return code
    return (0 if _has_positive_table(finite_terms, cells, sums) else 1) + (0 if is_identified else 2)


def _code_by_fit(lists: int, model: Model, has_people: NDArray[np.float64]) -> int:
    """Return the code that a fit to one person per history proves; much faster than a linear program."""
    from kerege.evidence.mse.loglinear.kernels import fit_models

    terms, summary = np.array(model, np.int64), np.zeros((1, 3))
    starts, parents = np.array([0, len(terms)], np.int64), np.array([-1], np.int64)
    fit_models(has_people, lists, starts, terms, parents, np.zeros(0), np.zeros(len(terms)), summary)
    return int(summary[0, 2])


def _superset_sums(values: NDArray[np.float64], lists: int) -> NDArray[np.float64]:
    """Return the sum over all supersets of each history."""
    sums = values.copy()
    for bit in range(lists):
        view = sums.reshape(-1, 2, 1 << bit)
        view[:, 0] += view[:, 1]
    return sums


def _has_positive_table(terms: NDArray[np.int64], cells: NDArray[np.int64], sums: NDArray[np.float64]) -> bool:
    """Return whether a strictly positive table x has these sufficient statistics.

    Maximise s subject to x_w >= s and A x = sums. With y = x - s >= 0 the program is A y + (A 1) s = sums.
    """
    import highspy

    from kerege.evidence.numerics.quiet_solver import silent

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
    nonzero = matrix.T.nonzero()
    program.a_matrix_.start_ = np.r_[0, np.cumsum((matrix != 0).sum(axis=0))].astype(np.int32)
    program.a_matrix_.index_ = nonzero[1].astype(np.int32)
    program.a_matrix_.value_ = matrix.T[nonzero]
    solver = silent()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("primal_feasibility_tolerance", 1e-10)
    solver.setOptionValue("dual_feasibility_tolerance", 1e-10)
    solver.passModel(program)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"the linear program ended as {solver.getModelStatus()}")
    return bool(solver.getInfo().objective_function_value > SMALL)
