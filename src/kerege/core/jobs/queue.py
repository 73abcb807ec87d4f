"""Old path of `kerege.core.jobs.requests`: rows of the task queue written before the move hold it; kept one version."""

from __future__ import annotations

from kerege.core.jobs.requests import run

__all__ = ["run"]
