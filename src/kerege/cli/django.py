"""Loads Django for the commands that need the register."""

from __future__ import annotations

import os


def setup() -> None:
    """Configure Django once; safe to call again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kerege.config.settings")
    import django

    django.setup()
