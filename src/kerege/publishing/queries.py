"""What may be shown: editions of verified releases that nobody has withdrawn or holds back."""

from __future__ import annotations

from django.db import connection

from kerege.publishing import releases
from kerege.publishing.editions import Edition
from kerege.publishing.models import Release


def held_back() -> frozenset[str]:
    """Folders whose workflow says that they are not public: drafts, approved but unpublished, withdrawn.

    A folder that the workflow does not know was put there by the operator of the server and counts as published.
    """
    if Release._meta.db_table not in connection.introspection.table_names():
        return frozenset()
    rows = Release.objects.exclude(state=Release.State.PUBLISHED)
    return frozenset(rows.values_list("directory", flat=True))


def edition(year: int) -> Edition | None:
    """The edition of a year, or None when nothing of that year is public."""
    found = releases.of_year(year, without=held_back())
    return Edition(year, found) if found else None


def years() -> list[int]:
    """Years with something public, newest first."""
    return releases.years(without=held_back())
