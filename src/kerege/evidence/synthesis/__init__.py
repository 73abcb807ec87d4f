"""Synthetic microdata: records that tell what the register tells, and of which nobody is one."""

from kerege.evidence.synthesis.presets import PRESETS
from kerege.evidence.synthesis.produce import Request, expected, loss, produce, request_of
from kerege.evidence.synthesis.refitting import refit

__all__ = ["PRESETS", "Request", "expected", "loss", "produce", "refit", "request_of"]
