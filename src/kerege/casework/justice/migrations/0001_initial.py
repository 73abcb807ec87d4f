import django.db.models.deletion
import kerege.core.database.fields
import kerege.core.database.migration_operations
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("justice", "0002_proceedings")]

    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("cases", "0001_initial"),
    ]

    operations = [
        kerege.core.database.migration_operations.CreateTables(
            models=[
                migrations.CreateModel(
                    name="Crime",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "source",
                            kerege.core.database.fields.CodeField(
                                "crime_source", blank=True, default="", max_length=48
                            ),
                        ),
                        ("register_number", models.CharField(blank=True, max_length=40)),
                        (
                            "offence",
                            kerege.core.database.fields.CodeField("offence", blank=True, default="", max_length=48),
                        ),
                        ("registered_on", models.DateField()),
                        (
                            "region",
                            kerege.core.database.fields.CodeField("region", blank=True, default="", max_length=48),
                        ),
                        (
                            "stage",
                            kerege.core.database.fields.CodeField(
                                "crime_stage", blank=True, default="registered", max_length=48
                            ),
                        ),
                        ("stage_on", models.DateField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        ("created_by", models.CharField(max_length=80)),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="crimes", to="accounts.agency"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-registered_on"],
                        "indexes": [
                            models.Index(fields=["source", "registered_on"], name="crimes_of_a_source"),
                            models.Index(fields=["source", "register_number"], name="crimes_by_number"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("stage_on__isnull", True),
                                    ("stage_on__gte", models.F("registered_on")),
                                    _connector="OR",
                                ),
                                name="crime_stage_after_registration",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("register_number", ""), _negated=True),
                                fields=("agency", "source", "register_number"),
                                name="one_crime_per_agency_source_and_number",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseLink",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cases.case"
                            ),
                        ),
                        (
                            "crime",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="case_links",
                                to="justice.crime",
                            ),
                        ),
                        (
                            "basis",
                            kerege.core.database.fields.CodeField("link_basis", blank=True, default="", max_length=48),
                        ),
                        ("basis_id", models.UUIDField(blank=True, null=True)),
                        ("linked_at", models.DateTimeField(null=True)),
                        ("linked_by", models.CharField(blank=True, max_length=80)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("crime", "case"), name="one_link_per_crime_and_case")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Suspect",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("sex", kerege.core.database.fields.CodeField("sex", blank=True, default="", max_length=48)),
                        ("roles", kerege.core.database.fields.CodesField("suspect_role", blank=True, default=list)),
                        (
                            "organised_group",
                            kerege.core.database.fields.CodeField("answer", blank=True, default="", max_length=48),
                        ),
                        (
                            "stage",
                            kerege.core.database.fields.CodeField("crime_stage", blank=True, default="", max_length=48),
                        ),
                        (
                            "crime",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="suspects", to="justice.crime"
                            ),
                        ),
                        (
                            "age_band",
                            kerege.core.database.fields.CodeField("age_band", blank=True, default="", max_length=48),
                        ),
                        (
                            "citizenship",
                            kerege.core.database.fields.CodeField("country", blank=True, default="", max_length=48),
                        ),
                        (
                            "sanction",
                            kerege.core.database.fields.CodeField("sanction", blank=True, default="", max_length=48),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Compensation",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "source",
                            kerege.core.database.fields.CodeField(
                                "compensation_source", blank=True, default="", max_length=48
                            ),
                        ),
                        ("claimed_on", models.DateField(blank=True, null=True)),
                        ("claimed", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                        ("awarded_on", models.DateField(blank=True, null=True)),
                        ("awarded", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                        ("paid_on", models.DateField(blank=True, null=True)),
                        ("paid", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                        (
                            "crime",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="compensations",
                                to="justice.crime",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["claimed_on", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("claimed__isnull", True), ("claimed__gte", 0), _connector="OR"),
                                    models.Q(("awarded__isnull", True), ("awarded__gte", 0), _connector="OR"),
                                    models.Q(("paid__isnull", True), ("paid__gte", 0), _connector="OR"),
                                ),
                                name="compensation_is_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("paid__isnull", True), ("paid_on__isnull", False), _connector="OR"),
                                name="paid_compensation_has_its_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Hearing",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("on", models.DateField()),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField(
                                "hearing_kind", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "state",
                            kerege.core.database.fields.CodeField(
                                "hearing_state", blank=True, default="planned", max_length=48
                            ),
                        ),
                        (
                            "crime",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="hearings", to="justice.crime"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["on"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "planned")), fields=["on"], name="planned_hearings"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProtectionMeasure",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "person",
                            kerege.core.database.fields.CodeField(
                                "protected_person", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField(
                                "protection_kind", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "ordered_by",
                            kerege.core.database.fields.CodeField("agency_kind", blank=True, default="", max_length=48),
                        ),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        (
                            "crime",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="protections",
                                to="justice.crime",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-starts_on"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                                ),
                                name="protection_ends_after_it_began",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StageEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "stage",
                            kerege.core.database.fields.CodeField("crime_stage", blank=True, default="", max_length=48),
                        ),
                        ("on", models.DateField()),
                        (
                            "correction",
                            kerege.core.database.fields.CodeField(
                                "stage_correction", blank=True, default="", max_length=48
                            ),
                        ),
                        ("recorded_at", models.DateTimeField()),
                        ("recorded_by", models.CharField(max_length=80)),
                        (
                            "crime",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="stages", to="justice.crime"
                            ),
                        ),
                        (
                            "suspect",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="stages",
                                to="justice.suspect",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["recorded_at", "pk"],
                        "indexes": [models.Index(fields=["crime", "recorded_at"], name="stages_of_a_crime")],
                    },
                ),
            ],
        ),
    ]
