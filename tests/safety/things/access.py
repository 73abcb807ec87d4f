"""What the pages of access need said of them (see first.py)."""

from __future__ import annotations

POST_ONLY = {"accounts:step-up"}
