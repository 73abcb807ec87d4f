"""Synthetic microdata: records that tell what the register tells, and of which nobody is one."""

from kerege.evidence.synthesis.evaluation.refit import refit
from kerege.evidence.synthesis.presets import PRESETS
from kerege.evidence.synthesis.request import Request
from kerege.evidence.synthesis.synthesize import expected, loss, request_of, synthesize

__all__ = ["PRESETS", "Request", "expected", "loss", "refit", "request_of", "synthesize"]
