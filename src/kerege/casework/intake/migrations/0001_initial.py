import django.db.models.deletion
import kerege.casework.intake.models
import kerege.core.database.fields
import kerege.core.database.migration_operations
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("intake", "0002_identification"),
        ("intake", "0003_complete_screenings"),
        ("intake", "0004_screenings_are_whole"),
        ("intake", "0005_cases_of_a_signal"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("cases", "0001_initial"),
        ("vault", "0001_initial"),
    ]

    operations = [
        kerege.core.database.migration_operations.CreateTables(
            models=[
                migrations.CreateModel(
                    name="Signal",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "reference",
                            models.CharField(
                                default=kerege.casework.intake.models.new_reference, max_length=12, unique=True
                            ),
                        ),
                        (
                            "channel",
                            kerege.core.database.fields.CodeField(
                                "signal_channel", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "caller",
                            kerege.core.database.fields.CodeField("caller_kind", blank=True, default="", max_length=48),
                        ),
                        ("anonymous", models.BooleanField(default=False)),
                        (
                            "urgency",
                            kerege.core.database.fields.CodeField(
                                "urgency", blank=True, default="normal", max_length=48
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
                            "suspected_form",
                            kerege.core.database.fields.CodeField(
                                "exploitation_form", blank=True, default="", max_length=48
                            ),
                        ),
                        ("people", models.PositiveSmallIntegerField(blank=True, null=True)),
                        ("received_at", models.DateTimeField()),
                        ("created_by", models.CharField(max_length=80)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("new", "New"),
                                    ("seen", "Seen"),
                                    ("case_opened", "Case Opened"),
                                    ("closed", "Closed"),
                                ],
                                default="new",
                                max_length=12,
                            ),
                        ),
                        (
                            "data_key",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                            ),
                        ),
                        (
                            "from_agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signals_sent",
                                to="accounts.agency",
                            ),
                        ),
                        (
                            "narrative",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        (
                            "to_agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signals_received",
                                to="accounts.agency",
                            ),
                        ),
                        ("cases", models.ManyToManyField(blank=True, related_name="signals", to="cases.case")),
                    ],
                    options={
                        "ordering": ["-received_at"],
                        "indexes": [models.Index(fields=["to_agency", "state"], name="signal_inbox")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["new", "seen", "case_opened", "closed"])),
                                name="signal_state_known",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DecisionRequest",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "track",
                            kerege.core.database.fields.CodeField(
                                "decision_track", blank=True, default="", max_length=48
                            ),
                        ),
                        ("requested_on", models.DateField()),
                        ("requested_by", models.CharField(max_length=80)),
                        ("created_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "authority",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="decision_requests",
                                to="cases.case",
                            ),
                        ),
                        (
                            "from_agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-requested_on", "-created_at"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("withdrawn_at", None)),
                                fields=["authority", "case"],
                                name="decisions_asked_for",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("track__in", ["social", "police"])), name="request_track_known"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Notification",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("told_on", models.DateField()),
                        (
                            "manner",
                            kerege.core.database.fields.CodeField(
                                "notice_manner", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "language",
                            kerege.core.database.fields.CodeField("language", blank=True, default="", max_length=48),
                        ),
                        (
                            "interpreter",
                            kerege.core.database.fields.CodeField("answer", blank=True, default="", max_length=48),
                        ),
                        ("told_by", models.CharField(max_length=80)),
                        ("created_at", models.DateTimeField()),
                        (
                            "decision",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notifications",
                                to="cases.decision",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-told_on", "-created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Review",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("asked_on", models.DateField()),
                        (
                            "asked_by",
                            kerege.core.database.fields.CodeField("review_by", blank=True, default="", max_length=48),
                        ),
                        ("opened_by", models.CharField(max_length=80)),
                        ("created_at", models.DateTimeField()),
                        (
                            "decision",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE, related_name="review", to="cases.decision"
                            ),
                        ),
                        (
                            "why",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-asked_on", "-created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Screening",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("tool", models.CharField(max_length=40)),
                        ("tool_version", models.CharField(max_length=20)),
                        ("profile", models.CharField(max_length=40)),
                        ("answers", models.JSONField(default=dict)),
                        ("result", models.JSONField(default=dict)),
                        (
                            "conclusion",
                            kerege.core.database.fields.CodeField(
                                "victim_status", blank=True, default="", max_length=48
                            ),
                        ),
                        ("screened_on", models.DateField()),
                        ("screened_by", models.CharField(max_length=80)),
                        ("created_at", models.DateTimeField()),
                        (
                            "case",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="screenings",
                                to="cases.case",
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        ("breaks", models.PositiveSmallIntegerField(blank=True, null=True)),
                        ("concluded_at", models.DateTimeField(blank=True, null=True)),
                        ("concluded_by", models.CharField(blank=True, max_length=80)),
                        (
                            "evidence",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        (
                            "interpreter",
                            kerege.core.database.fields.CodeField("answer", blank=True, default="", max_length=48),
                        ),
                        (
                            "language",
                            kerege.core.database.fields.CodeField("language", blank=True, default="", max_length=48),
                        ),
                        ("minutes", models.PositiveSmallIntegerField(blank=True, null=True)),
                        (
                            "place",
                            kerege.core.database.fields.CodeField(
                                "screening_place", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "reason",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        ("saved_at", models.DateTimeField()),
                        (
                            "signal",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="screenings",
                                to="intake.signal",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("case__isnull", False), ("signal__isnull", False), _connector="OR"),
                                name="screening_is_about_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("concluded_at__isnull", True), ("conclusion", "")),
                                    models.Q(
                                        ("concluded_at__isnull", False), models.Q(("conclusion", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="screening_concluded_has_conclusion",
                            ),
                        ],
                        "ordering": ["-created_at"],
                    },
                ),
            ],
        ),
    ]
