import django.db.models.deletion
import kerege.core.database.migration_operations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("publishing", "0002_the_gate")]

    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        kerege.core.database.migration_operations.CreateTables(
            models=[
                migrations.CreateModel(
                    name="Release",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("title", models.CharField(max_length=300)),
                        ("period", models.CharField(max_length=20)),
                        ("directory", models.CharField(max_length=200, unique=True)),
                        ("manifest_sha256", models.CharField(blank=True, max_length=64)),
                        ("ledger_entry", models.CharField(blank=True, max_length=64)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("checking", "Being checked"),
                                    ("refused", "Refused by the gate"),
                                    ("ready", "Waits for approval"),
                                    ("approved", "Approved"),
                                    ("published", "Published"),
                                    ("corrected", "Corrected by a newer one"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        ("prepared_at", models.DateTimeField(auto_now_add=True)),
                        ("approved_at", models.DateTimeField(blank=True, null=True)),
                        ("published_at", models.DateTimeField(blank=True, null=True)),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "approved_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "prepared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("check_asked_at", models.DateTimeField(blank=True, null=True)),
                        ("check_began_at", models.DateTimeField(blank=True, null=True)),
                        ("check_number", models.PositiveIntegerField(default=0)),
                        ("checked_at", models.DateTimeField(blank=True, null=True)),
                        ("draft_sha256", models.CharField(blank=True, max_length=64)),
                        ("embargo_at", models.DateTimeField(blank=True, null=True)),
                        ("faults", models.JSONField(blank=True, default=list)),
                        ("hands", models.ManyToManyField(blank=True, related_name="+", to=settings.AUTH_USER_MODEL)),
                        (
                            "revises",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="revisions",
                                to="publishing.release",
                            ),
                        ),
                        ("snapshots", models.JSONField(blank=True, default=list)),
                        ("spec", models.JSONField(blank=True, default=dict)),
                        ("withdrawn_reason", models.JSONField(blank=True, default=dict)),
                    ],
                    options={
                        "ordering": ["-prepared_at"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("approved_by__isnull", True),
                                    models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="release_approved_by_another_person",
                                violation_error_message="A release is never approved by the person who prepared it.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ("approved", "published", "corrected")), _negated=True),
                                    models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="release_published_only_when_approved",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "draft",
                                            "checking",
                                            "refused",
                                            "ready",
                                            "approved",
                                            "published",
                                            "corrected",
                                            "withdrawn",
                                        ],
                                    )
                                ),
                                name="release_state_is_known",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ("approved", "published", "corrected"))),
                                fields=("revises",),
                                name="one_standing_correction_of_a_release",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Deputy",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("from_on", models.DateField()),
                        ("until_on", models.DateField()),
                        ("appointed_at", models.DateTimeField(auto_now_add=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "appointed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-from_on", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("until_on__gte", models.F("from_on"))), name="deputy_days_in_order"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("user", models.F("appointed_by")), _negated=True),
                                name="deputy_named_by_another",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
