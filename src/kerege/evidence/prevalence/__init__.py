"""The undetected: how many people there are that no list has, from how the lists overlap (multiple systems estimation).

What is exported is loaded when it is first asked for: importing this package compiles and solves nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerege.evidence.prevalence.lists import BadLists, Lists
    from kerege.evidence.prevalence.models import Model, all_models, closed, model_name
    from kerege.evidence.prevalence.proofs import existence
    from kerege.evidence.prevalence.stepwise import Chosen, stepwise_many, stepwise_models

_HOMES = {
    "proofs": ["existence"],
    "lists": ["BadLists", "Lists"],
    "models": ["Model", "all_models", "closed", "model_name"],
    "stepwise": ["Chosen", "stepwise_many", "stepwise_models"],
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "BadLists",
    "Chosen",
    "Lists",
    "Model",
    "all_models",
    "closed",
    "existence",
    "model_name",
    "stepwise_many",
    "stepwise_models",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
