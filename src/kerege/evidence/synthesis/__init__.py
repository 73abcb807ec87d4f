"""Synthetic microdata: records that tell what the register tells, and of which nobody is one."""

from kerege.evidence.synthesis.evaluation.refit import refit
from kerege.evidence.synthesis.pipeline import Request, expected, loss, request_of, synthesize
from kerege.evidence.synthesis.presets import PRESETS

__all__ = ["PRESETS", "Request", "expected", "loss", "refit", "request_of", "synthesize"]
