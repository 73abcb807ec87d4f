"""Multiple systems estimation: the size of a population from the overlaps of incomplete lists.

All estimates count the whole population, observed and unobserved. The package imports the module of a public name at
the first use of the name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerege.base import lazy_names

if TYPE_CHECKING:
    from kerege.evidence.mse.bayes.decomposable_graphs import average_decomposable
    from kerege.evidence.mse.bayes.lcmcr import lcmcr
    from kerege.evidence.mse.bayes.thresholded_model import thresholded
    from kerege.evidence.mse.covariates.strata import with_covariates
    from kerege.evidence.mse.detections import snapshot_lists
    from kerege.evidence.mse.linkage_errors.correction import correct_linkage_errors
    from kerege.evidence.mse.list_files import read_lists
    from kerege.evidence.mse.lists import BadLists, Lists
    from kerege.evidence.mse.loglinear.bic_selection import rank_by_bic
    from kerege.evidence.mse.loglinear.bootstrap import bootstrap
    from kerege.evidence.mse.loglinear.existence import exists
    from kerege.evidence.mse.loglinear.fit import fit
    from kerege.evidence.mse.loglinear.stepwise_selection import select_stepwise, stepwise_many
    from kerege.evidence.mse.nonparametric_bounds import coverage, lower_bound
    from kerege.evidence.mse.panels.panel import panel, sensitivity
    from kerege.evidence.mse.panels.population_answer import answer

_HOMES = {
    "BadLists": ".lists",
    "Lists": ".lists",
    "answer": ".panels.population_answer",
    "average_decomposable": ".bayes.decomposable_graphs",
    "bootstrap": ".loglinear.bootstrap",
    "correct_linkage_errors": ".linkage_errors.correction",
    "coverage": ".nonparametric_bounds",
    "exists": ".loglinear.existence",
    "fit": ".loglinear.fit",
    "lcmcr": ".bayes.lcmcr",
    "lower_bound": ".nonparametric_bounds",
    "panel": ".panels.panel",
    "rank_by_bic": ".loglinear.bic_selection",
    "read_lists": ".list_files",
    "select_stepwise": ".loglinear.stepwise_selection",
    "sensitivity": ".panels.panel",
    "snapshot_lists": ".detections",
    "stepwise_many": ".loglinear.stepwise_selection",
    "thresholded": ".bayes.thresholded_model",
    "with_covariates": ".covariates.strata",
}

__all__ = [
    "BadLists",
    "Lists",
    "answer",
    "average_decomposable",
    "bootstrap",
    "correct_linkage_errors",
    "coverage",
    "exists",
    "fit",
    "lcmcr",
    "lower_bound",
    "panel",
    "rank_by_bic",
    "read_lists",
    "select_stepwise",
    "sensitivity",
    "snapshot_lists",
    "stepwise_many",
    "thresholded",
    "with_covariates",
]

if not TYPE_CHECKING:  # type checkers read the imports above; with `__getattr__` they would accept any name

    def __getattr__(name: str) -> Any:
        return lazy_names.load(__name__, _HOMES, name)
