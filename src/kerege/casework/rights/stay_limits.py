"""Last day of a right to stay, computed from entries, documents and the rules of the country profile."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kerege.vocabulary import codes
from kerege.vocabulary.law_parts import VisaFreeStay

DAY = timedelta(days=1)
# grounds that last until a decision when no end is stated
WITHOUT_END = {"trp_victim", "trp_other", "proceedings", "reflection", "asylum", "stateless"}


@dataclass(frozen=True)
class Presence:
    """Time in the country. Without `left_on` the person is still there."""

    entered_on: date
    left_on: date | None = None


@dataclass(frozen=True)
class Right:
    """Ground of a stay, with the days that its document states."""

    ground: str
    from_on: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class StayEnd:
    """Last day of a right to stay, and the rule that sets it: a code of the list `stay_limit`."""

    day: date | None
    rule: str

    @property
    def is_known(self) -> bool:
        """Return whether the right has a known end, or is known to have none."""
        return self.day is not None or self.rule == "no_end"


def find_end(
    rights: Sequence[Right],
    presences: Sequence[Presence],
    citizenships: Collection[str],
    rule: VisaFreeStay | None,
    today: date,
) -> StayEnd:
    """Return the last day of the rights that have begun, and of those that follow them without a gap.

    An unknown day of entry gives no day: nothing is guessed. Without a known end, the newest right says why.
    """
    if not rights:
        return StayEnd(None, "unknown_right")
    ends = [(right, end_of(right, presences, citizenships, rule)) for right in rights]
    begun = [end for right, end in ends if right.from_on is None or right.from_on <= today]
    if any(end.rule == "no_end" for end in begun):
        return StayEnd(None, "no_end")
    known = [end for end in begun if end.day]
    if not known:
        return ends[-1][1] if begun else StayEnd(None, "no_document")
    last = max(known, key=_day)
    for right, end in sorted(ends, key=lambda pair: pair[0].from_on or date.min):
        if right.from_on and last.day and today < right.from_on <= last.day + DAY:
            last = end if end.rule == "no_end" else max(last, end, key=_day)
    return last


def _day(end: StayEnd) -> date:
    return end.day or date.min


def end_of(
    right: Right, presences: Sequence[Presence], citizenships: Collection[str], rule: VisaFreeStay | None
) -> StayEnd:
    """Return the last day of one right."""
    if right.ground == "visa_free":
        return _visa_free_end(right, presences, citizenships, rule)
    if right.until is not None:
        return StayEnd(right.until, "document")
    if right.ground in WITHOUT_END:
        return StayEnd(None, "no_end")
    return StayEnd(None, "no_document" if right.ground == "no_document" else "unknown_right")


def _visa_free_end(
    right: Right, presences: Sequence[Presence], citizenships: Collection[str], rule: VisaFreeStay | None
) -> StayEnd:
    if rule is None:
        return StayEnd(right.until, "document" if right.until else "unknown_right")
    now = next((presence for presence in presences if presence.left_on is None), None)
    if now is None:
        return StayEnd(None, "unknown_entry")
    if not set(citizenships) & codes.code_list("country").codes.keys():
        return StayEnd(None, "unknown_right")
    ends = [
        StayEnd(now.entered_on + (days_at_once(citizenships, rule) - rule.first_day_counts) * DAY, "at_once"),
        StayEnd(window_end(now.entered_on, presences, rule), "window"),
    ]
    if right.until is not None:
        ends.append(StayEnd(right.until, "document"))
    return min(ends, key=lambda end: end.day or date.max)


def is_in_union(citizenships: Collection[str], rule: VisaFreeStay | None) -> bool:
    """Return whether one of the citizenships is that of a country of the union."""
    return rule is not None and not set(citizenships).isdisjoint(rule.union)


def days_at_once(citizenships: Collection[str], rule: VisaFreeStay) -> int:
    """Return the days in a row; of several citizenships the better rule counts."""
    return max(rule.at_once, rule.union_at_once) if is_in_union(citizenships, rule) else rule.at_once


def window_end(entered_on: date, presences: Sequence[Presence], rule: VisaFreeStay) -> date:
    """Return the last day until which the days in the moving window stay within the limit.

    When they exceed it on the day of entry, this is the day before.
    """
    day = entered_on
    while days_present(day, presences, rule) <= rule.most_days:
        day += DAY
    return day - DAY


def days_present(day: date, presences: Sequence[Presence], rule: VisaFreeStay) -> int:
    """Return the number of days in the country within the window that ends on a day; no day counts twice."""
    first = day - (rule.window_days - 1) * DAY
    counted: set[date] = set()
    for presence in presences:
        begin = max(first, presence.entered_on + (0 if rule.first_day_counts else 1) * DAY)
        end = min(day, presence.left_on or day)
        counted.update(begin + number * DAY for number in range((end - begin).days + 1))
    return len(counted)
