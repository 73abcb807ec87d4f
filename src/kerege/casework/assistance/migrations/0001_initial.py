import django.db.models.deletion
import kerege.casework.assistance.models.referrals
import kerege.core.database.fields
import kerege.core.database.migration_operations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("assistance", "0002_care"),
        ("assistance", "0003_handovers"),
        ("assistance", "0004_sharing"),
        ("assistance", "0005_referral_reference"),
        ("assistance", "0006_owner_changes"),
        ("assistance", "0007_withdrawn_referrals"),
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
                    name="Assessment",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("on", models.DateField()),
                        ("needs", models.JSONField(default=dict)),
                        (
                            "risk_level",
                            kerege.core.database.fields.CodeField("risk_level", blank=True, default="", max_length=48),
                        ),
                        ("assessed_by", models.CharField(max_length=80)),
                        ("created_at", models.DateTimeField()),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="assessments", to="cases.case"
                            ),
                        ),
                        (
                            "remark",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-on", "-created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Consent",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "purpose",
                            kerege.core.database.fields.CodeField(
                                "consent_purpose", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "categories",
                            kerege.core.database.fields.CodesField("data_category", blank=True, default=list),
                        ),
                        (
                            "language",
                            kerege.core.database.fields.CodeField("language", blank=True, default="", max_length=48),
                        ),
                        (
                            "manner",
                            kerege.core.database.fields.CodeField(
                                "consent_manner", blank=True, default="", max_length=48
                            ),
                        ),
                        ("by_guardian", models.BooleanField(default=False)),
                        ("given", models.BooleanField()),
                        ("on", models.DateField()),
                        ("until", models.DateField(blank=True, null=True)),
                        ("withdrawn_on", models.DateField(blank=True, null=True)),
                        ("recorded_by", models.CharField(max_length=80)),
                        ("created_at", models.DateTimeField()),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="consents", to="cases.case"
                            ),
                        ),
                        (
                            "recipient",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.agency",
                            ),
                        ),
                        (
                            "witness",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        ("interpreter", models.BooleanField(default=False)),
                        ("told", kerege.core.database.fields.CodesField("consent_point", blank=True, default=list)),
                        ("text_version", models.CharField(blank=True, max_length=20)),
                        (
                            "guardian",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        (
                            "guardian_relation",
                            kerege.core.database.fields.CodeField(
                                "guardian_relation", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "child_assent",
                            kerege.core.database.fields.CodeField("answer", blank=True, default="", max_length=48),
                        ),
                        ("withdrawn_by", models.CharField(blank=True, max_length=80)),
                        ("reminded_at", models.DateTimeField(blank=True, null=True)),
                        ("ran_out_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["-on", "-created_at"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("given", True), ("withdrawn_on", None)),
                                fields=["until"],
                                name="consents_by_end",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("withdrawn_on__isnull", True),
                                    ("withdrawn_on__gte", models.F("on")),
                                    _connector="OR",
                                ),
                                name="consent_withdrawn_after_given",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("given", True), ("withdrawn_on", None), _connector="OR"),
                                name="only_given_consent_is_withdrawn",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Document",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField(
                                "document_kind", blank=True, default="", max_length=48
                            ),
                        ),
                        ("requested_on", models.DateField(blank=True, null=True)),
                        ("issued_on", models.DateField(blank=True, null=True)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="documents", to="cases.case"
                            ),
                        ),
                        ("applied_on", models.DateField(blank=True, null=True)),
                        (
                            "authority",
                            kerege.core.database.fields.CodeField(
                                "issuing_authority", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "country",
                            kerege.core.database.fields.CodeField("country", blank=True, default="", max_length=48),
                        ),
                        ("due_on", models.DateField(blank=True, null=True)),
                        ("handed_over_on", models.DateField(blank=True, null=True)),
                        (
                            "loss",
                            kerege.core.database.fields.CodeField(
                                "document_loss", blank=True, default="", max_length=48
                            ),
                        ),
                        ("refused_on", models.DateField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("handed_over_on__isnull", True),
                                    ("issued_on__isnull", True),
                                    ("handed_over_on__gte", models.F("issued_on")),
                                    _connector="OR",
                                ),
                                name="document_is_issued_before_it_is_handed_over",
                            )
                        ],
                        "ordering": ["requested_on", "kind"],
                    },
                ),
                migrations.CreateModel(
                    name="Plan",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField("plan_kind", blank=True, default="", max_length=48),
                        ),
                        ("starts_on", models.DateField()),
                        ("planned_end_on", models.DateField(blank=True, null=True)),
                        ("ended_on", models.DateField(blank=True, null=True)),
                        ("agreed_on", models.DateField(blank=True, null=True)),
                        ("review_on", models.DateField(blank=True, null=True)),
                        ("created_by", models.CharField(max_length=80)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="plans", to="cases.case"
                            ),
                        ),
                        (
                            "agreement",
                            kerege.core.database.fields.CodeField(
                                "plan_agreement", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "agreement_language",
                            kerege.core.database.fields.CodeField("language", blank=True, default="", max_length=48),
                        ),
                        (
                            "agreement_manner",
                            kerege.core.database.fields.CodeField(
                                "consent_manner", blank=True, default="", max_length=48
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_on__isnull", True),
                                    ("ended_on__gte", models.F("starts_on")),
                                    _connector="OR",
                                ),
                                name="plan_ends_after_it_began",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_on__isnull", True)),
                                fields=("case",),
                                name="one_running_plan_per_case",
                            ),
                        ],
                        "ordering": ["-starts_on"],
                    },
                ),
                migrations.CreateModel(
                    name="Goal",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "domain",
                            kerege.core.database.fields.CodeField("need_domain", blank=True, default="", max_length=48),
                        ),
                        (
                            "text",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="goals", to="assistance.plan"
                            ),
                        ),
                        ("ended_on", models.DateField(blank=True, null=True)),
                        ("by", models.DateField(blank=True, null=True)),
                        ("created_at", models.DateTimeField(null=True)),
                        (
                            "outcome",
                            kerege.core.database.fields.CodeField(
                                "goal_outcome", blank=True, default="", max_length=48
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Referral",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("services", kerege.core.database.fields.CodesField("service", blank=True, default=list)),
                        (
                            "categories",
                            kerege.core.database.fields.CodesField("data_category", blank=True, default=list),
                        ),
                        ("legal_basis", models.CharField(blank=True, max_length=80)),
                        (
                            "urgency",
                            kerege.core.database.fields.CodeField(
                                "urgency", blank=True, default="normal", max_length=48
                            ),
                        ),
                        (
                            "status",
                            kerege.core.database.fields.CodeField(
                                "referral_status", blank=True, default="sent", max_length=48
                            ),
                        ),
                        (
                            "decline_reason",
                            kerege.core.database.fields.CodeField(
                                "decline_reason", blank=True, default="", max_length=48
                            ),
                        ),
                        ("due_on", models.DateField()),
                        ("sent_at", models.DateTimeField()),
                        ("seen_at", models.DateTimeField(blank=True, null=True)),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        ("completed_at", models.DateTimeField(blank=True, null=True)),
                        ("sent_by", models.CharField(max_length=80)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="referrals", to="cases.case"
                            ),
                        ),
                        (
                            "consent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="referrals",
                                to="assistance.consent",
                            ),
                        ),
                        (
                            "from_agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="referrals_sent",
                                to="accounts.agency",
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
                        (
                            "to_agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="referrals_received",
                                to="accounts.agency",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                default=kerege.casework.assistance.models.referrals.new_reference,
                                editable=False,
                                max_length=12,
                                unique=True,
                            ),
                        ),
                        (
                            "assignee",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "previous",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="next",
                                to="assistance.referral",
                            ),
                        ),
                        (
                            "outcome",
                            kerege.core.database.fields.CodeField(
                                "referral_outcome", blank=True, default="", max_length=48
                            ),
                        ),
                        ("delivered", kerege.core.database.fields.CodesField("service", blank=True, default=list)),
                        ("ended_on", models.DateField(blank=True, null=True)),
                        (
                            "reply",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        (
                            "withdraw_reason",
                            kerege.core.database.fields.CodeField(
                                "referral_withdrawal", blank=True, default="", max_length=48
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-sent_at"],
                        "indexes": [models.Index(fields=["to_agency", "status", "due_on"], name="referral_inbox")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("from_agency", models.F("to_agency")), _negated=True),
                                name="referral_leaves_its_agency",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("consent__isnull", False),
                                    models.Q(("legal_basis", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="referral_rests_on_consent_or_law",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Return",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "country",
                            kerege.core.database.fields.CodeField("country", blank=True, default="", max_length=48),
                        ),
                        ("decided_on", models.DateField()),
                        (
                            "risk_level",
                            kerege.core.database.fields.CodeField("risk_level", blank=True, default="", max_length=48),
                        ),
                        ("departed_on", models.DateField(blank=True, null=True)),
                        ("arrived_on", models.DateField(blank=True, null=True)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="returns", to="cases.case"
                            ),
                        ),
                        (
                            "arrangements",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        ("assessed_on", models.DateField(blank=True, null=True)),
                        (
                            "best_interest",
                            kerege.core.database.fields.CodeField(
                                "best_interest", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "cancel_reason",
                            kerege.core.database.fields.CodeField(
                                "return_cancel", blank=True, default="", max_length=48
                            ),
                        ),
                        ("cancelled_on", models.DateField(blank=True, null=True)),
                        ("created_by", models.CharField(blank=True, max_length=80)),
                        (
                            "escorted",
                            kerege.core.database.fields.CodeField("answer", blank=True, default="", max_length=48),
                        ),
                        (
                            "fit_to_travel",
                            kerege.core.database.fields.CodeField("answer", blank=True, default="", max_length=48),
                        ),
                        (
                            "language",
                            kerege.core.database.fields.CodeField("language", blank=True, default="", max_length=48),
                        ),
                        (
                            "manner",
                            kerege.core.database.fields.CodeField(
                                "consent_manner", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "received_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.agency",
                            ),
                        ),
                        (
                            "risk_text",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        ("risks", kerege.core.database.fields.CodesField("return_risk", blank=True, default=list)),
                        ("travels_on", models.DateField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("departed_on__isnull", True),
                                    ("arrived_on__isnull", True),
                                    ("arrived_on__gte", models.F("departed_on")),
                                    _connector="OR",
                                ),
                                name="return_arrives_after_departure",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("departed_on__isnull", True),
                                    models.Q(("risk_level", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="nobody_departs_without_a_risk_assessment",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("cancelled_on__isnull", True), ("departed_on__isnull", True), _connector="OR"
                                ),
                                name="cancelled_return_has_not_begun",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("arrived_on__isnull", True), ("cancelled_on__isnull", True)),
                                fields=("case",),
                                name="one_return_under_way_per_case",
                            ),
                        ],
                        "ordering": ["-decided_on"],
                    },
                ),
                migrations.CreateModel(
                    name="Service",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField("service", blank=True, default="", max_length=48),
                        ),
                        (
                            "payer",
                            kerege.core.database.fields.CodeField("payer", blank=True, default="", max_length=48),
                        ),
                        (
                            "status",
                            kerege.core.database.fields.CodeField(
                                "service_status", blank=True, default="ongoing", max_length=48
                            ),
                        ),
                        ("requested_on", models.DateField(blank=True, null=True)),
                        ("started_on", models.DateField(blank=True, null=True)),
                        ("ended_on", models.DateField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        ("created_by", models.CharField(max_length=80)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="services", to="cases.case"
                            ),
                        ),
                        (
                            "goal",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="services",
                                to="assistance.goal",
                            ),
                        ),
                        (
                            "provider",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.agency",
                            ),
                        ),
                        (
                            "end_reason",
                            kerege.core.database.fields.CodeField(
                                "service_end_reason", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "outcome",
                            kerege.core.database.fields.CodeField(
                                "service_outcome", blank=True, default="", max_length=48
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["started_on", "created_at"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("started_on__isnull", True),
                                    ("ended_on__isnull", True),
                                    ("ended_on__gte", models.F("started_on")),
                                    _connector="OR",
                                ),
                                name="service_ends_after_it_began",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["ongoing", "completed"]), _negated=True),
                                    ("started_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="completed_service_has_started",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Bed",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("room", models.CharField(max_length=12)),
                        ("number", models.CharField(max_length=6)),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField("bed_kind", blank=True, default="", max_length=48),
                        ),
                        ("active", models.BooleanField(default=True)),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="beds", to="accounts.agency"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["room", "number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("agency", "room", "number"), name="one_bed_per_room_and_number"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Contact",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("on", models.DateField()),
                        (
                            "channel",
                            kerege.core.database.fields.CodeField(
                                "person_channel", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "result",
                            kerege.core.database.fields.CodeField(
                                "reach_result", blank=True, default="", max_length=48
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("created_by", models.CharField(max_length=80)),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="contacts", to="cases.case"
                            ),
                        ),
                        (
                            "note",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-on", "-created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Delivery",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("on", models.DateField()),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField(
                                "delivery_kind", blank=True, default="", max_length=48
                            ),
                        ),
                        ("units", models.PositiveSmallIntegerField(default=1)),
                        ("delivered_by", models.CharField(max_length=80)),
                        ("created_at", models.DateTimeField()),
                        (
                            "remark",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="deliveries",
                                to="assistance.service",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-on", "-created_at"],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("units__gte", 1)), name="delivery_of_something")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FollowUp",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("months", models.PositiveSmallIntegerField()),
                        ("due_on", models.DateField()),
                        ("done_on", models.DateField(blank=True, null=True)),
                        (
                            "outcome",
                            kerege.core.database.fields.CodeField(
                                "follow_up_outcome", blank=True, default="", max_length=48
                            ),
                        ),
                        ("done_by", models.CharField(blank=True, max_length=80)),
                        (
                            "journey",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="follow_ups",
                                to="assistance.return",
                            ),
                        ),
                        (
                            "remark",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["due_on"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("journey", "months"), name="one_follow_up_per_return_and_month"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("done_on__isnull", True), models.Q(("outcome", ""), _negated=True), _connector="OR"
                                ),
                                name="follow_up_done_has_outcome",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Interruption",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "reason",
                            kerege.core.database.fields.CodeField(
                                "service_end_reason", blank=True, default="", max_length=48
                            ),
                        ),
                        ("began_on", models.DateField()),
                        ("ended_on", models.DateField(blank=True, null=True)),
                        (
                            "service",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="interruptions",
                                to="assistance.service",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-began_on"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_on__isnull", True), ("ended_on__gte", models.F("began_on")), _connector="OR"
                                ),
                                name="interruption_ends_after_it_began",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_on__isnull", True)),
                                fields=("service",),
                                name="one_open_interruption_per_service",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Review",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("on", models.DateField()),
                        (
                            "result",
                            kerege.core.database.fields.CodeField(
                                "review_result", blank=True, default="", max_length=48
                            ),
                        ),
                        ("reviewed_by", models.CharField(max_length=80)),
                        ("created_at", models.DateTimeField()),
                        (
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reviews",
                                to="assistance.plan",
                            ),
                        ),
                        (
                            "text",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-on", "-created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Stay",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("arrived_on", models.DateField()),
                        ("bed_since", models.DateField()),
                        ("left_on", models.DateField(blank=True, null=True)),
                        (
                            "end_reason",
                            kerege.core.database.fields.CodeField("stay_end", blank=True, default="", max_length=48),
                        ),
                        ("extended_until", models.DateField(blank=True, null=True)),
                        (
                            "extension_reason",
                            kerege.core.database.fields.CodeField(
                                "extension_reason", blank=True, default="", max_length=48
                            ),
                        ),
                        ("extended_by", models.CharField(blank=True, max_length=80)),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="stays", to="accounts.agency"
                            ),
                        ),
                        (
                            "bed",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="stays", to="assistance.bed"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="stays", to="cases.case"
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="stays",
                                to="assistance.service",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-arrived_on"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("left_on__isnull", True)),
                                fields=("bed",),
                                name="one_person_per_bed",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("left_on__isnull", True)),
                                fields=("case",),
                                name="one_running_stay_per_case",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("bed_since__gte", models.F("arrived_on")),
                                    models.Q(
                                        ("left_on__isnull", True),
                                        ("left_on__gte", models.F("bed_since")),
                                        _connector="OR",
                                    ),
                                ),
                                name="stay_ends_after_it_began",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("extended_until__isnull", True),
                                    models.Q(
                                        ("extended_until__gt", models.F("arrived_on")), ("extension_reason__gt", "")
                                    ),
                                    _connector="OR",
                                ),
                                name="extension_has_a_ground",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HandoverOffer",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("offered_at", models.DateTimeField()),
                        ("offered_by", models.CharField(max_length=80)),
                        ("answer_due_on", models.DateField()),
                        ("stayed", models.JSONField(default=dict)),
                        (
                            "from_agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "to_agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-offered_at"],
                        "indexes": [models.Index(fields=["to_agency", "-offered_at"], name="offers_to_an_agency")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("from_agency", models.F("to_agency")), _negated=True),
                                name="offer_leaves_its_agency",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Handover",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "status",
                            kerege.core.database.fields.CodeField(
                                "handover_status", blank=True, default="offered", max_length=48
                            ),
                        ),
                        (
                            "decline_reason",
                            kerege.core.database.fields.CodeField(
                                "decline_reason", blank=True, default="", max_length=48
                            ),
                        ),
                        ("offered_at", models.DateTimeField()),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        ("answered_by", models.CharField(blank=True, max_length=80)),
                        ("undo_until", models.DateTimeField(blank=True, null=True)),
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
                        ("undone_by", models.CharField(blank=True, max_length=80)),
                        ("before", models.JSONField(default=dict)),
                        ("kept", models.JSONField(default=dict)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="handovers", to="cases.case"
                            ),
                        ),
                        (
                            "consent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="assistance.consent"
                            ),
                        ),
                        (
                            "from_agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "to_agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="handovers",
                                to="assistance.handoveroffer",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["case__reference"],
                        "indexes": [models.Index(fields=["to_agency", "status"], name="handovers_to_answer")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "offered")),
                                fields=("case",),
                                name="one_open_handover_per_case",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("status__in", ["accepted", "declined", "withdrawn", "undone"]), _negated=True
                                    ),
                                    ("answered_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="answered_handover_has_its_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "undone"), _negated=True),
                                    ("undone_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="undone_handover_has_its_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TransferRequest",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "key",
                            kerege.core.database.fields.CodeField(
                                "transfer_key", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "urgency",
                            kerege.core.database.fields.CodeField(
                                "urgency", blank=True, default="normal", max_length=48
                            ),
                        ),
                        (
                            "status",
                            kerege.core.database.fields.CodeField(
                                "transfer_status", blank=True, default="sent", max_length=48
                            ),
                        ),
                        (
                            "end_reason",
                            kerege.core.database.fields.CodeField(
                                "transfer_end", blank=True, default="", max_length=48
                            ),
                        ),
                        ("due_on", models.DateField()),
                        ("sent_at", models.DateTimeField()),
                        ("sent_by", models.CharField(max_length=80)),
                        ("passed_on_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        (
                            "handover",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="assistance.handover",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-sent_at"],
                        "indexes": [models.Index(fields=["status", "due_on"], name="transfers_waiting")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "ended"), _negated=True),
                                    ("ended_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="ended_transfer_has_its_time",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReferralStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField(
                                "referral_step", blank=True, default="", max_length=48
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("by", models.CharField(max_length=80)),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.agency",
                            ),
                        ),
                        (
                            "referral",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="assistance.referral",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["at", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="OwnerChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="owner_changes",
                                to="cases.case",
                            ),
                        ),
                        (
                            "handover",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="owner_changes",
                                to="assistance.handover",
                            ),
                        ),
                        (
                            "from_agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "to_agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["at", "id"],
                        "indexes": [
                            models.Index(fields=["case", "at"], name="owners_of_a_case"),
                            models.Index(fields=["from_agency", "at"], name="cases_that_left"),
                        ],
                    },
                ),
            ],
        ),
    ]
