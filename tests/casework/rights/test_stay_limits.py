"""Last lawful day: computed by hand for plain cases, and by counting every day for random ones."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from kerege.casework.rights.stay_limits import Presence, Right, StayEnd, end_of, find_end
from kerege.vocabulary.law_parts import VisaFreeStay

RULE = VisaFreeStay(
    window_days=180,
    most_days=90,
    at_once=30,
    union=["AM", "BY", "KG", "RU"],
    union_at_once=90,
    first_day_counts=True,
    confirmed=False,
    source="test",
)
FREE = Right("visa_free")
TODAY = date(2026, 1, 10)


def end(entered_on: date, *earlier: Presence, citizenships: tuple[str, ...] = ("UZ",), **change: Any) -> StayEnd:
    rule = RULE.model_copy(update=change)
    return end_of(FREE, [*earlier, Presence(entered_on)], citizenships, rule)


def test_an_entry_on_1_january_lasts_until_30_january() -> None:
    assert end(date(2026, 1, 1)) == StayEnd(date(2026, 1, 30), "at_once")


def test_a_profile_can_leave_out_the_day_of_entry() -> None:
    assert end(date(2026, 1, 1), first_day_counts=False).day == date(2026, 1, 31)


def test_a_leap_day_counts() -> None:
    assert end(date(2028, 2, 1)).day == date(2028, 3, 1)
    assert end(date(2026, 2, 1)).day == date(2026, 3, 2)


def test_earlier_days_in_the_window_shorten_the_stay() -> None:
    earlier = [Presence(date(2025, 9, 1), date(2025, 9, 30)), Presence(date(2025, 11, 1), date(2025, 12, 10))]
    # 30 and 40 days are used, so 20 are left
    assert end(date(2026, 1, 1), *earlier) == StayEnd(date(2026, 1, 20), "window")


def test_days_that_leave_the_window_are_free_again() -> None:
    earlier = Presence(date(2025, 7, 6), date(2025, 10, 3))  # 90 days
    assert end(date(2026, 1, 1), earlier).day == date(2025, 12, 31)  # all days are used at the entry
    assert end(date(2026, 4, 1), earlier).day == date(2026, 4, 30)


@pytest.mark.parametrize(("citizenships", "days"), [(("KG",), 90), (("UZ", "KG"), 90), (("UZ",), 30)])
def test_the_better_rule_counts_for_a_person_with_two_citizenships(citizenships: tuple[str, ...], days: int) -> None:
    assert end(date(2026, 1, 1), citizenships=citizenships).day == date(2026, 1, 1) + timedelta(days=days - 1)


@pytest.mark.parametrize("citizenships", [(), ("no",), ("unknown",), ("refused",)])
def test_without_a_citizenship_no_day_is_guessed(citizenships: tuple[str, ...]) -> None:
    assert end(date(2026, 1, 1), citizenships=citizenships) == StayEnd(None, "unknown_right")


def test_an_unknown_day_of_entry_gives_no_day() -> None:
    assert end_of(FREE, [], ["UZ"], RULE) == StayEnd(None, "unknown_entry")
    left = Presence(date(2025, 3, 1), date(2025, 3, 9))
    assert end_of(FREE, [left], ["UZ"], RULE) == StayEnd(None, "unknown_entry")


def test_a_document_ends_a_stay_without_a_visa_earlier() -> None:
    right = Right("visa_free", until=date(2026, 1, 8))
    assert end_of(right, [Presence(date(2026, 1, 1))], ["UZ"], RULE) == StayEnd(date(2026, 1, 8), "document")


@pytest.mark.parametrize("ground", ["trp_victim", "proceedings", "reflection", "asylum", "stateless"])
def test_a_ground_without_a_stated_end_has_none(ground: str) -> None:
    assert find_end([Right(ground)], [], ["UZ"], RULE, TODAY) == StayEnd(None, "no_end")


@pytest.mark.parametrize(
    ("ground", "reason"), [("visa", "unknown_right"), ("unknown", "unknown_right"), ("no_document", "no_document")]
)
def test_a_visa_without_an_end_is_not_known(ground: str, reason: str) -> None:
    assert find_end([Right(ground)], [], ["UZ"], RULE, TODAY) == StayEnd(None, reason)


def test_the_later_of_two_rights_counts_and_a_permit_may_follow_without_a_gap() -> None:
    entry = [Presence(date(2026, 1, 1))]
    later = Right("trp_victim", date(2026, 1, 31), date(2026, 7, 30))
    gap = Right("trp_victim", date(2026, 2, 1), date(2026, 7, 30))
    begun = Right("trp_victim", date(2026, 1, 5), date(2026, 7, 30))
    assert find_end([FREE, begun], entry, ["UZ"], RULE, TODAY).day == date(2026, 7, 30)
    assert find_end([FREE, later], entry, ["UZ"], RULE, TODAY).day == date(2026, 7, 30)
    assert find_end([FREE, gap], entry, ["UZ"], RULE, TODAY).day == date(2026, 1, 30)


def counted(day: date, presences: list[Presence], most: int, window: int) -> bool:
    """Return whether a plain count of single days keeps the limit on a day."""
    days = 0
    for back in range(window):
        on = day - timedelta(days=back)
        days += any(row.entered_on <= on <= (row.left_on or date.max) for row in presences)
    return days <= most


def test_the_window_agrees_with_a_count_of_every_day() -> None:
    random = Random(21)
    for _ in range(60):
        entered_on, presences = date(2026, 1, 1) + timedelta(days=random.randrange(400)), []
        for _ in range(random.randrange(5)):
            begin = entered_on - timedelta(days=random.randrange(1, 300))
            left = min(begin + timedelta(days=random.randrange(60)), entered_on - timedelta(days=1))
            presences.append(Presence(begin, left))
        rows = [*presences, Presence(entered_on)]
        rule = RULE.model_copy(update={"at_once": 400})
        last = end_of(FREE, rows, ["UZ"], rule).day
        assert last is not None
        assert not counted(last + timedelta(days=1), rows, 90, 180)
        assert last < entered_on or counted(last, rows, 90, 180)
