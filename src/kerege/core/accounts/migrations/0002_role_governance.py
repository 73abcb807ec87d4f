"""Role governance: national agencies, requests for roles, reviews of access."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


def mark_root_agency(apps, schema_editor):
    """Mark the only agency without a parent as national; among several, the operator chooses (`kerege roles national`)."""
    roots = apps.get_model("accounts", "Agency").objects.filter(parent=None)
    if roots.count() == 1:
        roots.update(national=True)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="agency",
            name="national",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="roleassignment",
            name="since",
            field=models.DateTimeField(editable=False, null=True),
        ),
        # a second step: the rows that are there get no invented date
        migrations.AlterField(
            model_name="roleassignment",
            name="since",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, null=True),
        ),
        migrations.RunPython(mark_root_agency, migrations.RunPython.noop),
        migrations.AddField(
            model_name="user",
            name="link_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="AccessReview",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("quarter", models.CharField(max_length=7)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_on", models.DateField()),
                ("confirmed", models.JSONField(blank=True, default=dict)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="access_reviews", to="accounts.agency"
                    ),
                ),
            ],
            options={
                "ordering": ["-quarter"],
                "constraints": [
                    models.UniqueConstraint(fields=("agency", "quarter"), name="one_review_per_agency_and_quarter")
                ],
            },
        ),
        migrations.CreateModel(
            name="RoleRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "role",
                    models.CharField(
                        choices=[
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
                        ],
                        max_length=30,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("asked_by", models.CharField(max_length=80)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_by", models.CharField(blank=True, max_length=80)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("", "Open"), ("given", "Given"), ("refused", "Refused"), ("withdrawn", "Withdrawn")],
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="role_requests", to="accounts.agency"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="role_requests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "")),
                        fields=("user", "agency", "role"),
                        name="one_open_request_per_role",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "given"), _negated=True),
                            models.Q(
                                models.Q(("decided_by", ""), _negated=True),
                                models.Q(("decided_by", models.F("asked_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_second_person_gives_a_role",
                    ),
                ],
            },
        ),
    ]
