"""The card of a pair: as much of two records as is needed to tell whether they are one person, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from kerege.casework.persons.models import MatchCandidate
from kerege.core.access import Actor


@dataclass(frozen=True)
class Line:
    """One field of both; `agrees` stands only where the values themselves are not shown (numbers)."""

    field: str
    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    agrees: bool | None = None


@dataclass(frozen=True)
class PairCard:
    """Two records side by side without score, agency, reference or form of exploitation."""

    candidate: MatchCandidate
    lines: list[Line]


def pair_card(actor: Actor, candidate: MatchCandidate) -> PairCard:
    """The card, for somebody who may answer now; the read of both identities is noted in the audited page or act.

    Raises Denied for anybody else.
    """
    raise NotImplementedError
