"""The time in which people entered or left a register, in the reader's language."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kerege.web import partial_dates

OPEN = ".."  # how the assessment marks an open end
ENTERED, LEFT = "entered", "left"  # its names of the two columns
BETWEEN_DATES = {
    ENTERED: gettext_noop("added between %(first)s and %(last)s"),
    LEFT: gettext_noop("removed between %(first)s and %(last)s"),
}
UP_TO = {
    ENTERED: gettext_noop("added up to %(last)s"),
    LEFT: gettext_noop("removed up to %(last)s"),
}
AFTER = {
    ENTERED: gettext_noop("added from %(first)s on"),
    LEFT: gettext_noop("not removed before %(first)s"),
}
BETWEEN_RELEASES = {
    ENTERED: gettext_noop("added between the releases “%(first)s” and “%(last)s”"),
    LEFT: gettext_noop("removed between the releases “%(first)s” and “%(last)s”"),
}


def time_words(column: str, interval: str) -> str:
    """Return an interval `first/last` of dates, or of releases, in words."""
    first, _slash, last = interval.partition("/")
    first_day, last_day = _day(first), _day(last)
    if OPEN in (first, last):
        texts = UP_TO if first == OPEN else AFTER
    else:
        texts = BETWEEN_DATES if first_day and last_day else BETWEEN_RELEASES
    return _(texts[column]) % {"first": first_day or first, "last": last_day or last}


def _day(text: str) -> str:
    """Return an ISO date in words, '' for any other text."""
    try:
        return partial_dates.words(date.fromisoformat(text))
    except ValueError:
        return ""
