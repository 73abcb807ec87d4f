"""Records of the demo programme as plain values. Loading assigns ids and encrypts identities."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

RELEASE_YEARS = (2023, 2024, 2025)  # the demo publishes a release for each of these years


@dataclass(frozen=True)
class DemoAgency:
    """An organisation of the programme."""

    code: str
    kind: str
    region: str
    country: str
    parent: str
    languages: tuple[str, ...]
    names: dict[str, str]
    national: bool = False
    register_code: str = ""  # its code in the register, if that is another one


@dataclass(frozen=True)
class DemoUser:
    """A user of the system."""

    username: str
    full_name: str
    role: str
    agency: str
    language: str


@dataclass
class DemoService:
    """One service of a case; the same fields as in the register."""

    kind: str
    payer: str
    provider: str
    status: str
    started_on: date | None
    ended_on: date | None = None
    requested_on: date | None = None


@dataclass
class DemoDecision:
    """An identification decision."""

    track: str
    kind: str
    status: str
    authority: str
    decided_on: date
    standard_of_proof: str = ""
    notified_on: date | None = None
    review_on: date | None = None
    documents: list[str] = field(default_factory=list)


@dataclass
class DemoCase:
    """One agency's case of one person. Cases with the same `person` are linked in the register."""

    key: str
    person: str
    agency: str
    identity: dict[str, Any]
    registered_on: date
    origin: str = ""
    age_band: str = ""
    region: str = ""
    route: str = ""
    independent: bool = True
    risk: str = ""
    caseworker: str = ""
    status: str = "closed"
    closure_reason: str = ""
    ended_on: date | None = None
    closed_on: date | None = None
    exploitations: list[dict[str, Any]] = field(default_factory=list)
    services: list[DemoService] = field(default_factory=list)
    decisions: list[DemoDecision] = field(default_factory=list)


@dataclass
class DemoCrime:
    """A crime recorded by a source; suspects are (sex, roles, organised group, stage)."""

    source: str
    agency: str
    number: str
    offence: str
    registered_on: date
    region: str
    stage: str
    stage_on: date | None
    suspects: list[tuple[str, list[str], str, str]]


@dataclass
class DemoContact:
    """A contact with the hotline."""

    at: datetime
    channel: str
    caller: str
    topic: str
    outcome: str
    region: str
    language: str


@dataclass
class DemoCampaign:
    """An awareness campaign."""

    agency: str
    titles: dict[str, str]
    audience: str
    channels: list[str]
    region: str
    starts_on: date
    ends_on: date
    reach: int
    cost: int
    planned_reach: int
    planned_cost: int
    reach_by_channel: dict[str, int]
    languages: list[str]
    materials: list[str]


@dataclass
class DemoSignal:
    """A signal in an agency's inbox; `state` is new, seen, closed, or the key of the resulting case."""

    from_agency: str
    to_agency: str
    channel: str
    received_on: date
    caller: str
    urgency: str
    region: str
    language: str
    suspected_form: str
    narrative: str
    state: str = "new"
    people: int | None = None


@dataclass
class DemoTask:
    """A task of a user, with or without a case."""

    agency: str
    assignee: str
    kind: str
    due_on: date
    case: str = ""


@dataclass
class DemoConsent:
    """A consent; a referral names it by `key`."""

    key: str
    case: str
    purpose: str
    recipient: str
    categories: list[str]
    manner: str
    language: str
    given: bool
    on: date


@dataclass
class DemoReferral:
    """A referral on the basis of a consent (its key) or of the law; `answers` are in order."""

    case: str
    to_agency: str
    services: list[str]
    categories: list[str]
    due_on: date
    consent: str = ""
    legal_basis: str = ""
    urgency: str = "normal"
    message: str = ""
    answers: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Live:
    """Live work on the day of the demo."""

    cases: list[DemoCase] = field(default_factory=list)
    shares: list[tuple[str, str]] = field(default_factory=list)  # case key, agency
    notes: list[tuple[str, str]] = field(default_factory=list)  # case key, text
    needs: list[tuple[str, date, dict[str, int], str]] = field(default_factory=list)  # case key, day, needs, risk
    screenings: list[tuple[str, date, dict[str, str]]] = field(default_factory=list)  # case key, day, answers
    tasks: list[DemoTask] = field(default_factory=list)
    consents: list[DemoConsent] = field(default_factory=list)
    referrals: list[DemoReferral] = field(default_factory=list)
    signals: list[DemoSignal] = field(default_factory=list)
    crimes: list[DemoCrime] = field(default_factory=list)


@dataclass
class World:
    """All generated records, with the true persons of planted duplicates (never loaded)."""

    agencies: list[DemoAgency]
    users: list[DemoUser]
    cases: list[DemoCase]
    crimes: list[DemoCrime]
    contacts: list[DemoContact]
    campaigns: list[DemoCampaign]
    live: Live
    truth: list[tuple[str, str]] = field(default_factory=list)  # key of a planted duplicate, its true person
    undetected: int = 0  # victims of 2021-2025 whom no agency detected; they have no record
