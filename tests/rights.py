"""Tables of rights written by hand, compared with the rules for every role.

A table says for each action which rows each role reaches. A row is called by its relation to the agency of the actor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from django.db import models
from django.utils import timezone

from kerege.base.steady_clock import CLOCK
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.vault.models.files import StoredFile
from kerege.casework.vault.models.identities import DataKey
from kerege.core import authorization
from kerege.core.accounts.models import Agency, User
from kerege.core.audit import clock
from kerege.core.authorization import Actor
from kerege.core.authorization.rules import rules

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
DAY = date(2025, 3, 3)
ROLES = (
    "first_responder",
    "caseworker",
    "supervisor",
    "identifying_officer",
    "justice_officer",
    "coordinator",
    "analyst",
    "publisher",
    "minister",
    "auditor",
    "administrator",
    "secretary",
)
SCOPES = ("api:signals", "api:inbox", "api:referrals", "api:records", "api:export")
OPERATOR = "operator"
EVERY_ROLE = (*ROLES, *SCOPES, OPERATOR)

# action -> name of a row -> roles that may do it; an action about no rows has the name NO_ROW
NO_ROW = "-"
Rights = Mapping[str, Mapping[str, set[str]]]

# values that constraints of the database ask for
CHECKED: dict[type[models.Model], dict[str, Any]] = {
    Agency: {"kind": "crisis_centre"},
    DataKey: {"wrapped": b"wrapped"},
    StoredFile: {"wrapped": b"wrapped"},
    Referral: {"legal_basis": "law"},
}

_numbers = count(1)


def make(model: type[models.Model], **values: Any) -> Any:
    """Store a row; a required column without a value gets a related row, a day, a time, zero or a text."""
    values = CHECKED.get(model, {}) | values
    for column in model._meta.concrete_fields:
        optional = column.null or column.blank or column.has_default() or column.primary_key
        if column.name not in values and not optional:
            values[column.name] = _value(column)
    row = model(**values)
    row.save(force_insert=True)
    return row


def _value(column: models.Field[Any, Any]) -> Any:
    if column.related_model is not None:
        return make(column.related_model)
    if isinstance(column, models.DateTimeField):
        return NOW
    if isinstance(column, models.DateField):
        return DAY
    if isinstance(column, (models.FloatField, models.IntegerField, models.BooleanField)):
        return 0
    return b"x" if isinstance(column, models.BinaryField) else f"x{next(_numbers)}"


@dataclass
class Rows:
    """The rows of one register by name, and the user and the agency that the table speaks of."""

    own: Agency
    user: User
    rows: dict[str, models.Model] = field(default_factory=dict)

    def add(self, name: str, model: type[models.Model], **values: Any) -> Any:
        """Store a row under a name."""
        self.rows[name] = make(model, **values)
        return self.rows[name]

    def of(self, model: type[models.Model]) -> dict[str, models.Model]:
        """Return the rows of a model."""
        return {name: row for name, row in self.rows.items() if type(row) is model}

    def actor(self, role: str) -> Actor:
        """Return the user in their agency with one role, or the operator."""
        if role == OPERATOR:
            return Actor.system("tests")
        return Actor(f"user:{self.user.username}", self.user.pk, self.own.pk, frozenset({role}))


def start_rows() -> Rows:
    """Return an own agency and its user, without rows."""
    return Rows(make(Agency), make(User))


def list_differences(table: Rights, rows: Rows, roles: tuple[str, ...] = EVERY_ROLE) -> list[tuple[Any, ...]]:
    """Return (action, role, rows that the rules open, rows that the table opens) wherever these differ."""
    return [
        (action, role, opened, expected)
        for action, entry in table.items()
        for role in roles
        for opened, expected in [_compare(action, entry, rows, role)]
        if opened != expected
    ]


def _compare(action: str, entry: Mapping[str, set[str]], rows: Rows, role: str) -> tuple[list[str], list[str]]:
    model, actor = authorization.model_of(action), rows.actor(role)
    expected = sorted(name for name, roles in entry.items() if role in roles)
    if model is None:
        return [NO_ROW] * authorization.allows(actor, action), expected
    stored = {row.pk: name for name, row in rows.of(model).items()}
    opened = authorization.scope(actor, model, action=action).filter(pk__in=list(stored)).values_list("pk", flat=True)
    return sorted(stored[pk] for pk in opened), expected


def list_actions(*areas: str) -> Iterator[str]:
    """Yield the actions that the rules of these areas declare, such as `beds` of `beds.use`."""
    return (rule.action for rule in rules.all() if rule.action.partition(".")[0] in areas)


def stop_clock(monkeypatch: Any, at: datetime = NOW) -> None:
    """Let the rules read one time, so that a test can state what holds at exactly this moment."""
    monkeypatch.setattr(timezone, "now", lambda: at)
    monkeypatch.setattr(clock, "now", lambda: at)
    # the policies of PostgreSQL get the time of this clock
    monkeypatch.setattr(CLOCK, "now", lambda machine=None: at)
