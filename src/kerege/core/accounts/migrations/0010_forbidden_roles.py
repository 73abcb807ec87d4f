"""Roles against the rules end after some days and are refused by a trigger; every issued link is kept."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from kerege.core.accounts import role_triggers

ROLES = [
    ("first_responder", "First responder"),
    ("caseworker", "Caseworker"),
    ("supervisor", "Supervisor"),
    ("identifying_officer", "Identifying officer"),
    ("justice_officer", "Justice officer"),
    ("coordinator", "Coordinator"),
    ("analyst", "Analyst"),
    ("publisher", "Publisher"),
    ("auditor", "Auditor"),
    ("administrator", "Administrator"),
]


def copy_last_links(apps, schema_editor):
    """Keep the last link of each user; earlier ones were not recorded."""
    links = apps.get_model("accounts", "IssuedLink")
    users = apps.get_model("accounts", "User").objects.exclude(link_at=None)
    links.objects.bulk_create(links(user=user, by_id=user.link_by_id, at=user.link_at) for user in users)


def remove_triggers(apps, schema_editor):
    """Remove the triggers; `role_triggers.install_after` creates them, after all migrations."""
    role_triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    """Add the columns, the tables and the triggers."""

    dependencies = [("accounts", "0009_confirmed_addresses")]

    operations = [
        migrations.AddField(
            model_name="roleassignment",
            name="forbidden_since",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            name="IssuedLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RolePermission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(choices=ROLES, max_length=30)),
                ("agency_kind", models.CharField(blank=True, max_length=60)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("role", "agency_kind"), name="one_permission_per_role_and_kind")
                ],
            },
        ),
        migrations.RunPython(copy_last_links, migrations.RunPython.noop),
        migrations.RunPython(migrations.RunPython.noop, remove_triggers),
    ]
