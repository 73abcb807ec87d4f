"""Old path of `kerege.core.jobs.requests`, kept for one version: older rows of the task queue name it."""

from __future__ import annotations

from kerege.core.jobs.requests import run

__all__ = ["run"]
