"""What is told when something is registered, before it is stored."""

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
    """A person and her case. Only the agency, the identity (possibly empty) and the day are needed."""

    agency: Agency
    identity: Identity
    registered_on: date
    record: IdentityRecord | None = None  # the agency knows her already
    source_id: str = ""  # the agency's own ids, kept only as keyed hashes and inside the identity
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
    age_band: str = ""  # where neither a birth date nor an age is known
    origin_country: str = ""
    # what the register cannot hold in columns, or a function that tells it from the built rows
    supplement: dict[str, Any] | Callable[[Case, Sequence[Exploitation]], dict[str, Any]] = field(default_factory=dict)
    exploitations: list[dict[str, Any]] = field(default_factory=list)  # fields of Exploitation


@dataclass
class DecisionDraft:
    """A conclusion about a victim status."""

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
