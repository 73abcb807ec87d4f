"""Role of a secretary: measures of the plan, sessions and decisions of a commission."""

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
    ("secretary", "Secretary"),
]


def with_secretary(model_name):
    """Return the operation that adds the role to the choices of a model."""
    return migrations.AlterField(model_name, "role", models.CharField(choices=ROLES, max_length=30))


class Migration(migrations.Migration):
    """Add the role to the choices; the triggers of roles read their table and need no change."""

    dependencies = [("accounts", "0014_minister")]

    operations = [with_secretary(name) for name in ("roleassignment", "rolepermission", "rolerequest")]
