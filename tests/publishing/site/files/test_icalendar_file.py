"""Release calendar as iCalendar: the minute with its zone, folded lines, no injected line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from kerege.publishing.site.files import icalendar_file
from kerege.publishing.site.files.icalendar_file import CalendarItem
from tests.publishing.site.files.hand_made import HOSTILE

ITEM = CalendarItem(
    uid="announced-1@stat.example",
    title="Адам саудасы туралы жылдық шығарылым; 2026, жартыжылдықтармен және барлық кестелермен",
    month=date(2027, 7, 1),
    at=datetime(2027, 7, 30, 5, 0, tzinfo=UTC),
    changed=datetime(2026, 11, 28, tzinfo=UTC),
    sequence=0,
    address="https://stat.example/kk/r/calendar/",
)


def lines_of(*items: CalendarItem, zone: str = "Asia/Almaty") -> list[str]:
    """Return the unfolded lines."""
    content = icalendar_file.write(items, name="Calendar", zone=zone, lang="kk").decode()
    return content.replace("\r\n ", "").split("\r\n")


def test_a_known_minute_has_the_time_of_the_country_and_its_zone() -> None:
    lines = lines_of(ITEM)
    assert "DTSTART;TZID=Asia/Almaty:20270730T100000" in lines
    assert "TZOFFSETTO:+0500" in lines
    assert lines.count("BEGIN:VTIMEZONE") == 1


def test_a_change_of_the_clock_between_two_releases_is_in_the_zone() -> None:
    winter = replace(ITEM, uid="2", at=datetime(2027, 1, 15, 9, 0, tzinfo=UTC))
    lines = lines_of(winter, ITEM, zone="Europe/Berlin")
    start = lines.index("BEGIN:DAYLIGHT")
    assert lines[start + 1 : start + 4] == ["DTSTART:20270328T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200"]


def test_a_month_is_tentative_and_takes_all_its_days() -> None:
    lines = lines_of(replace(ITEM, at=None, month=date(2027, 12, 1)))
    assert lines[lines.index("SEQUENCE:0") + 1 : lines.index("SEQUENCE:0") + 4] == [
        "DTSTART;VALUE=DATE:20271201",
        "DTEND;VALUE=DATE:20280101",
        "STATUS:TENTATIVE",
    ]


def test_no_line_is_longer_than_75_bytes_and_no_title_adds_one() -> None:
    content = icalendar_file.write([ITEM, replace(ITEM, title=HOSTILE)], name="C", zone="Asia/Almaty", lang="kk")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    names = [line.partition(":")[0].partition(";")[0] for line in lines_of(replace(ITEM, title=HOSTILE))]
    assert names.count("SUMMARY") == 1
    assert "TY  - BOOK" not in names
