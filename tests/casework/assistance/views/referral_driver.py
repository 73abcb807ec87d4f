"""Cases and clinics of the pages of referrals."""

from __future__ import annotations

from datetime import date

DAY = date(2025, 3, 10)
PHONE = "+7 701 555 01 99"
