"""Pydantic field types of a privacy loss: epsilon, and the delta at which epsilon holds."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Strict

from kerege.base.file_model import Otherwise
from kerege.evidence.dp.zcdp import MOST_DELTA

Epsilon = Annotated[
    float,
    Strict(),
    Field(ge=0.001, le=100),
    Otherwise("epsilon is not a number from 0.001 to 100", "give one such as 4"),
]
Delta = Annotated[
    Annotated[float, Strict(), Field(ge=1e-30, le=MOST_DELTA)] | None,
    Otherwise("delta is not a number from 1e-30 to 0.0001", "give one such as 1e-9, or none"),
]
