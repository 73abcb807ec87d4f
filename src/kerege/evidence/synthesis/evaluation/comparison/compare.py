"""All comparisons of synthetic records with real ones, and why a comparison could not be made."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import polars as pl

from kerege.evidence.synthesis.evaluation.comparison.holdout import Holdout
from kerege.evidence.synthesis.evaluation.comparison.predictions import LEAST_PEOPLE, Prediction, predict
from kerege.evidence.synthesis.evaluation.comparison.profiles import LEAST_GROUP, SubgroupProfile, profile
from kerege.evidence.synthesis.evaluation.comparison.sampling_error import measure_sampling_errors
from kerege.evidence.synthesis.evaluation.comparison.trends import Trend, trend

OTHERS, PREDICTIONS, PROFILES, TREND = PARTS = ("others", "predictions", "profiles", "trend")
NO_TARGETS = f"no column has two answers of {LEAST_PEOPLE} people or more"
NO_GROUPS = f"no value is of {LEAST_GROUP} people or more"
NO_PERIODS = "no column holds years, quarters or months"
NO_CHANGES = "no count changes clearly from one period to the next"


@dataclass(frozen=True)
class SideComparison:
    """Figures beside the errors of counts.

    `sampling_errors` are by length the errors of counts of other real people, `others` in number. `untried` has the
    reason for each of PARTS that was not compared.
    """

    others: int
    sampling_errors: tuple[float | None, ...]
    predictions: tuple[Prediction, ...]
    profiles: tuple[SubgroupProfile, ...]
    trend: Trend | None
    untried: dict[str, str]

    def as_dict(self) -> dict[str, object]:
        """Return the comparisons for JSON."""
        return asdict(self)


def compare(
    original: pl.DataFrame, synthetic: pl.DataFrame, order: int, seed: int, *, holdout: Holdout | None, reason: str
) -> SideComparison:
    """Make all comparisons; `reason` says why there is no holdout.

    Parameters
    ----------
    original, synthetic : DataFrame
        Real rows and synthetic records, with the same columns of text or lists of text.
    order : int
        Length of the longest combinations that are counted.
    seed : int
        Seed by which rows are drawn.
    holdout : Holdout or None
        Other real people; without them models are not compared.
    reason : str
        Why there is no holdout; '' if there is one.

    Returns
    -------
    SideComparison
        Empty parts have a reason in `untried`.

    Examples
    --------
    >>> rows = pl.DataFrame({"sex": ["f", "m"] * 50, "form": ["a", "b"] * 50})
    >>> sorted(compare(rows, rows, 2, 1, holdout=None, reason="there are no other people").untried)
    ['others', 'predictions', 'trend']
    """
    names = original.columns
    synthetic = synthetic.select(names)
    errors = measure_sampling_errors(holdout, order) if holdout else []
    predictions = predict(holdout, seed) if holdout else []
    profiles, over_time = profile(original, synthetic, holdout), trend(original, synthetic, holdout)
    untried = {} if holdout else {OTHERS: reason, PREDICTIONS: reason}
    if holdout and not predictions:
        untried[PREDICTIONS] = NO_TARGETS
    if not profiles:
        untried[PROFILES] = NO_GROUPS
    if over_time is None or not over_time.changes:
        untried[TREND] = NO_PERIODS if over_time is None else NO_CHANGES
    return SideComparison(
        others=holdout.others.height if holdout else 0,
        sampling_errors=tuple(errors),
        predictions=tuple(predictions),
        profiles=tuple(profiles),
        trend=over_time,
        untried=untried,
    )
