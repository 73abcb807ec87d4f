"""Differentially private synthetic microdata and its evaluation.

A row of the input is a person. Each public name loads its module on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerege.base import lazy_names

if TYPE_CHECKING:
    from kerege.base.errors import BadInput, Refused
    from kerege.evidence.data.snapshot import Snapshot
    from kerege.evidence.ledger.ledger import Ledger
    from kerege.evidence.synthesis.evaluation.attacks.on_frames import (
        attribute_inference,
        membership_inference,
        singling_out,
    )
    from kerege.evidence.synthesis.evaluation.evaluate import evaluate
    from kerege.evidence.synthesis.evaluation.refit import refit
    from kerege.evidence.synthesis.evaluation.utility import utility
    from kerege.evidence.synthesis.k_anonymity.assemble import k_anonymous
    from kerege.evidence.synthesis.pipeline import expected_error, synthesize
    from kerege.evidence.synthesis.presets import PRESETS
    from kerege.evidence.synthesis.request import Request

_HOMES = {
    "BadInput": "kerege.base.errors",
    "Ledger": "kerege.evidence.ledger.ledger",
    "PRESETS": ".presets",
    "Refused": "kerege.base.errors",
    "Request": ".request",
    "Snapshot": "kerege.evidence.data.snapshot",
    "attribute_inference": ".evaluation.attacks.on_frames",
    "evaluate": ".evaluation.evaluate",
    "expected_error": ".pipeline",
    "k_anonymous": ".k_anonymity.assemble",
    "membership_inference": ".evaluation.attacks.on_frames",
    "refit": ".evaluation.refit",
    "singling_out": ".evaluation.attacks.on_frames",
    "synthesize": ".pipeline",
    "utility": ".evaluation.utility",
}

__all__ = [
    "PRESETS",
    "BadInput",
    "Ledger",
    "Refused",
    "Request",
    "Snapshot",
    "attribute_inference",
    "evaluate",
    "expected_error",
    "k_anonymous",
    "membership_inference",
    "refit",
    "singling_out",
    "synthesize",
    "utility",
]

if not TYPE_CHECKING:  # a type checker sees the imports above, and no other name

    def __getattr__(name: str) -> Any:
        return lazy_names.load(__name__, _HOMES, name)
