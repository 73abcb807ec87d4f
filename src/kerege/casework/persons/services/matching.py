"""The machine's run: candidates by blind index, scored, proposed, withdrawn; never a silent merge."""

from __future__ import annotations

from dataclasses import dataclass

from kerege.core.access import Actor


@dataclass
class Run:
    """What one run did: how many records it looked at, what it proposed, withdrew and linked."""

    records: int = 0
    proposed: int = 0
    withdrawn: int = 0
    linked: int = 0
    parted: int = 0


def match_due(actor: Actor) -> Run:
    """Match every record that waits for it. One event a run."""
    raise NotImplementedError


def rematch(actor: Actor) -> Run:
    """Match the whole register again: what is found now, what does not hold any more. One event a run."""
    raise NotImplementedError
