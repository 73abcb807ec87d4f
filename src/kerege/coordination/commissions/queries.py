"""Read operations of commissions: meetings with clocks, decisions with computed states, cited tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch, QuerySet

from kerege.coordination import citations
from kerege.coordination.commissions.models import (
    AgendaItem,
    Commission,
    CommissionMember,
    Meeting,
    Resolution,
    ResolutionBody,
)
from kerege.coordination.reports import SENT
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.publishing.presenters.tables import DisplayedTable, present_table
from kerege.vocabulary.profile import active

LONGEST = 1000  # days that are looked back
STATES = ("open", "reported", "overdue", "done")


@dataclass(frozen=True)
class ResolutionLine:
    """A decision with its computed state and its bodies."""

    resolution: Resolution
    state: str
    bodies: Sequence[ResolutionBody]


@dataclass(frozen=True)
class CitedTable:
    """Table of a release that an item cites; `mark` says why its figures no longer stand."""

    release: str
    title: str
    table: DisplayedTable | None
    mark: str = ""  # corrected or gone


def list_commissions(actor: Actor) -> QuerySet[Commission]:
    """Return the commissions that the actor may see, the interagency one first."""
    rows = authorization.scope(actor, Commission, action="commissions.read").select_related("agency")
    return rows.order_by("region", "pk")


def list_members(actor: Actor, commission: Commission, today: date) -> list[CommissionMember]:
    """Return the present members, the chair first."""
    rows = authorization.scope(actor, CommissionMember, action="commissions.list_members").filter(commission=commission)
    present = [row for row in rows.select_related("agency") if row.until_on is None or row.until_on > today]
    order = ("chair", "deputy_chair", "secretary", "member")
    return sorted(present, key=lambda row: order.index(row.post))


def list_meetings(actor: Actor, commission: Commission) -> QuerySet[Meeting]:
    """Return the meetings of a commission, newest first."""
    return authorization.scope(actor, Meeting, action="commissions.read_meeting").filter(commission=commission)


def list_resolutions(actor: Actor, today: date, **lookup: object) -> list[ResolutionLine]:
    """Return decisions with their states, by deadline."""
    bodies = authorization.scope(actor, ResolutionBody, action="commissions.list_bodies").select_related("agency")
    rows = authorization.scope(actor, Resolution, action="commissions.list_resolutions").filter(**lookup)
    rows = rows.select_related("meeting__commission").prefetch_related(Prefetch("bodies", bodies))
    return [_line(row, today) for row in rows.order_by("due_on", "number")]


def _line(row: Resolution, today: date) -> ResolutionLine:
    bodies = list(row.bodies.all())
    return ResolutionLine(row, state_of([body.state for body in bodies], row.due_on, today), bodies)


def state_of(reports: Sequence[str], due_on: date, today: date) -> str:
    """Return the state of a decision from the states of its bodies' reports.

    Examples
    --------
    >>> state_of(["accepted", "submitted"], date(2026, 3, 1), date(2026, 4, 1))
    'reported'
    """
    if reports and all(state == "accepted" for state in reports):
        return "done"
    if reports and all(state in SENT for state in reports):
        return "reported"
    return "overdue" if due_on < today else "open"


def count_states(lines: Iterable[ResolutionLine]) -> list[tuple[str, int]]:
    """Return (state, number of decisions)."""
    counts = Counter(line.state for line in lines)
    return [(state, counts[state]) for state in STATES]


def list_own(actor: Actor) -> QuerySet[ResolutionBody]:
    """Return the decisions that the actor's agency carries out, by deadline."""
    rows = authorization.scope(actor, ResolutionBody, action="commissions.report")
    return rows.select_related("resolution__meeting__commission").order_by("resolution__due_on", "pk")


def list_waiting(actor: Actor) -> QuerySet[ResolutionBody]:
    """Return the submitted reports that the actor's agency decides on."""
    rows = authorization.scope(actor, ResolutionBody, action="commissions.decide").filter(state="submitted")
    return rows.select_related("resolution__meeting__commission", "agency").order_by("reported_on", "pk")


def papers_due_on(meeting: Meeting) -> date:
    """Return the last business day for the papers: so many business days before the meeting."""
    days = (meeting.on - timedelta(days=back) for back in range(1, LONGEST))
    return next(day for day in days if _is_business_day(day) and active().due("commission_papers", day) <= meeting.on)


def _is_business_day(day: date) -> bool:
    holidays = active().holidays
    return day.weekday() not in holidays.weekend and not holidays.includes(day)


def minutes_due_on(meeting: Meeting) -> date:
    """Return the day on which the minutes are ready."""
    return active().due("commission_minutes", meeting.on)


@dataclass(frozen=True)
class MeetingQuorum:
    """Bodies present at a session, all members on its day, and how many have to be present."""

    present: int | None
    members: int
    needed: int | None

    @property
    def is_missed(self) -> bool:
        """Return whether fewer bodies were present than the quorum asks for."""
        return self.needed is not None and self.present is not None and self.present < self.needed


def quorum_of(actor: Actor, meeting: Meeting) -> MeetingQuorum:
    """Return the quorum of a session: the share of the profile, of the members on its day."""
    members = len(list_members(actor, meeting.commission, meeting.on))
    return MeetingQuorum(meeting.present, members, active().commission_quorum.needed(members))


def list_items(actor: Actor, meeting: Meeting) -> list[tuple[AgendaItem, CitedTable | None]]:
    """Return the agenda with the tables that its items cite."""
    rows = authorization.scope(actor, AgendaItem, action="commissions.list_items").filter(meeting=meeting)
    return [(row, cite(row.release, row.table) if row.release else None) for row in rows.select_related("speaker")]


def cite(folder: str, table: str) -> CitedTable:
    """Return a released table as it was published, marked when a correction replaced it or it is gone."""
    cited = citations.find_table(folder, table)
    if cited is None:
        return CitedTable(folder, folder, None, "gone")
    files, published = cited
    return CitedTable(folder, citations.title_of(files), present_table(published), citations.mark_of(folder))
