"""Periods and ages as the statistics cut them."""

from __future__ import annotations

from datetime import date

BANDS = ((8, "0_8"), (17, "9_17"), (25, "18_25"), (30, "26_30"), (40, "31_40"), (50, "41_50"))


def age_band(age: int) -> str:
    """The band of an age in whole years."""
    return next((band for last, band in BANDS if age <= last), "51_plus")


def quarter(day: date) -> str:
    """`2025-Q1`."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def half(day: date) -> str:
    """`2025-H1`."""
    return f"{day.year}-H{1 if day.month <= 6 else 2}"
