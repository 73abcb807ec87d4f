"""What the pages of kept typing need said of them (see first.py)."""

from __future__ import annotations

POST_ONLY = {"accounts:stay"}
