"""Release calendar as iCalendar (RFC 5545).

The minute with its time zone, or the month while only that is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from kerege.publishing.site.files.figure_file import clean

KIND = "text/calendar; charset=utf-8"
_ESCAPES = {"\\": "\\\\", ";": "\\;", ",": "\\,"}


@dataclass(frozen=True)
class CalendarItem:
    """An announced release. `at` is None while only the month is known; `changed` is the last change."""

    uid: str
    title: str
    month: date
    at: datetime | None
    changed: datetime
    sequence: int
    address: str
    description: str = ""


def write(items: Sequence[CalendarItem], *, name: str, zone: str, lang: str) -> bytes:
    """Return the calendar."""
    moments = [item.at for item in items if item.at]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Kerege//Release calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME;LANGUAGE={lang}:{_escaped(name)}",
        f"X-WR-CALNAME:{_escaped(name)}",
        *(_zone(zone, moments) if moments else []),
        *(line for item in items for line in _event(item, zone, lang)),
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _event(item: CalendarItem, zone: str, lang: str) -> list[str]:
    description = [f"DESCRIPTION;LANGUAGE={lang}:{_escaped(item.description)}"] if item.description else []
    return [
        "BEGIN:VEVENT",
        f"UID:{_escaped(item.uid)}",
        f"DTSTAMP:{_utc(item.changed)}",
        f"SEQUENCE:{item.sequence}",
        *_dates(item, zone),
        f"SUMMARY;LANGUAGE={lang}:{_escaped(item.title)}",
        *description,
        f"URL:{item.address}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _dates(item: CalendarItem, zone: str) -> list[str]:
    """Return the minute, or all days of the month with the status "tentative"."""
    if item.at is None:
        after = (item.month + timedelta(days=31)).replace(day=1)
        return [f"DTSTART;VALUE=DATE:{item.month:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}", "STATUS:TENTATIVE"]
    local = item.at.astimezone(ZoneInfo(zone))
    return [f"DTSTART;TZID={zone}:{local:%Y%m%dT%H%M%S}", "DURATION:PT0S", "STATUS:CONFIRMED"]


def _zone(zone: str, moments: Sequence[datetime]) -> list[str]:
    """Return the time zone.

    One observance for each offset in force from before the first to the last moment.
    """
    info = ZoneInfo(zone)
    first = min(moments).astimezone(UTC) - timedelta(days=1)
    days = range((max(moments).astimezone(UTC) - first).days + 2)
    hours = [first + timedelta(days=day) for day in days]
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone}", *_observance(info, None, hours[0], hours[0])]
    for before, after in pairwise(hours):
        if before.astimezone(info).utcoffset() != after.astimezone(info).utcoffset():
            lines += _observance(info, _change(info, before, after), before, after)
    return [*lines, "END:VTIMEZONE"]


def _change(info: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the minute at which the offset changes."""
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) / 2
        is_old = middle.astimezone(info).utcoffset() == before.astimezone(info).utcoffset()
        before, after = (middle, after) if is_old else (before, middle)
    return after.replace(second=0, microsecond=0)


def _observance(info: ZoneInfo, start: datetime | None, before: datetime, after: datetime) -> list[str]:
    """Return an offset; it begins at `start` by the clock before the change, or long ago."""
    old, new = before.astimezone(info), after.astimezone(info)
    kind = "DAYLIGHT" if new.dst() else "STANDARD"
    local = start + (old.utcoffset() or timedelta()) if start else datetime(1970, 1, 1, tzinfo=UTC)
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{local:%Y%m%dT%H%M%S}",
        f"TZOFFSETFROM:{old:%z}",
        f"TZOFFSETTO:{new:%z}",
        f"END:{kind}",
    ]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(char, char) for char in clean(text))


def _folded(line: str) -> str:
    """Return a line in parts of at most 75 bytes; no character is split."""
    parts: list[str] = []
    part = ""
    for char in line:
        if len((part + char).encode()) > (75 if not parts else 74):
            parts.append(part)
            part = ""
        part += char
    return "\r\n ".join([*parts, part])
