"""First look: noisy counts of single values that choose what is measured with the rest of the loss.

The look is a charged measurement like any other, and its noisy counts are the only data of the records that the choice
sees. Losses of the look and of the measurement add up (adaptive composition of zCDP: Bun and Steinke 2016, Lemma 2.3).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed
from kerege.evidence.dp.gaussian_noise import Noise
from kerege.evidence.synthesis import certificate as certificates
from kerege.evidence.synthesis.certificate import Facts
from kerege.evidence.synthesis.measurement import measure
from kerege.evidence.synthesis.measurement.choice import PublicationChoice, choose_from_noise
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from kerege.evidence.synthesis.measurement.public_schema import Schema
from kerege.evidence.synthesis.presets import LOOK, PRESETS
from kerege.evidence.synthesis.request import Request

TABLES_ONLY = {  # conclusion where records would be of no use
    "worth": False,
    "advice": "records of these people would be mostly noise: publish the noisy counts instead",
    "fit": [],
}
NO_COHORTS = "--auto would choose other columns for each cohort, and cohorts of one series have the same columns"
CHOSEN_BY = "noisy counts of single values and of values per record, charged as the first steps of the guarantee"


@dataclass(frozen=True)
class FirstLook:
    """The choice, the columns it chose among, and the charged steps that it follows from."""

    choice: PublicationChoice
    columns: tuple[str, ...]
    steps: list[Facts]

    @property
    def described(self) -> Facts:
        """Return the choice for a certificate."""
        left_out = [name for name in self.columns if name not in self.choice.columns]
        return asdict(self.choice) | {
            "columns": list(self.choice.columns),
            "left_out": left_out,
            "share_of_rho": LOOK,
            "by": CHOSEN_BY,
        }


def check_auto(request: Request, public: Schema, *, has_cohorts: bool = False) -> None:
    """Raise BadInput for a choice among cohorts, or among columns whose values nobody listed."""
    if not request.auto:
        return
    if has_cohorts:
        raise BadInput(Fault(NO_COHORTS, "leave out --auto, or the cohorts"))
    if unlisted := [column.name for column in public if column.open]:
        what = f"--auto needs public values for each column, and nobody listed those of {listed(unlisted)}"
        raise BadInput(Fault(what, "list them in a schema file, or leave out these columns or --auto"))


def look(rows: pl.DataFrame, request: Request, public: Schema, rho: float, noise: Noise) -> FirstLook:
    """Return the choice that a share LOOK of the loss `rho` suggests for the rest of it."""
    thresholds = PRESETS[request.preset].thresholds
    first, _ = measure.measure(rows, public, measure.plan(rho * LOOK, 1, thresholds), noise)
    choice = choose_from_noise(first, public, rho * (1 - LOOK), request.order, thresholds)
    return FirstLook(choice, tuple(column.name for column in public), _describe_steps(first))


def _describe_steps(first: Noisy) -> list[Facts]:
    """Return the steps of the look without what only records have."""
    kept = ("measured", "sensitivity", "clip", "sigma", "rho", "cells", "counted_in")
    return [
        {"first_look": True, **{name: step[name] for name in kept if name in step}}
        for step in certificates.steps(first)
    ]
