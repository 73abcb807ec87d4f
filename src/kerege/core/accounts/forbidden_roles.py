"""Roles that are held against the country profile: listed, announced, and ended after 14 days.

A role becomes one when the profile changes, when an agency is no longer national, or when an earlier version gave it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.utils import timezone

from kerege.core import audit
from kerege.core.accounts import sessions
from kerege.core.accounts.events import forbidden_roles_ended, roles_forbidden
from kerege.core.accounts.models import FORBIDDEN_DAYS, Agency, Role, RoleAssignment
from kerege.core.accounts.role_rules import conflicts, is_permitted, store_permissions
from kerege.core.authorization import Actor

UNDATED = datetime.min.replace(tzinfo=UTC)


def is_last_administrator(row: RoleAssignment, forbidden: Collection[int]) -> bool:
    """Return whether nobody else can manage the agency; the `forbidden` roles of others do not count.

    `forbidden` holds the primary keys of the roles that `list_forbidden` returns.
    """
    others = RoleAssignment.objects.filter(agency=row.agency_id, role=Role.ADMINISTRATOR, user__is_active=True)
    return row.role == Role.ADMINISTRATOR and not others.exclude(pk__in={row.pk, *forbidden}).exists()


def list_forbidden() -> list[RoleAssignment]:
    """Return every role that is held against the rules, by user name.

    When two roles exclude one another, the later one is listed, but never that of an agency's last administrator.
    """
    rows = RoleAssignment.objects.select_related("agency", "user").order_by("user__username", "pk")
    users = [list(group) for _user, group in groupby(rows, key=attrgetter("user_id"))]
    kept = _last_administrators(users)
    return [row for own in users for row in _forbidden_among(own, kept)]


def _forbidden_among(rows: Iterable[RoleAssignment], first: Collection[int] = ()) -> list[RoleAssignment]:
    """Return the roles of one user that they may not hold; the `first` roles go before older ones."""
    kept: list[str] = []
    forbidden = []
    for row in sorted(rows, key=lambda row: (row.pk not in first, _age(row))):
        if is_permitted(row.agency, row.role) and conflicts([*kept, row.role]) is None:
            kept.append(row.role)
        else:
            forbidden.append(row)
    return forbidden


def _last_administrators(users: Iterable[list[RoleAssignment]]) -> set[int]:
    """Return one administrator of each agency whose administrators would all be forbidden.

    The result is primary keys. The one who has the role longest stays; without an active one, all stay.
    """
    agencies: dict[UUID, list[RoleAssignment]] = defaultdict(list)
    forbidden: set[int] = set()
    for rows in users:
        forbidden |= {row.pk for row in _forbidden_among(rows)}
        for row in rows:
            if row.role == Role.ADMINISTRATOR:
                agencies[row.agency_id].append(row)
    kept: set[int] = set()
    for administrators in agencies.values():
        active = [row for row in administrators if row.user.is_active]
        if not active:
            kept |= {row.pk for row in administrators}
        elif forbidden.issuperset(row.pk for row in active):
            kept.add(min(active, key=_age).pk)
    return kept


def _age(row: RoleAssignment) -> tuple[datetime, int]:
    return row.since or UNDATED, row.pk


def ends_on(row: RoleAssignment) -> date:
    """Return the day on which a forbidden role ends at the latest."""
    return timezone.localtime((row.forbidden_since or timezone.now()) + timedelta(days=FORBIDDEN_DAYS)).date()


def end_forbidden_roles(now: datetime) -> None:
    """Record and announce new forbidden roles; end those that were announced 14 days ago."""
    store_permissions()
    rows = list_forbidden()
    forbidden = {row.pk for row in rows}
    RoleAssignment.objects.exclude(forbidden_since=None).exclude(pk__in=forbidden).update(forbidden_since=None)
    if new := [row for row in rows if row.forbidden_since is None]:
        _announce(new, now)
    if due := [
        row for row in rows if row.forbidden_since and now >= row.forbidden_since + timedelta(days=FORBIDDEN_DAYS)
    ]:
        _end(due)


def _announce(rows: list[RoleAssignment], now: datetime) -> None:
    with audit.act(Actor.system("access-review"), "access.forbid") as event:
        RoleAssignment.objects.filter(pk__in=[row.pk for row in rows]).update(forbidden_since=now)
        event.note(roles=_names(rows))
        roles_forbidden.send(RoleAssignment, assignments=rows)


def _end(rows: list[RoleAssignment]) -> None:
    with audit.act(Actor.system("access-review"), "access.end_forbidden") as event:
        # asked again under the lock: another administrator can have left since the rows were listed
        agencies = Agency.objects.select_for_update().filter(pk__in={row.agency_id for row in rows}).order_by("pk")
        locked, forbidden = list(agencies), {row.pk for row in list_forbidden()}
        rows = [row for row in rows if row.pk in forbidden]
        event.note(ended=_names(rows))
        for row in rows:
            row.delete()
            if not row.user.assignments.all().exists():
                sessions.end_all(row.user)
        for agency in locked:
            if count := sum(row.agency_id == agency.pk for row in rows):
                forbidden_roles_ended.send(RoleAssignment, agency=agency, count=count)


def _names(rows: list[RoleAssignment]) -> list[str]:
    return sorted(f"{row.user_id}:{row.role}:{row.agency_id}" for row in rows)
