"""Which interactions of lists and covariates to have: forwards and backwards by BIC, one interaction at a time.

Cruyff, van Dijk and van der Heijden 2017, "The challenge of counting victims of human trafficking: Not on the record",
Chance 30(3), 41-49: all interactions of two variables, of lists and covariates alike.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from kerege.evidence.mse.covariates.fit import Fit, Term, fitted, hierarchical, identified
from kerege.evidence.mse.covariates.margins import Margins, Whole

GAIN = 1e-6  # a smaller fall of the BIC is rounding


def candidates(margins: Margins) -> tuple[Term, ...]:
    """Interactions of two variables that people on several lists can tell anything of.

    How a list depends on a covariate that it alone records is seen of nobody; nor is how the only two lists depend on
    one another.
    """
    lists = len(margins.lists)

    def told(first: int, second: int) -> bool:
        if second < lists:
            return lists > 2
        return first >= lists or margins.recorded[second - lists] != 1 << first

    return tuple(pair for pair in combinations(range(len(margins.names)), 2) if told(*pair))


def first_order(margins: Margins) -> tuple[Term, ...]:
    """The model of all of them."""
    return hierarchical(len(margins.names), candidates(margins))


def bic(fit: Fit, people: int) -> float:
    """Parameters times log people, less twice the log-likelihood; parameters at minus infinity count."""
    return fit.model.size * float(np.log(people)) - 2.0 * fit.log_likelihood


def searched(margins: Margins, counts: Whole, start: Fit | None = None) -> Fit:
    """The model that no interaction more or less makes better, from independence or from a model that is given.

    A model that has no estimate, or whose unseen people nothing tells of, is passed over.
    """
    variables, people = len(margins.names), int(counts.sum())
    terms = start.model.terms if start is not None else hierarchical(variables, ())
    present = fitted(margins, terms, counts, start)
    while True:
        pairs = {term for term in present.model.terms if len(term) == 2}
        level = bic(present, people) - GAIN if present.converged else np.inf
        moves = [
            fitted(margins, hierarchical(variables, pairs ^ {pair}), counts, present) for pair in candidates(margins)
        ]
        better = sorted(
            (bic(fit, people), number) for number, fit in enumerate(moves) if fit.converged and bic(fit, people) < level
        )
        chosen = next((moves[number] for _, number in better if identified(margins, moves[number])), None)
        if chosen is None:
            return present
        present = chosen
