"""Closed periods: a year, or a range of years."""

from __future__ import annotations

import re

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown

YEAR = "year"  # column of a snapshot


def list_years(period: str) -> list[str]:
    """Return the years of a closed period.

    Parameters
    ----------
    period : str
        A year or two years: 2025, 2021/2025 or 2021-2025; '' for no period.

    Returns
    -------
    list of str
        The years in order; [] for ''.

    Raises
    ------
    BadInput
        If the text is neither a year nor two years, or the first year is after the second.

    Examples
    --------
    >>> list_years("2023/2025")
    ['2023', '2024', '2025']
    """
    if not period:
        return []
    match = re.fullmatch(r"(\d{4})(?:[/-](\d{4}))?", period)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if first > last:
        raise BadInput(
            Fault(f"the period {shown(period)} is neither a year nor two years", 'write "2025" or "2021/2025"')
        )
    return [str(year) for year in range(first, last + 1)]
