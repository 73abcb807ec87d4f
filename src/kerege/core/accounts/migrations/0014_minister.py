"""Role of a minister, who reads the ministry's board only."""

from __future__ import annotations

from django.db import migrations, models

ROLES = [
    ("first_responder", "First responder"),
    ("caseworker", "Caseworker"),
    ("supervisor", "Supervisor"),
    ("identifying_officer", "Identifying officer"),
    ("justice_officer", "Justice officer"),
    ("coordinator", "Coordinator"),
    ("analyst", "Analyst"),
    ("publisher", "Publisher"),
    ("minister", "Minister"),
    ("auditor", "Auditor"),
    ("administrator", "Administrator"),
]


def with_minister(model_name):
    """Return the operation that adds the role to the choices of a model."""
    return migrations.AlterField(model_name, "role", models.CharField(choices=ROLES, max_length=30))


class Migration(migrations.Migration):
    """Add the role to the choices; the triggers of roles read their table and need no change."""

    dependencies = [("accounts", "0013_fact_confirmations")]

    operations = [with_minister(name) for name in ("roleassignment", "rolepermission", "rolerequest")]
