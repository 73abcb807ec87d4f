import django.db.models.deletion
import kerege.core.database.fields
import kerege.core.database.migration_operations
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("awareness", "0002_planned_and_reached")]

    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        kerege.core.database.migration_operations.CreateTables(
            models=[
                migrations.CreateModel(
                    name="Campaign",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("title_kk", models.CharField(max_length=200)),
                        ("title_ru", models.CharField(max_length=200)),
                        ("title_en", models.CharField(max_length=200)),
                        (
                            "audience",
                            kerege.core.database.fields.CodeField(
                                "campaign_audience", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "channels",
                            kerege.core.database.fields.CodesField("campaign_channel", blank=True, default=list),
                        ),
                        (
                            "region",
                            kerege.core.database.fields.CodeField("region", blank=True, default="", max_length=48),
                        ),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        ("reach", models.PositiveIntegerField(blank=True, null=True)),
                        ("cost", models.PositiveBigIntegerField(blank=True, null=True)),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="campaigns",
                                to="accounts.agency",
                            ),
                        ),
                        ("languages", kerege.core.database.fields.CodesField("language", blank=True, default=list)),
                        (
                            "materials",
                            kerege.core.database.fields.CodesField("campaign_material", blank=True, default=list),
                        ),
                        ("planned_cost", models.PositiveBigIntegerField(blank=True, null=True)),
                        ("planned_reach", models.PositiveIntegerField(blank=True, null=True)),
                        ("reach_by_channel", models.JSONField(blank=True, default=dict)),
                    ],
                    options={
                        "ordering": ["-starts_on"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                                ),
                                name="campaign_ends_after_it_began",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HotlineContact",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                        (
                            "channel",
                            kerege.core.database.fields.CodeField(
                                "contact_channel", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "caller",
                            kerege.core.database.fields.CodeField("caller_kind", blank=True, default="", max_length=48),
                        ),
                        (
                            "topic",
                            kerege.core.database.fields.CodeField(
                                "contact_topic", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "outcome",
                            kerege.core.database.fields.CodeField(
                                "contact_outcome", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "region",
                            kerege.core.database.fields.CodeField("region", blank=True, default="", max_length=48),
                        ),
                        (
                            "language",
                            kerege.core.database.fields.CodeField("language", blank=True, default="", max_length=48),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contacts",
                                to="accounts.agency",
                            ),
                        ),
                        (
                            "heard_through",
                            kerege.core.database.fields.CodeField(
                                "campaign_channel", blank=True, default="", max_length=48
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["at"], name="contacts_by_time")],
                    },
                ),
            ],
        ),
    ]
