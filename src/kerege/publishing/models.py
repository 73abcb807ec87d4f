"""The models of this app, for Django; `releases.models` defines them."""

from __future__ import annotations

from kerege.publishing.releases.calendar_models import AnnouncedRelease
from kerege.publishing.releases.models import Deputy, Release

__all__ = ["AnnouncedRelease", "Deputy", "Release"]
