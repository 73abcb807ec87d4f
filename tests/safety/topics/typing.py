"""Notes for the pages with autosaved drafts (see first.py)."""

from __future__ import annotations

POST_ONLY = {"accounts:stay"}
