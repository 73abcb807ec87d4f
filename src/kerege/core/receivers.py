"""Receiver that builds row-level security after the tables of all apps are migrated."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models.signals import post_migrate

from kerege.core.row_security import policies


def build_policies(using: str, **kwargs: Any) -> None:
    """Build the policies that the apps declare."""
    policies.build(connections[using])


# Django sends this signal only for apps with models, and only after the tables of all apps exist
post_migrate.connect(
    build_policies, sender=apps.get_app_config("audit"), weak=False, dispatch_uid="core.build_policies"
)
