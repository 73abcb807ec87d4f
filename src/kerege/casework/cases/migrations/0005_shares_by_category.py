from __future__ import annotations

import uuid
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kerege.core.fields

# what a share showed before it named its categories
BEFORE = ["identity", "contact", "exploitation"]


def name_categories(apps: Any, schema_editor: Any) -> None:
    """Shares of before go on showing what they showed."""
    apps.get_model("cases", "Share").objects.update(categories=BEFORE, named=True)


class Migration(migrations.Migration):
    """A share names the categories of data that it shows; notices."""

    dependencies = [
        ("cases", "0004_withheld_notes"),
        ("accounts", "0002_services_offered"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint("share", "one_open_share_per_case_and_agency"),
        migrations.AddField("share", "source_id", models.UUIDField(blank=True, null=True)),
        migrations.AddField(
            "share", "categories", kerege.core.fields.CodesField("data_category", blank=True, default=list)
        ),
        migrations.AddField("share", "named", models.BooleanField(default=False)),
        migrations.AddIndex("share", models.Index(fields=["agency", "to_at"], name="share_of_agency")),
        migrations.RunPython(name_categories, migrations.RunPython.noop),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("role", kerege.core.fields.CodeField("role", blank=True, default="", max_length=48)),
                ("kind", kerege.core.fields.CodeField("notice_kind", default="", max_length=48)),
                ("reference", models.CharField(blank=True, max_length=20)),
                ("url_name", models.CharField(blank=True, max_length=60)),
                ("object_id", models.UUIDField(blank=True, null=True)),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.agency"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("read_at__isnull", True)), fields=["agency", "-at"], name="unread_notices"
                    )
                ],
            },
        ),
    ]
