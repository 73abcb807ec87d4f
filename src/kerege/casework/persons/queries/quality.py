"""How well people and machine tell persons apart: agreement, false merges, rates by group, age of the queue."""

from __future__ import annotations

from dataclasses import dataclass, field

from kerege.core.access import Actor


@dataclass(frozen=True)
class Rates:
    """Of the pairs of one group: how many were proposed, and the shares answered each way (of those answered)."""

    group: str
    label: str
    proposed: int
    same: float | None
    different: float | None
    unsure: float | None


@dataclass(frozen=True)
class Board:
    """Figures of the clerical review; None where nothing can be said yet. Small groups are joined to others."""

    # pairs answered by two reviewers, and how often they agree; Cohen's kappa
    twice: int = 0
    agreement: float | None = None
    kappa: float | None = None
    # concluded links looked at once more, those called different, the share with its 95% interval
    sampled: int = 0
    false_merges: int = 0
    false_rate: float | None = None
    interval: tuple[float, float] | None = None
    by_sex: list[Rates] = field(default_factory=list)
    by_script: list[Rates] = field(default_factory=list)
    # the queue: pairs that wait, days of the oldest and of the median
    waiting: int = 0
    oldest_days: int | None = None
    median_days: int | None = None
    # the model of now, and how many open pairs were scored by an older one
    model_version: str = ""
    outdated: int = 0


def quality(actor: Actor) -> Board:
    """The board, over all agencies for the coordinator and the auditor."""
    raise NotImplementedError
