"""Services of the release calendar: announce a release, set its minute, move its date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.publishing.releases.calendar_models import AnnouncedRelease, EarlySight, MovedDate
from kerege.vocabulary import languages

ANNOUNCE = "releases.announce"
NOTICE = timedelta(weeks=4)  # the minute is known this long before


@dataclass(frozen=True)
class Announcement:
    """Form of an announcement: title by language, period, month, and the minute where it is known."""

    title: Mapping[str, str]
    period: str
    month: date
    at: datetime | None = None
    early_sight: Sequence[EarlySight] = ()


def announce(actor: Actor, announcement: Announcement) -> AnnouncedRelease:
    """Announce a release. Raises BadInput for a date that is over, and for a near one without a minute."""
    with audit.act(actor, ANNOUNCE) as event:
        authorization.require(actor, ANNOUNCE)
        _check_date(announcement.month, announcement.at)
        row = AnnouncedRelease.objects.create(
            title=dict(announcement.title),
            period=announcement.period,
            month=_month_of(announcement.month, announcement.at),
            at=announcement.at,
            early_sight=list(announcement.early_sight),
            announced_by_id=str(actor.user_id),
        )
        event.target = f"announced:{row.pk}"
        event.note(month=f"{row.month:%Y-%m}", at=row.at.isoformat() if row.at else None)
    return row


def move(
    actor: Actor, row: AnnouncedRelease, *, month: date, at: datetime | None, why: Mapping[str, str]
) -> AnnouncedRelease:
    """Set the minute of an announced release, or move its date.

    Another month, or another minute than the known one, keeps the old date and needs a public reason. Raises BadInput.
    """
    with audit.act(actor, ANNOUNCE, f"announced:{row.pk}") as event:
        authorization.require(actor, ANNOUNCE, row)
        row = AnnouncedRelease.objects.select_for_update().get(pk=row.pk)
        _check_date(month, at)
        month = _month_of(month, at)
        if is_moved(row, month, at):
            row.moves = [*row.moves, _kept_date(row, why)]
        row.month, row.at = month, at
        row.save(update_fields=["month", "at", "moves"])
        event.note(month=f"{month:%Y-%m}", at=at.isoformat() if at else None)
    return row


def is_moved(row: AnnouncedRelease, month: date, at: datetime | None) -> bool:
    """Return whether a date breaks the announced one.

    The first minute within the announced month does not.
    """
    return month.replace(day=1) != row.month if row.at is None else at != row.at


def _kept_date(row: AnnouncedRelease, why: Mapping[str, str]) -> MovedDate:
    if not all(why.get(lang, "").strip() for lang in languages.offered()):
        raise BadInput(
            Fault(gettext_noop("a moved date needs a public reason"), gettext_noop("write it in three languages"))
        )
    return {
        "month": f"{row.month:%Y-%m}",
        "at": row.at.isoformat() if row.at else None,
        "why": dict(why),
        "moved_at": timezone.now().isoformat(),
    }


def _month_of(month: date, at: datetime | None) -> date:
    return (timezone.localtime(at).date() if at else month).replace(day=1)


def _check_date(month: date, at: datetime | None) -> None:
    now = timezone.now()
    if at is not None and at <= now:
        raise BadInput(Fault(gettext_noop("this minute is over"), gettext_noop("give a later one")))
    if at is None and month.replace(day=1) < timezone.localtime(now + NOTICE).date():
        raise BadInput(
            Fault(gettext_noop("less than four weeks are left"), gettext_noop("give the day and the minute"))
        )
