"""A clock keeps the days that were in force when it began, also after an upgrade of the pack."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.vocabulary import clock_history, profile
from kerege.vocabulary.clock_history import ClockDays
from kerege.vocabulary.dates import add_business_days

KZ = profile.load_profile("kz")
CLOCK = "referral_answer"
CHANGED = date(2026, 3, 11)
DAYS_OF_2026 = ((2, 1), (3, 1), (3, 2), (4, 30), (5, 1), (6, 30), (7, 1))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home."""
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path))
    return tmp_path


def test_without_a_history_the_days_of_the_pack_apply() -> None:
    assert KZ.due(CLOCK, date(2026, 3, 2)) == date(2026, 3, 5)


def test_a_running_clock_keeps_its_days_when_an_upgrade_changes_them() -> None:
    assert clock_history.note("KZ", {CLOCK: 10}, CHANGED - timedelta(days=90))
    assert clock_history.note("KZ", {CLOCK: KZ.clocks[CLOCK].business_days}, CHANGED)
    assert KZ.due(CLOCK, date(2026, 3, 10)) == add_business_days(date(2026, 3, 10), 10, KZ.holidays.includes)
    assert KZ.due(CLOCK, CHANGED) == add_business_days(CHANGED, 10, KZ.holidays.includes)
    assert KZ.due(CLOCK, date(2026, 3, 12)) == date(2026, 3, 17)


def test_the_same_days_are_noted_once(home: Path) -> None:
    assert clock_history.note("KZ", {CLOCK: 3}, CHANGED)
    before = (home / "packs" / "kz" / clock_history.FILE_NAME).read_bytes()
    assert not clock_history.note("KZ", {CLOCK: 3}, CHANGED + timedelta(days=400))
    assert (home / "packs" / "kz" / clock_history.FILE_NAME).read_bytes() == before


def test_a_clock_that_is_new_has_its_first_days_from_the_beginning() -> None:
    clock_history.note("KZ", {"other": 4}, CHANGED)
    clock_history.note("KZ", {"other": 4, CLOCK: 7}, CHANGED)
    assert clock_history.days_at(list(clock_history.list_segments("KZ", CLOCK, 3)), date(2020, 1, 1)) == 7


def test_a_correction_and_an_upgrade_each_leave_running_clocks_alone() -> None:
    """The pack says 10, then 3; the installation corrects it to 6 and later to 4."""
    clock_history.note("KZ", {CLOCK: 10}, date(2026, 1, 1))
    clock_history.note("KZ", {CLOCK: 3}, date(2026, 3, 1))
    earlier = [(date(2026, 5, 1), 3), (date(2026, 7, 1), 6)]
    segments = list(clock_history.list_segments("KZ", CLOCK, 4, earlier))
    days = [clock_history.days_at(segments, date(2026, month, day)) for month, day in DAYS_OF_2026]
    assert days == [10, 10, 3, 3, 6, 6, 4]


@settings(max_examples=60, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 30)), min_size=1, max_size=3),
    today=st.integers(0, 120),
)
def test_overdue_starts_agree_with_the_deadline_of_each_day(changes: list[tuple[int, int]], today: int) -> None:
    first, after, entries = date(2026, 1, 5), date(2026, 1, 5), [ClockDays(None, {CLOCK: 5})]
    for gap, days in changes:
        after += timedelta(days=gap)
        entries.append(ClockDays(after, {CLOCK: days}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock_history, "read", lambda country: entries)
        now = first + timedelta(days=today)
        ranges = KZ.list_overdue_starts(CLOCK, now)
        for number in range(-40, today + 1):
            start = first + timedelta(days=number)
            listed = any((low is None or start > low) and start <= high for low, high in ranges)
            assert listed == (KZ.due(CLOCK, start) < now)
