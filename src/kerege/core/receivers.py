"""Builds row-level security after the tables of all rooms are migrated."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models.signals import post_migrate

from kerege.core.row_security import policies


def build_policies(using: str, **kwargs: Any) -> None:
    """Build the policies that the rooms declare."""
    policies.build(connections[using])


# Django sends this only for apps with models; when it does, the tables of all of them are there
post_migrate.connect(
    build_policies, sender=apps.get_app_config("audit"), weak=False, dispatch_uid="core.build_policies"
)
