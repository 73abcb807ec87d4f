"""Who acts: a user in one of her agencies, or the system's operator at the command line."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from django.http import HttpRequest

    from kerege.core.accounts.models import Agency, User

AGENCY_KEY = "agency"
OPERATOR = "operator"


@dataclass(frozen=True)
class Actor:
    """The one who asks. `label` is what the audit writes; roles are those held in `agency_id`."""

    label: str
    user_id: UUID | None = None
    agency_id: UUID | None = None
    roles: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, request: HttpRequest) -> Actor:
        """The signed-in user in the agency she chose, asked from the database once a request."""
        cached: Actor | None = getattr(request, "_actor", None)
        if cached is None:
            cached = _from_request(request)
            request._actor = cached  # type: ignore[attr-defined]
        return cached

    @classmethod
    def for_user(cls, user: User, agency: Agency | None = None) -> Actor:
        """A user in an agency; without one, in the first of hers."""
        return _in_agency(user, agency.pk if agency else None)

    @property
    def agency(self) -> Agency:
        """The agency in which she acts; Agency.DoesNotExist for an actor outside any."""
        from kerege.core.accounts.models import Agency

        return Agency.objects.get(pk=str(self.agency_id))

    @classmethod
    def system(cls, name: str = "") -> Actor:
        """The operator of a command or a scheduled job; without a name, the system user."""
        return cls(label=f"cli:{name or _system_user()}", roles=frozenset({OPERATOR}))


NOBODY = Actor(label="anonymous")


def _from_request(request: HttpRequest) -> Actor:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return NOBODY
    chosen = request.session.get(AGENCY_KEY)
    return _in_agency(user, UUID(chosen) if chosen else None)


def _in_agency(user: User, chosen: UUID | None) -> Actor:
    label = f"user:{user.username}"
    if not user.is_active:
        return Actor(label=label, user_id=user.pk)
    rows = user.assignments.filter(agency__active=True).order_by("agency__code").values_list("agency_id", "role")
    by_agency: dict[UUID, set[str]] = {}
    for held_in, role in rows:
        by_agency.setdefault(held_in, set()).add(role)
    agency_id: UUID | None = chosen if chosen in by_agency else next(iter(by_agency), None)
    roles = by_agency[agency_id] if agency_id else set()
    return Actor(label=label, user_id=user.pk, agency_id=agency_id, roles=frozenset(roles))


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "system"
