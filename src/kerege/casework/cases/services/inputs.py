"""Input values of a registration and of a decision, before they are stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kerege.casework.cases.models.case import Case, Exploitation
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.accounts.models import Agency, User


@dataclass
class Registration:
    """A person and their case. The agency, the identity (possibly empty) and the day are required."""

    agency: Agency
    identity: Identity
    registered_on: date
    record: IdentityRecord | None = None  # an existing record of the person at this agency
    source_id: str = ""  # ids in the agency's own system, stored only as keyed hashes and inside the identity
    case_source_id: str = ""
    caseworker: User | None = None
    route: str = ""
    detected_independently: bool = True
    region: str = ""
    risk_level: str = ""
    status: str = "open"
    closure_reason: str = ""
    ended_on: date | None = None
    closed_on: date | None = None
    age_band: str = ""  # used when the birth date is unknown
    origin_country: str = ""
    # Values without a column of their own, or a function that builds them from the unsaved case and episodes.
    supplement: dict[str, Any] | Callable[[Case, Sequence[Exploitation]], dict[str, Any]] = field(default_factory=dict)
    exploitations: list[dict[str, Any]] = field(default_factory=list)  # fields of Exploitation


@dataclass
class DecisionDraft:
    """A decision about a victim status, before it is stored."""

    case: Case
    track: str
    resulting_status: str
    decided_on: date
    decided_by: str
    kind: str = ""
    authority: Agency | None = None
    authority_kind: str = ""
    standard_of_proof: str = ""
    grounds: str = ""
    documents_used: list[str] = field(default_factory=list)
    notified_on: date | None = None
    review_on: date | None = None
