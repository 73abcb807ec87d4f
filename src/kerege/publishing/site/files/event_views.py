"""Pages of corrections and of the release calendar, the calendar as a file, and the feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from kerege.core import pages
from kerege.publishing.releases import public_clock
from kerege.publishing.releases.calendar_models import AnnouncedRelease
from kerege.publishing.releases.catalogue import CatalogueEntry
from kerege.publishing.site.files import atom, icalendar_file
from kerege.publishing.site.files.atom import Feed, FeedEntry
from kerege.publishing.site.files.correction_changes import CorrectionChanges, compare_releases
from kerege.publishing.site.files.estimate_sentences import write_estimates
from kerege.publishing.site.files.figure_file import LICENCE_NAME
from kerege.publishing.site.files.file_words import Words, get_words
from kerege.publishing.site.files.icalendar_file import CalendarItem
from kerege.publishing.site.files.open_answers import base_of, send_open
from kerege.publishing.site.files.site_events import SiteEvent, list_corrections, list_events, newest_first
from kerege.publishing.site.publisher import get_publisher
from kerege.publishing.site.site_frame import show_page
from kerege.publishing.site.site_state import SiteState, current_state
from kerege.publishing.site.site_words import current_language
from kerege.vocabulary import profile
from kerege.vocabulary.languages import text_or


@dataclass(frozen=True)
class ShownCorrection:
    """A correction or a withdrawal on its page.

    `changes` is None when one of the two releases is withdrawn.
    """

    event: SiteEvent
    title: str
    day: str
    reason: str
    replacement: CatalogueEntry | None
    corrected: CatalogueEntry | None
    changes: CorrectionChanges | None
    more_words: str = ""
    tables: tuple[str, ...] = ()


@pages.public
def corrections(request: HttpRequest) -> HttpResponse:
    """Show every correction and every withdrawal ever."""
    lang, state = current_language(), current_state()
    words = get_words(lang)
    shown = [_shown(event, state, words) for event in list_corrections()]
    context: dict[str, object] = {"text": words["corrections"], "corrections": shown}
    return show_page(request, "corrections.html", words["corrections"]["title"], state, context)


def _shown(event: SiteEvent, state: SiteState, words: Words) -> ShownCorrection:
    entry, lang = event.entry, words.lang
    assert entry is not None  # noqa: S101 - only events of releases are listed
    is_correction = event.kind == "correction"
    corrected = state.entries.get(entry.corrects) if is_correction else None
    changes = compare_releases(corrected.files, entry.files) if corrected and corrected.files and entry.files else None
    return ShownCorrection(
        event=event,
        title=text_or(event.titles, lang, entry.name),
        day=words.day(timezone.localtime(event.at).date()),
        reason=event.reasons.get(lang, ""),
        replacement=entry if is_correction and entry.files else state.entries.get(entry.replacement),
        corrected=corrected,
        changes=changes,
        more_words=words["corrections"]["more"].format(n=changes.more) if changes and changes.more else "",
        tables=_table_words(changes, words) if changes else (),
    )


def _table_words(changes: CorrectionChanges, words: Words) -> tuple[str, ...]:
    """Return which tables a correction added or left out."""
    text = words["corrections"]
    pairs = ((text["added_tables"], changes.added), (text["removed_tables"], changes.removed))
    return tuple(template.format(tables=", ".join(titles)) for template, titles in pairs if titles)


# -- calendar ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ShownDate:
    """An announced release on the calendar page."""

    title: str
    period: str
    date: str
    iso: str
    is_minute: bool
    moves: tuple[str, ...]
    readers: tuple[str, ...]


@pages.public
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the release calendar.

    Upcoming dates, moved dates with their reasons, and who sees releases early.
    """
    lang, state = current_language(), current_state()
    words, now = get_words(lang), public_clock.now()
    rows = list(AnnouncedRelease.objects.all())
    context: dict[str, object] = {
        "text": words["calendar"],
        "upcoming": [_shown_date(row, words) for row in rows if not is_over(row, now)],
        "past": [_shown_date(row, words) for row in reversed(rows) if is_over(row, now)],
    }
    return show_page(request, "calendar.html", words["calendar"]["title"], state, context)


def is_over(row: AnnouncedRelease, now: datetime) -> bool:
    """Return whether an announced date is over."""
    if row.at is not None:
        return row.at <= now
    return (row.month.year, row.month.month) < (now.year, now.month)


def date_words(month: date, at: datetime | None, words: Words) -> str:
    """Return the minute with its zone, or the month."""
    return words.minute(at) if at else words.month(month)


def _shown_date(row: AnnouncedRelease, words: Words) -> ShownDate:
    text, lang = words["calendar"], words.lang
    moves = [
        text["moved"].format(
            old=_old_date(moved["month"], moved["at"], words),
            day=words.day(timezone.localtime(datetime.fromisoformat(moved["moved_at"])).date()),
            reason=moved["why"].get(lang, ""),
        )
        for moved in row.moved_dates
    ]
    return ShownDate(
        title=text_or(row.title, lang, row.period),
        period=text["period"].format(period=row.period),
        date=date_words(row.month, row.at, words),
        iso=row.at.isoformat() if row.at else f"{row.month:%Y-%m}",
        is_minute=row.at is not None,
        moves=tuple(moves),
        readers=tuple(text["hours"].format(name=reader["name"], hours=reader["hours"]) for reader in row.readers),
    )


