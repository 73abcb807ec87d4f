import django.db.models.deletion
import kerege.core.database.migration_operations
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        kerege.core.database.migration_operations.CreateTables(
            models=[
                migrations.CreateModel(
                    name="SystemToken",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("name", models.CharField(max_length=80)),
                        ("digest", models.BinaryField(max_length=32, unique=True)),
                        ("scopes", models.JSONField(default=list)),
                        ("created_at", models.DateTimeField()),
                        ("created_by", models.CharField(max_length=80)),
                        ("expires_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        ("used_on", models.DateField(blank=True, null=True)),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="system_tokens",
                                to="accounts.agency",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["agency", "name", "-created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Webhook",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("url", models.URLField(max_length=300)),
                        ("secret", models.TextField(editable=False)),
                        ("events", models.JSONField(default=list)),
                        ("created_at", models.DateTimeField()),
                        ("created_by", models.CharField(max_length=80)),
                        ("stopped_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="webhooks",
                                to="accounts.agency",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["agency", "url"],
                    },
                ),
                migrations.CreateModel(
                    name="Answered",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=80)),
                        ("request", models.BinaryField(max_length=32)),
                        ("status", models.PositiveSmallIntegerField(default=0)),
                        ("body", models.JSONField(default=dict)),
                        ("at", models.DateTimeField(db_index=True)),
                        (
                            "token",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="systems.systemtoken"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("token", "key"), name="one_answer_per_idempotency_key")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Delivery",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("event", models.CharField(max_length=40)),
                        ("payload", models.JSONField(default=dict)),
                        ("created_at", models.DateTimeField()),
                        ("next_at", models.DateTimeField(null=True)),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("outcome", models.CharField(blank=True, max_length=40)),
                        ("delivered_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "webhook",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="deliveries",
                                to="systems.webhook",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-created_at"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("next_at__isnull", False)),
                                fields=["next_at"],
                                name="deliveries_due",
                            )
                        ],
                    },
                ),
            ],
        ),
    ]
