"""The undetected: how many people there are that no list has, from how the lists overlap (multiple systems estimation).

What is exported is loaded when it is first asked for: importing this package compiles and solves nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerege.evidence.mse.bayes.decomposable_graphs import Average, average_decomposable, dga_grid
    from kerege.evidence.mse.bayes.lcmcr import LatentClasses, latent_classes
    from kerege.evidence.mse.bayes.thresholded_model import Posterior, Thresholded, bayesian_threshold, model_posterior
    from kerege.evidence.mse.covariates.strata import Strata, with_covariates
    from kerege.evidence.mse.detections import Detected, lists_of
    from kerege.evidence.mse.linkage_errors.correction import Corrected, corrected, mixed, relinked, transition
    from kerege.evidence.mse.list_files import read
    from kerege.evidence.mse.lists import BadLists, Lists
    from kerege.evidence.mse.loglinear.bic_selection import (
        Ranking,
        Selected,
        bic_many,
        bic_ranking,
        downhill,
        downhill_many,
    )
    from kerege.evidence.mse.loglinear.bootstrap import Bootstrap, Interval, bootstrap
    from kerege.evidence.mse.loglinear.existence import existence
    from kerege.evidence.mse.loglinear.fit import Fit, fit
    from kerege.evidence.mse.loglinear.hierarchical_models import Model, all_models, closed, model_name
    from kerege.evidence.mse.loglinear.stepwise_selection import Chosen, stepwise_many, stepwise_models
    from kerege.evidence.mse.nonparametric_bounds import Pair, chao, coverage, lower_bound, pairwise
    from kerege.evidence.mse.panels.panel import Panel
    from kerege.evidence.mse.panels.sensitivity import (
        Variant,
        dark_figures,
        leave_one_out,
        merge_pairs,
        merged,
        point,
        without,
    )

_HOMES = {
    "covariates.strata": ["Strata", "with_covariates"],
    "detections": ["Detected", "lists_of"],
    "bayes.lcmcr": ["LatentClasses", "latent_classes"],
    "panels.panel": ["Panel"],
    "bayes.thresholded_model": ["Posterior", "Thresholded", "bayesian_threshold", "model_posterior"],
    "loglinear.bic_selection": ["Ranking", "Selected", "bic_many", "bic_ranking", "downhill", "downhill_many"],
    "nonparametric_bounds": ["Pair", "chao", "coverage", "lower_bound", "pairwise"],
    "bayes.decomposable_graphs": ["Average", "average_decomposable", "dga_grid"],
    "loglinear.fit": ["Fit", "fit"],
    "linkage_errors.correction": ["Corrected", "corrected", "mixed", "relinked", "transition"],
    "lists": ["BadLists", "Lists"],
    "loglinear.hierarchical_models": ["Model", "all_models", "closed", "model_name"],
    "loglinear.existence": ["existence"],
    "list_files": ["read"],
    "loglinear.bootstrap": ["Bootstrap", "Interval", "bootstrap"],
    "panels.sensitivity": ["Variant", "dark_figures", "leave_one_out", "merge_pairs", "merged", "point", "without"],
    "loglinear.stepwise_selection": ["Chosen", "stepwise_many", "stepwise_models"],
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Average",
    "BadLists",
    "Bootstrap",
    "Chosen",
    "Corrected",
    "Detected",
    "Fit",
    "Interval",
    "LatentClasses",
    "Lists",
    "Model",
    "Pair",
    "Panel",
    "Posterior",
    "Ranking",
    "Selected",
    "Strata",
    "Thresholded",
    "Variant",
    "all_models",
    "average_decomposable",
    "bayesian_threshold",
    "bic_many",
    "bic_ranking",
    "bootstrap",
    "chao",
    "closed",
    "corrected",
    "coverage",
    "dark_figures",
    "dga_grid",
    "downhill",
    "downhill_many",
    "existence",
    "fit",
    "latent_classes",
    "leave_one_out",
    "lists_of",
    "lower_bound",
    "merge_pairs",
    "merged",
    "mixed",
    "model_name",
    "model_posterior",
    "pairwise",
    "point",
    "read",
    "relinked",
    "stepwise_many",
    "stepwise_models",
    "transition",
    "with_covariates",
    "without",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
