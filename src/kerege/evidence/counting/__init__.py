"""Marginal counts of categorical rows: all marginals up to an order, or one table with its margins."""

from kerege.evidence.counting.crosstab import NOT_REPORTED, axis
from kerege.evidence.counting.marginal_counts import Counts, Marginals
from kerege.evidence.counting.marginals import all_marginals, chosen_counts
from kerege.evidence.counting.selection import part

__all__ = ["NOT_REPORTED", "Counts", "Marginals", "all_marginals", "axis", "chosen_counts", "part"]
