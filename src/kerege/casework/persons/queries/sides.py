"""Two records of one agency field by field, before they are merged."""

from __future__ import annotations

from dataclasses import dataclass, field

from kerege.casework.cases.models import Case
from kerege.casework.vault.models import IdentityRecord
from kerege.core.access import Actor


@dataclass(frozen=True)
class FieldPair:
    """One field of the identity: its values as text, whether both can be kept, what is chosen unless said otherwise."""

    name: str
    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    both: bool
    # left, right, both; '' has to be chosen
    default: str


@dataclass(frozen=True)
class Sides:
    """What the page of a merge shows."""

    kept: IdentityRecord
    other: IdentityRecord
    fields: list[FieldPair]
    # running cases of both; of two one goes on
    cases: list[Case] = field(default_factory=list)
    # codes of words.RISKS: any one asks for a second reviewer
    risks: list[str] = field(default_factory=list)
    # whether two people called them the same already
    confirmed: bool = False
    # how many consents of one will be withdrawn because she refused or withdrew in the other
    stricter: int = 0


def side_by_side(actor: Actor, kept: IdentityRecord, other: IdentityRecord) -> Sides:
    """Both records, for somebody who may merge both; the reads are noted in the audited page or act."""
    raise NotImplementedError
