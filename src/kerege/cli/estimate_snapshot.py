"""Lists and strata of a snapshot for `kerege estimate`."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
from rich.console import Console

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.cli.text_grid import build_grid
from kerege.evidence.data import snapshot
from kerege.evidence.mse.by_stratum.answer_by import StratifiedAnswer, answer_by, headline_of_strata
from kerege.evidence.mse.by_stratum.population_file import Denominators, read_denominators
from kerege.evidence.mse.by_stratum.stratum_table import (
    shift_sentence,
    stratum_headers,
    stratum_rows,
    stratum_sentences,
)
from kerege.evidence.mse.detections import Detected, people_by, snapshot_lists
from kerege.evidence.mse.lists import Lists
from kerege.evidence.mse.panels.panel import Panel

WIDTH = 120  # least width of the table of strata, in characters


@dataclass(frozen=True)
class AnsweredStrata:
    """Answers by stratum, and the panel with the headline that follows from them."""

    answers: StratifiedAnswer
    panel: Panel

    def describe_shift(self, lang: str) -> list[str]:
        """Return the line on covariates beside the headline, if there is one."""
        sentence = shift_sentence(self.answers, lang)
        return [sentence] if sentence else []

    def print(self, lang: str) -> None:
        """Print the table of the strata and its sentences."""
        console = Console(markup=False, highlight=False, width=max(WIDTH, Console().width))
        print()
        console.print(build_grid(stratum_headers(self.answers, lang), stratum_rows(self.answers, lang)))
        print("\n" + "\n".join(stratum_sentences(self.answers, lang)))


@dataclass(frozen=True)
class SnapshotStrata:
    """People of a snapshot by list and covariate, and the denominators of rates."""

    people: pl.DataFrame
    lists: Sequence[str]
    by: tuple[str, ...]
    denominators: Denominators | None

    def answer(self, result: Panel) -> AnsweredStrata:
        """Return the answers by stratum for the lists of a panel, compared with a fit of the covariates."""
        answers = answer_by(
            self.people,
            self.lists,
            self.by,
            denominators=self.denominators,
            settings=result.settings,
            estimate=result.headline.estimate or math.nan,
            times=result.options.times,
            seed=result.options.seed,
        )
        return AnsweredStrata(answers, replace(result, headline=headline_of_strata(result.headline, answers)))


def read_snapshot_lists(path: Path, period: str, names: Sequence[str]) -> Lists:
    """Return the lists of the detections in a snapshot; print what happens to small lists."""
    detections = snapshot_lists(snapshot.read(path), period, lists=names)
    _check_named(detections, path)
    for line in detections.notes:
        print(f"note: {line}", file=sys.stderr)
    return detections.lists


def _check_named(detections: Detected, path: Path) -> None:
    """Raise BadInput if a named list has nobody."""
    if detections.nobody:
        kinds = sorted({kind for group in detections.groups.values() for kind in group})
        unknown = ", ".join(shown(name) for name in detections.nobody)
        raise BadInput(Fault(f"nobody was detected by {unknown}", f"name some of {', '.join(kinds)}", str(path)))


def read_strata(
    path: Path, period: str, *, names: Sequence[str], by: Sequence[str], population: Path | None, encoding: str
) -> SnapshotStrata | None:
    """Read the people of a snapshot by list and covariate, and the denominators; None without covariates."""
    if not by:
        return None
    denominators = read_denominators(population, by, encoding) if population else None
    detected, people = people_by(snapshot.read(path), by, period, lists=names)
    return SnapshotStrata(people, detected.lists.names, tuple(by), denominators)
