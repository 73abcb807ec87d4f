"""The undetected: how many people there are that no list has, from how the lists overlap (multiple systems estimation).

What is exported is loaded when it is first asked for: importing this package compiles and solves nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerege.evidence.prevalence.bic import Ranking, Selected, bic_many, bic_ranking, downhill, downhill_many
    from kerege.evidence.prevalence.bounds import Pair, chao, coverage, lower_bound, pairwise
    from kerege.evidence.prevalence.covariates import Strata, with_covariates
    from kerege.evidence.prevalence.decomposable import Average, average_decomposable, dga_grid
    from kerege.evidence.prevalence.fits import Fit, fit
    from kerege.evidence.prevalence.from_snapshot import Detected, lists_of
    from kerege.evidence.prevalence.lcmcr import LatentClasses, latent_classes
    from kerege.evidence.prevalence.linkage_error import Corrected, corrected, mixed, relinked, transition
    from kerege.evidence.prevalence.lists import BadLists, Lists
    from kerege.evidence.prevalence.models import Model, all_models, closed, model_name
    from kerege.evidence.prevalence.panel import Panel
    from kerege.evidence.prevalence.proofs import existence
    from kerege.evidence.prevalence.reading import read
    from kerege.evidence.prevalence.resampling import Bootstrap, Interval, bootstrap
    from kerege.evidence.prevalence.sensitivity import (
        Variant,
        dark_figures,
        leave_one_out,
        merge_pairs,
        merged,
        point,
        without,
    )
    from kerege.evidence.prevalence.stepwise import Chosen, stepwise_many, stepwise_models
    from kerege.evidence.prevalence.thresholding import Posterior, Thresholded, bayesian_threshold, model_posterior

_HOMES = {
    "covariates": ["Strata", "with_covariates"],
    "from_snapshot": ["Detected", "lists_of"],
    "lcmcr": ["LatentClasses", "latent_classes"],
    "panel": ["Panel"],
    "thresholding": ["Posterior", "Thresholded", "bayesian_threshold", "model_posterior"],
    "bic": ["Ranking", "Selected", "bic_many", "bic_ranking", "downhill", "downhill_many"],
    "bounds": ["Pair", "chao", "coverage", "lower_bound", "pairwise"],
    "decomposable": ["Average", "average_decomposable", "dga_grid"],
    "fits": ["Fit", "fit"],
    "linkage_error": ["Corrected", "corrected", "mixed", "relinked", "transition"],
    "lists": ["BadLists", "Lists"],
    "models": ["Model", "all_models", "closed", "model_name"],
    "proofs": ["existence"],
    "reading": ["read"],
    "resampling": ["Bootstrap", "Interval", "bootstrap"],
    "sensitivity": ["Variant", "dark_figures", "leave_one_out", "merge_pairs", "merged", "point", "without"],
    "stepwise": ["Chosen", "stepwise_many", "stepwise_models"],
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
