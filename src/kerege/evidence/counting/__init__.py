"""Marginal counts of categorical rows: all of them up to an order, or one table with its margins."""

from kerege.evidence.counting.columns import part
from kerege.evidence.counting.cross import NOT_REPORTED, axis, marginals
from kerege.evidence.counting.engine import all_marginals, chosen_counts
from kerege.evidence.counting.result import Counts, Marginals

__all__ = ["NOT_REPORTED", "Counts", "Marginals", "all_marginals", "axis", "chosen_counts", "marginals", "part"]
