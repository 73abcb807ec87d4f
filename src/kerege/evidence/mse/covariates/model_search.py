"""Forward and backward selection of interactions of lists and covariates by BIC.

Cruyff, van Dijk and van der Heijden 2017, "The challenge of counting victims of human trafficking: Not on the record",
Chance 30(3), 41-49: all interactions of two variables, lists and covariates alike.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from kerege.evidence.mse.covariates.fit import CovariateFit, Term, fit_model, hierarchical_terms, is_identified
from kerege.evidence.mse.covariates.margins import Margins, Whole

GAIN = 1e-6  # a smaller decrease of the BIC is a rounding error


def list_candidates(margins: Margins) -> tuple[Term, ...]:
    """Return the interactions of two variables that the overlaps of lists can identify.

    Not identified: an interaction of a list and a covariate that only this list records, and that of the only two
    lists.
    """
    lists = len(margins.lists)

    def is_candidate(first: int, second: int) -> bool:
        """Return whether the interaction of two variables, by position, can be identified."""
        if second < lists:
            return lists > 2
        return first >= lists or margins.recorded[second - lists] != 1 << first

    return tuple(pair for pair in combinations(range(len(margins.names)), 2) if is_candidate(*pair))


def build_first_order_model(margins: Margins) -> tuple[Term, ...]:
    """Return the model of all candidate interactions."""
    return hierarchical_terms(len(margins.names), list_candidates(margins))


def compute_bic(fit: CovariateFit, people: int) -> float:
    """Return the BIC: parameters times log people, minus twice the log-likelihood.

    Parameters at minus infinity count.
    """
    return fit.model.size * float(np.log(people)) - 2.0 * fit.log_likelihood


def search_model(margins: Margins, counts: Whole, start: CovariateFit | None = None) -> CovariateFit:
    """Return the fit whose BIC no added or removed interaction lowers.

    The search starts from independence or from a given fit. It skips models without an estimate, or with an
    unidentified unobserved number.
    """
    variables, people = len(margins.names), int(counts.sum())
    terms = start.model.terms if start is not None else hierarchical_terms(variables, ())
    current = fit_model(margins, terms, counts, start)
    while True:
        pairs = {term for term in current.model.terms if len(term) == 2}
        target = compute_bic(current, people) - GAIN if current.converged else np.inf
        trials = [
            fit_model(margins, hierarchical_terms(variables, pairs ^ {pair}), counts, current)
            for pair in list_candidates(margins)
        ]
        improving = sorted(
            (compute_bic(fit, people), position)
            for position, fit in enumerate(trials)
            if fit.converged and compute_bic(fit, people) < target
        )
        chosen = next((trials[position] for _, position in improving if is_identified(margins, trials[position])), None)
        if chosen is None:
            return current
        current = chosen
