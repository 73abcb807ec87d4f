"""Disclosures from tables of several dates: people who entered between them, and groups of one date."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.disclosure.disclosures import Disclosure
from kerege.evidence.sdc.disclosure.time_disclosures import _prefix, time_disclosures
from kerege.evidence.sdc.groups.time_systems import TimeAssessment
from kerege.evidence.sdc.populations.populations import PublishedPopulation
from kerege.evidence.sdc.published_tables.sheet import Sheet
from kerege.evidence.sdc.published_tables.time_line import TimeLine
from tests.evidence.sdc.disclosure.published import by_sex

THRESHOLD = 10
NEW = frozenset({"new"})
DATES = ("2024-12-31", "2025-12-31")


def population(sheet: Sheet) -> PublishedPopulation:
    """Return the people of one date."""
    return PublishedPopulation("victims", sheet.as_of, (sheet,))


def disclosures(first: Sheet, second: Sheet) -> list[Disclosure]:
    """Return what the tables of two dates disclose together."""
    assessment = TimeAssessment([population(first), population(second)], THRESHOLD, NEW)
    return [
        disclosure
        for system in assessment.systems
        for disclosure in time_disclosures(system, NEW, THRESHOLD, float("inf"))
    ]


def dated(total: int, f: int, m: int, date: str) -> Sheet:
    """Return a table by sex of the whole register at a date."""
    return by_sex(total, f, m, as_of=date, release="new" if date == DATES[1] else "old", is_cumulative=True)


def test_few_people_who_entered_between_two_dates_are_disclosed() -> None:
    """100 people, then 143: 40 women and 3 men entered."""
    (entered,) = disclosures(dated(100, 60, 40, DATES[0]), dated(143, 100, 43, DATES[1]))
    assert (entered.kind, entered.lower, entered.upper) == ("entered", 3, 3)
    assert entered.cell == {"sex": "m", "entered": "2025-01-01/2025-12-31"}
    assert entered.about == frozenset({("victims", "")})


def test_many_people_who_entered_are_no_disclosure() -> None:
    assert disclosures(dated(100, 60, 40, DATES[0]), dated(150, 90, 60, DATES[1])) == []


def test_nobody_who_entered_is_no_disclosure() -> None:
    assert disclosures(dated(100, 60, 40, DATES[0]), dated(130, 90, 40, DATES[1])) == []


LINE = TimeLine(("..", "2024", "2025"), ("2024", "2025", "2026"))


@pytest.mark.parametrize(
    ("label", "last"),
    [(None, 2), ("../2024", 0), ("../2025", 1), ("2024/2025", None), ("../2026", None), ("2025/2026", None)],
)
def test_only_the_first_pieces_of_time_are_a_date(label: str | None, last: int | None) -> None:
    """Without a condition on time, a group is one of the last date."""
    assert _prefix(label, LINE) == last