def _old_date(month: str, at: str | None, words: Words) -> str:
    return date_words(date.fromisoformat(f"{month}-01"), datetime.fromisoformat(at) if at else None, words)


def next_date(lang: str) -> str:
    """Return the next announced date in words, "" when none is announced."""
    now = public_clock.now()
    upcoming = [row for row in AnnouncedRelease.objects.all() if not is_over(row, now)]
    return date_words(upcoming[0].month, upcoming[0].at, get_words(lang)) if upcoming else ""


@pages.public
def calendar_file(request: HttpRequest) -> HttpResponseBase:
    """Send the calendar as iCalendar."""
    lang, base = current_language(), base_of(request)
    words, host = get_words(lang), urlsplit(base).hostname or "localhost"
    items = [_item(row, words, f"{base}/{lang}/r/calendar/", host) for row in AnnouncedRelease.objects.all()]
    name, zone = words["calendar"]["title"], profile.active().time_zone
    content = icalendar_file.write(items, name=name, zone=zone, lang=lang)
    return send_open(request, content, icalendar_file.KIND)


def _item(row: AnnouncedRelease, words: Words, address: str, host: str) -> CalendarItem:
    shown = _shown_date(row, words)
    moved_at = [datetime.fromisoformat(moved["moved_at"]) for moved in row.moved_dates]
    return CalendarItem(
        uid=f"announced-{row.pk}@{host}",
        title=shown.title,
        month=row.month,
        at=row.at,
        changed=max([row.announced_at, *moved_at]),
        sequence=len(moved_at),
        address=address,
        description=" ".join([shown.period, *shown.moves]),
    )


# -- feed --------------------------------------------------------------------------------------------------------------
@pages.public
def feed(request: HttpRequest) -> HttpResponseBase:
    """Send the feed: releases, corrections, withdrawals and new dates.

    A withdrawn entry is rewritten in place.
    """
    lang, base = current_language(), base_of(request)
    words, host = get_words(lang), urlsplit(base).hostname or "localhost"
    events = [event for event in list_events() if event.kind != "withdrawal"]
    entries = sorted(
        (_feed_entry(event, words, base, host) for event in newest_first(events)),
        key=lambda entry: entry.updated,
        reverse=True,
    )
    content = atom.write(
        Feed(
            id=f"tag:{host},2026:feed/{lang}",
            lang=lang,
            title=words["feed"]["title"],
            author=get_publisher(lang).name,
            address=f"{base}/{lang}/feed.xml",
            page=f"{base}/{lang}/r/",
            rights=LICENCE_NAME,
            entries=entries,
        )
    )
    return send_open(request, content, atom.KIND)


def _feed_entry(event: SiteEvent, words: Words, base: str, host: str) -> FeedEntry:
    entry, lang = event.entry, words.lang
    title = text_or(event.titles, lang, event.key)
    kind = "withdrawal" if entry and entry.files is None else event.kind
    path = f"r/{entry.name}/" if entry else "r/calendar/"
    correction = entry.corrected_by if entry else None
    changes = [event.at, entry.withdrawn_at if entry else None, correction.public_at if correction else None]
    return FeedEntry(
        id=f"tag:{host},{event.at.year}:{event.key}",
        title=words["feed"][kind].format(title=title),
        summary=_summary(event, words),
        link=f"{base}/{lang}/{path}",
        category=kind,
        published=event.at,
        updated=max(moment for moment in changes if moment),
    )


def _summary(event: SiteEvent, words: Words) -> str:
    """Return the text of an entry.

    For a withdrawn release the reason alone, else period, reason and estimates.
    """
    text, lang, entry = words["feed"], words.lang, event.entry
    if entry is None:
        return _moved_summary(event, words)
    if entry.files is None:
        day = words.day(entry.withdrawn_on or entry.since)
        return text["withdrawn"].format(day=day, reason=entry.reasons.get(lang, ""))
    parts = [text["period"].format(period=entry.period), entry.notes.get(lang, "")]
    estimates = [] if entry.corrected_by else write_estimates(entry.files, lang)
    parts += [text["corrected_since"]] if entry.corrected_by else estimates
    parts += [text["invented"]] if entry.invented and not estimates else []
    return " ".join(part for part in parts if part)


def _moved_summary(event: SiteEvent, words: Words) -> str:
    row = event.announced
    assert row is not None  # noqa: S101 - an event without a release is of the calendar
    number = int(event.key.rpartition("/")[2])
    old, later = row.moved_dates[number - 1], row.moved_dates[number:]
    new = _old_date(later[0]["month"], later[0]["at"], words) if later else date_words(row.month, row.at, words)
    is_minute = bool(later[0]["at"] if later else row.at)
    template = words["feed"]["date_was" if is_minute else "date_was_month"]
    return template.format(
        old=_old_date(old["month"], old["at"], words), new=new, reason=event.reasons.get(words.lang, "")
    )
