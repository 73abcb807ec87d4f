"""Intervals of all figures at 99.9 %, given noisy and exact figures of the same people.

The intruder knows the mechanism and its sigma. All noisy figures and all exact figures are one linear system. Its
weighted least-squares solution and the standard deviations of all cells follow in closed form: averages over several
noisy tables, sums of noisy figures, and the noise of a total that is also published exactly are all taken into account.
The intervals become bounds of the cells, so that the assessment of groups continues from them as from any bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.linalg import cholesky, solve_triangular

from kerege.evidence.counting.frequency_table import NOISED, WITHHELD
from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.bounds.presolve import Contradiction
from kerege.evidence.sdc.constraints.domains import TableSource
from kerege.evidence.sdc.constraints.multi_table import JointSystem
from kerege.evidence.sdc.groups.decisions import RiskFindings, assess_groups
from kerege.evidence.sdc.linear.linear_system import Floats, Ints
from kerege.evidence.sdc.published_tables.sheet import Sheet
from kerege.evidence.sdc.published_tables.stated_noise import CONTINUITY, QUANTILE, SIGMA, stated_noise

ROUNDED = 1 / 12  # variance of rounding to a whole number, in people^2
EXACT_WEIGHT, PRIOR_WEIGHT = 1e4, 1e-6  # precisions of an exact figure and of an unknown, in people^-2
UNKNOWN = 200.0  # people: a larger standard deviation comes from the prior, so nothing is known
WIDTHS = (1.0, 1.5, 2.0)  # widths of the intervals, tried until they contradict no exact figure
MOST_UNKNOWNS = 2_500  # the system is solved as a dense matrix


@dataclass(frozen=True)
class NoisyEstimates:
    """The mean and the standard deviation of every cell, in people; infinite where nothing is known.

    `is_joint` if all figures were solved together, and not each by itself.
    """

    means: Floats
    deviations: Floats
    is_joint: bool = True

    def interval(self, width: float, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
        """Return integers within [lower, upper] up to `width` times `QUANTILE` deviations from the mean.

        A mean outside [lower, upper] makes all of them improbable, so the distance counts from the nearest of them.
        """
        outside = np.maximum(np.maximum(self.means - upper, lower - self.means), 0)
        half = np.hypot(outside, width * QUANTILE * self.deviations) + CONTINUITY
        return np.maximum(np.ceil(self.means - half), lower), np.minimum(np.floor(self.means + half), upper)


@dataclass(frozen=True)
class Measurements:
    """Noisy figures: the cell of each, its value, and the standard deviation of its noise, in people."""

    cells: Ints
    figures: Floats
    deviations: Floats

    def alone(self, cells: int) -> NoisyEstimates:
        """Return each cell with its most accurate figure alone."""
        means, deviations = np.zeros(cells), np.full(cells, np.inf)
        for place in np.argsort(-self.deviations):
            means[self.cells[place]], deviations[self.cells[place]] = self.figures[place], self.deviations[place]
        return NoisyEstimates(means, deviations, is_joint=False)


@dataclass(frozen=True)
class NoisyAssessment:
    """The cells and groups that are not safe when noisy figures are known within their intervals.

    `findings` is None when the noisy figures contradict the exact ones. `is_joint` if all figures were solved together.
    """

    findings: RiskFindings | None
    is_joint: bool


def has_stated_noise(sheets: Sequence[Sheet]) -> bool:
    """Return whether a table or records beside it have noisy figures of a stated size of noise."""
    return any(sheet.estimates or np.isfinite(stated_noise(sheet)).any() for sheet in sheets)


def measurements(sheets: Sequence[Sheet], places: Sequence[Ints]) -> Measurements:
    """Return all noisy figures of tables and of records; `places` are the cells of each table.

    A noisy table that is published twice has the same noise, so it counts once.
    """
    parts = []
    drawn: set[tuple[object, ...]] = set()
    for sheet, place in zip(sheets, places, strict=True):
        draw = sheet.by, sheet.filter, sheet.axes, sheet.counts.tobytes(), str(sheet.params.get(SIGMA))
        if (sheet.status == NOISED).any() and draw in drawn:
            continue
        drawn.add(draw)
        deviations = np.sqrt(stated_noise(sheet) ** 2 + ROUNDED * bool(sheet.by))
        parts.append((place, sheet.counts.ravel().astype(float), deviations))
        for estimates in sheet.estimates:
            parts.append((place, estimates.counts, np.sqrt(estimates.deviations**2 + ROUNDED)))
    cells, figures, noise = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    is_known = np.isfinite(noise)
    return Measurements(cells[is_known], figures[is_known], noise[is_known])


def estimate_cells(joint: JointSystem, sheets: Sequence[Sheet]) -> NoisyEstimates:
    """Return the weighted least-squares estimates of all cells from noisy and exact figures together.

    A system with too many unknowns gives the noisy figures with their stated sigma.
    """
    noisy = measurements(sheets, joint.places)
    lower, upper = (bounds[: joint.cells] for bounds in joint.known())
    is_exact = lower == upper
    matrix, people = _merge_unknowns(joint, np.flatnonzero(is_exact & (upper == 0)))
    if matrix.shape[1] > MOST_UNKNOWNS:
        return noisy.alone(joint.cells)
    sums, rules = matrix[: joint.cells], matrix[joint.sums.shape[0] :]
    equal = np.flatnonzero(joint.rules.low == joint.rules.high)
    exact_rows = sp.vstack([sums[np.flatnonzero(is_exact)], rules[equal]]).tocsr()
    precise = 1 / np.maximum(noisy.deviations, 1 / np.sqrt(EXACT_WEIGHT)) ** 2
    measured = sums[noisy.cells]
    information = EXACT_WEIGHT * (exact_rows.T @ exact_rows) + measured.T @ sp.diags(precise) @ measured
    root = cholesky(information.toarray() + PRIOR_WEIGHT * np.eye(matrix.shape[1]), lower=True)
    residual = measured.T @ (precise * (noisy.figures - measured @ people))
    shift = solve_triangular(root, solve_triangular(root, residual, lower=True), lower=True, trans="T")
    means, deviations = np.where(is_exact, lower, 0.0), np.where(is_exact, 0.0, np.inf)
    free = np.flatnonzero(~is_exact)
    spread = solve_triangular(root, sums[free].T.toarray(), lower=True)
    means[free], deviations[free] = sums[free] @ (people + shift), np.sqrt((spread**2).sum(axis=0))
    return NoisyEstimates(means, np.where(deviations > UNKNOWN, np.inf, deviations))


def _merge_unknowns(joint: JointSystem, empty_cells: Ints) -> tuple[sp.csr_matrix, Floats]:
    """Return the rows of all sums and rules with equal columns merged, and the people of each column.

    Unknowns that a published zero rules out are left out.
    """
    rows = sp.vstack([joint.sums, joint.rules.matrix]).tocsc()
    rows.sort_indices()
    zeros = joint.sums[empty_cells]
    positive = zeros[np.flatnonzero(np.asarray(zeros.minimum(0).sum(axis=1)).ravel() == 0)]
    is_alive = np.asarray(positive.sum(axis=0)).ravel() == 0
    number_of: dict[tuple[bytes, bytes], int] = {}
    numbers, alive = [], np.flatnonzero(is_alive)
    for column in alive.tolist():
        span = slice(rows.indptr[column], rows.indptr[column + 1])
        key = rows.indices[span].tobytes(), rows.data[span].tobytes()
        numbers.append(number_of.setdefault(key, len(number_of)))
    groups = np.array(numbers, dtype=np.int64)
    _, first = np.unique(groups, return_index=True)
    people = np.bincount(groups, joint.people[alive].astype(float), len(number_of)).astype(np.float64)
    return rows[:, alive[first]].tocsr(), people


def narrowed_sheets(survey: Survey, sheets: Sequence[Sheet], estimates: NoisyEstimates, width: float) -> list[Sheet]:
    """Return the tables with the intervals of the estimates as bounds of the figures that are not exact."""
    ends = survey.core.ends(range(survey.joint.cells)).values()
    proved_lower, proved_upper = np.array(list(ends), dtype=float).reshape(-1, 2).T
    low, high = estimates.interval(width, proved_lower, proved_upper)
    result = []
    for sheet, place in zip(sheets, survey.joint.places, strict=True):
        is_open = ((sheet.status != WITHHELD) & (sheet.lower < sheet.upper)).ravel()
        is_known = is_open & np.isfinite(estimates.deviations[place])
        lower, upper = (
            np.where(is_known, bounds[place], stated.ravel()).reshape(stated.shape)
            for bounds, stated in ((low, sheet.lower), (high, sheet.upper))
        )
        result.append(replace(sheet, lower=lower, upper=upper))
    return result


def _are_too_far(survey: Survey, sheets: Sequence[Sheet]) -> bool:
    """Return whether a noisy figure is farther from all feasible counts than its noise explains."""
    ends = survey.core.ends(range(survey.joint.cells)).values()
    lower, upper = np.array(list(ends), dtype=float).reshape(-1, 2).T
    for sheet, place in zip(sheets, survey.joint.places, strict=True):
        figures, deviations = sheet.counts.ravel(), stated_noise(sheet)
        gap = np.maximum(np.maximum(figures - upper[place], lower[place] - figures), 0)
        if (gap[np.isfinite(deviations)] > (WIDTHS[-1] * QUANTILE * deviations + 1)[np.isfinite(deviations)]).any():
            return True
    return False


def assess_noisy_figures(
    source: TableSource, sheets: Sequence[Sheet], exact: RiskFindings, threshold: int
) -> NoisyAssessment:
    """Return the cells and groups that are not safe when noisy figures are known within their intervals.

    `exact` is the assessment without them.
    """
    estimates = estimate_cells(exact.joint, sheets)
    if _are_too_far(exact.survey, sheets):
        return NoisyAssessment(None, estimates.is_joint)
    for width in WIDTHS:
        narrowed = narrowed_sheets(exact.survey, sheets, estimates, width)
        try:
            findings = assess_groups(source, narrowed, threshold, fixed=exact.joint.fixed)
        except Contradiction:
            continue
        return NoisyAssessment(findings, estimates.is_joint)
    return NoisyAssessment(None, estimates.is_joint)
