"""Notes for the pages of kept typing (see first.py)."""

from __future__ import annotations

POST_ONLY = {"accounts:stay"}
