import django.db.models.deletion
import kerege.casework.cases.models.records
import kerege.core.database.fields
import kerege.core.database.migration_operations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("cases", "0002_newest_first"),
        ("cases", "0003_share_out_the_work"),
        ("cases", "0004_withheld_notes"),
        ("cases", "0005_shares_by_category"),
        ("cases", "0006_keeping"),
        ("cases", "0007_emergencies"),
        ("cases", "0008_removed_files"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("vault", "0001_initial"),
    ]

    operations = [
        kerege.core.database.migration_operations.CreateTables(
            models=[
                migrations.CreateModel(
                    name="ReferenceCounter",
                    fields=[
                        ("year", models.PositiveIntegerField(primary_key=True, serialize=False)),
                        ("value", models.PositiveIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name="Case",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("reference", models.CharField(max_length=20, unique=True)),
                        ("source_key", models.BinaryField(max_length=32, null=True)),
                        ("registered_on", models.DateField()),
                        ("created_at", models.DateTimeField()),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "route",
                            kerege.core.database.fields.CodeField(
                                "signal_channel", blank=True, default="", max_length=48
                            ),
                        ),
                        ("detected_independently", models.BooleanField(default=True)),
                        (
                            "region",
                            kerege.core.database.fields.CodeField("region", blank=True, default="", max_length=48),
                        ),
                        (
                            "risk_level",
                            kerege.core.database.fields.CodeField("risk_level", blank=True, default="", max_length=48),
                        ),
                        (
                            "status",
                            kerege.core.database.fields.CodeField(
                                "case_status", blank=True, default="open", max_length=48
                            ),
                        ),
                        (
                            "closure_reason",
                            kerege.core.database.fields.CodeField(
                                "closure_reason", blank=True, default="", max_length=48
                            ),
                        ),
                        ("ended_on", models.DateField(blank=True, null=True)),
                        ("closed_on", models.DateField(blank=True, null=True)),
                        (
                            "social_status",
                            kerege.core.database.fields.CodeField(
                                "victim_status", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "police_status",
                            kerege.core.database.fields.CodeField(
                                "victim_status", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "gender",
                            kerege.core.database.fields.CodeField("gender", blank=True, default="", max_length=48),
                        ),
                        ("sex", kerege.core.database.fields.CodeField("sex", blank=True, default="", max_length=48)),
                        (
                            "age_band",
                            kerege.core.database.fields.CodeField("age_band", blank=True, default="", max_length=48),
                        ),
                        ("citizenships", kerege.core.database.fields.CodesField("country", blank=True, default=list)),
                        (
                            "origin_country",
                            kerege.core.database.fields.CodeField("country", blank=True, default="", max_length=48),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="cases", to="accounts.agency"
                            ),
                        ),
                        (
                            "caseworker",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="cases",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cases",
                                to="vault.identityrecord",
                            ),
                        ),
                        (
                            "registered_by_agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "supplement",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-registered_on", "-reference"],
                        "indexes": [
                            models.Index(fields=["agency", "status", "registered_on"], name="case_work_list"),
                            models.Index(fields=["caseworker", "status"], name="case_of_worker"),
                            models.Index(fields=["-registered_on", "-reference"], name="case_newest_first"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("registered_by_agency", "source_key"), name="one_case_per_agency_and_source_id"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["open", "suspended", "ended", "follow_up", "closed"])
                                ),
                                name="case_status_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "closed"), _negated=True),
                                    ("closed_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="case_closed_has_date",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_on__isnull", True),
                                    ("ended_on__gte", models.F("registered_on")),
                                    _connector="OR",
                                ),
                                name="case_ends_after_registration",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Decision",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "track",
                            kerege.core.database.fields.CodeField(
                                "decision_track", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField(
                                "decision_kind", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "resulting_status",
                            kerege.core.database.fields.CodeField(
                                "victim_status", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "authority_kind",
                            kerege.core.database.fields.CodeField("agency_kind", blank=True, default="", max_length=48),
                        ),
                        (
                            "standard_of_proof",
                            kerege.core.database.fields.CodeField(
                                "standard_of_proof", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "documents_used",
                            kerege.core.database.fields.CodesField("document_kind", blank=True, default=list),
                        ),
                        ("decided_on", models.DateField()),
                        ("decided_by", models.CharField(max_length=80)),
                        ("notified_on", models.DateField(blank=True, null=True)),
                        ("review_on", models.DateField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        (
                            "authority",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.agency",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="decisions", to="cases.case"
                            ),
                        ),
                        (
                            "grounds",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["decided_on", "created_at"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("track__in", ["social", "police"])), name="decision_track_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("notified_on__isnull", True),
                                    ("notified_on__gte", models.F("decided_on")),
                                    _connector="OR",
                                ),
                                name="decision_notified_after_it",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("on", models.DateField()),
                        ("at", models.DateTimeField()),
                        ("kind", models.CharField(max_length=40)),
                        ("detail", models.JSONField(default=dict)),
                        ("created_by", models.CharField(max_length=80)),
                        (
                            "agency",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.agency",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="events", to="cases.case"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-on", "-at"],
                        "indexes": [models.Index(fields=["case", "-on", "-at"], name="case_timeline")],
                    },
                ),
                migrations.CreateModel(
                    name="Exploitation",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("main", models.BooleanField(default=False)),
                        (
                            "main_form",
                            kerege.core.database.fields.CodeField(
                                "exploitation_form", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "forms",
                            kerege.core.database.fields.CodesField("exploitation_form", blank=True, default=list),
                        ),
                        (
                            "labour_sections",
                            kerege.core.database.fields.CodesField("labour_section", blank=True, default=list),
                        ),
                        (
                            "sexual_kinds",
                            kerege.core.database.fields.CodesField("sexual_kind", blank=True, default=list),
                        ),
                        ("acts", kerege.core.database.fields.CodesField("act", blank=True, default=list)),
                        ("means", kerege.core.database.fields.CodesField("means", blank=True, default=list)),
                        (
                            "means_of_control",
                            kerege.core.database.fields.CodesField("means_of_control", blank=True, default=list),
                        ),
                        (
                            "recruitment_methods",
                            kerege.core.database.fields.CodesField("recruitment_method", blank=True, default=list),
                        ),
                        (
                            "recruitment_platforms",
                            kerege.core.database.fields.CodesField("platform", blank=True, default=list),
                        ),
                        (
                            "exploitation_platforms",
                            kerege.core.database.fields.CodesField("platform", blank=True, default=list),
                        ),
                        (
                            "recruiter_relation",
                            kerege.core.database.fields.CodeField(
                                "recruiter_relation", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "recruiter_detail",
                            kerege.core.database.fields.CodeField(
                                "recruiter_detail", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "recruitment_country",
                            kerege.core.database.fields.CodeField("country", blank=True, default="", max_length=48),
                        ),
                        (
                            "transit_countries",
                            kerege.core.database.fields.CodesField("country", blank=True, default=list),
                        ),
                        (
                            "exploitation_country",
                            kerege.core.database.fields.CodeField("country", blank=True, default="", max_length=48),
                        ),
                        (
                            "exploitation_region",
                            kerege.core.database.fields.CodeField("region", blank=True, default="", max_length=48),
                        ),
                        ("started_on", models.DateField(blank=True, null=True)),
                        ("ended_on", models.DateField(blank=True, null=True)),
                        ("age_when_trafficked", models.PositiveSmallIntegerField(blank=True, null=True)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="exploitations",
                                to="cases.case",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("main", True)),
                                fields=("case",),
                                name="one_main_exploitation_per_case",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("started_on__isnull", True),
                                    ("ended_on__isnull", True),
                                    ("ended_on__gte", models.F("started_on")),
                                    _connector="OR",
                                ),
                                name="exploitation_ends_after_it_began",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("age_when_trafficked__isnull", True),
                                    ("age_when_trafficked__lte", 120),
                                    _connector="OR",
                                ),
                                name="exploitation_age_possible",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Note",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
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
                                on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="cases.case"
                            ),
                        ),
                        (
                            "text",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.sealedtext"
                            ),
                        ),
                        ("withheld", models.BooleanField(default=False)),
                    ],
                    options={
                        "ordering": ["-created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Share",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "basis",
                            models.CharField(choices=[("consent", "Consent"), ("legal", "Legal")], max_length=10),
                        ),
                        ("basis_id", models.UUIDField(blank=True, null=True)),
                        ("from_at", models.DateTimeField()),
                        ("to_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="shares", to="cases.case"
                            ),
                        ),
                        ("source_id", models.UUIDField(blank=True, null=True)),
                        (
                            "categories",
                            kerege.core.database.fields.CodesField("data_category", blank=True, default=list),
                        ),
                        ("named", models.BooleanField(default=False)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["agency", "to_at"], name="share_of_agency")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("basis__in", ["consent", "legal"])), name="share_has_known_basis"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Task",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField("task_kind", blank=True, default="", max_length=48),
                        ),
                        ("due_on", models.DateField()),
                        ("done_at", models.DateTimeField(blank=True, null=True)),
                        ("done_by", models.CharField(blank=True, max_length=80)),
                        ("created_at", models.DateTimeField()),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="accounts.agency"
                            ),
                        ),
                        (
                            "assignee",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="tasks",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="tasks",
                                to="cases.case",
                            ),
                        ),
                        (
                            "remark",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        ("source", models.CharField(blank=True, max_length=120)),
                    ],
                    options={
                        "ordering": ["due_on"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("done_at__isnull", True)),
                                fields=["agency", "due_on"],
                                name="open_tasks",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("source", ""), _negated=True),
                                fields=("source",),
                                name="one_task_per_source",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Approval",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField(
                                "approval_kind", blank=True, default="", max_length=48
                            ),
                        ),
                        ("subject", models.UUIDField(blank=True, null=True)),
                        ("proposal", models.JSONField(default=dict)),
                        ("requested_by", models.CharField(max_length=80)),
                        ("requested_at", models.DateTimeField()),
                        ("decided_by", models.CharField(blank=True, max_length=80)),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "outcome",
                            kerege.core.database.fields.CodeField(
                                "approval_outcome", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "answer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="approvals", to="cases.case"
                            ),
                        ),
                        (
                            "comment",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["requested_at"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("decided_at", None)),
                                fields=["requested_at"],
                                name="approvals_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_at", None),
                                    models.Q(("decided_by", models.F("requested_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="nobody_approves_her_own",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at", None), ("decided_by", ""), ("outcome", "")),
                                    models.Q(
                                        ("decided_at__isnull", False),
                                        ("outcome__in", ["approved", "returned"]),
                                        models.Q(("decided_by", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="approval_decided_with_outcome",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("decided_at", None)),
                                fields=("case", "kind"),
                                name="one_waiting_approval_per_case_and_kind",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Cover",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("from_on", models.DateField()),
                        ("until", models.DateField()),
                        ("created_at", models.DateTimeField()),
                        ("created_by", models.CharField(max_length=80)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "absent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="covered_by",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="covers",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["from_on"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("absent", models.F("by")), _negated=True),
                                name="nobody_covers_herself",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("until__gte", models.F("from_on"))),
                                name="cover_ends_after_it_begins",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reassignment",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("moves", models.JSONField(default=list)),
                        ("at", models.DateTimeField()),
                        ("by", models.CharField(max_length=80)),
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "to",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-at"],
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("role", kerege.core.database.fields.CodeField("role", blank=True, default="", max_length=48)),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField("notice_kind", blank=True, default="", max_length=48),
                        ),
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
                                condition=models.Q(("read_at__isnull", True)),
                                fields=["agency", "-at"],
                                name="unread_notices",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseFile",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField(
                                "document_kind", blank=True, default="", max_length=48
                            ),
                        ),
                        ("dated_on", models.DateField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        ("created_by", models.CharField(max_length=80)),
                        ("removed_at", models.DateTimeField(blank=True, null=True)),
                        ("removed_by", models.CharField(blank=True, max_length=80)),
                        (
                            "removal_reason",
                            kerege.core.database.fields.CodeField(
                                "file_removal_reason", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "receipt",
                            models.CharField(
                                default=kerege.casework.cases.models.records.new_receipt, max_length=12, unique=True
                            ),
                        ),
                        (
                            "about",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="files", to="cases.case"
                            ),
                        ),
                        (
                            "stored",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.storedfile"
                            ),
                        ),
                        ("kept_until", models.DateField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["-created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="LegalHold",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "ground",
                            kerege.core.database.fields.CodeField("hold_ground", blank=True, default="", max_length=48),
                        ),
                        ("until", models.DateField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                        ("created_by", models.CharField(max_length=80)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_by", models.CharField(blank=True, max_length=80)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="cases.case"
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
                    ],
                    options={
                        "ordering": ["-created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="RetentionApproval",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField(
                                "retention_kind", blank=True, default="", max_length=48
                            ),
                        ),
                        ("due_until", models.DateField()),
                        ("found", models.PositiveIntegerField()),
                        ("approved_at", models.DateTimeField()),
                        ("approved_by", models.CharField(max_length=80)),
                        ("run_at", models.DateTimeField(blank=True, null=True)),
                        ("run_by", models.CharField(blank=True, max_length=80)),
                        ("removed", models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        "ordering": ["-approved_at"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("run_at", None)),
                                fields=("kind",),
                                name="one_open_approval_per_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("run_by", models.F("approved_by")), _negated=True),
                                name="nobody_runs_her_own_approval",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ErasureRequest",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "receipt",
                            models.CharField(
                                default=kerege.casework.cases.models.records.new_receipt, max_length=12, unique=True
                            ),
                        ),
                        (
                            "ground",
                            kerege.core.database.fields.CodeField(
                                "erasure_ground", blank=True, default="", max_length=48
                            ),
                        ),
                        ("asked_on", models.DateField()),
                        ("requested_at", models.DateTimeField()),
                        ("requested_by", models.CharField(max_length=80)),
                        (
                            "outcome",
                            kerege.core.database.fields.CodeField(
                                "erasure_outcome", blank=True, default="", max_length=48
                            ),
                        ),
                        (
                            "refusal",
                            kerege.core.database.fields.CodeField(
                                "erasure_refusal", blank=True, default="", max_length=48
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("decided_by", models.CharField(blank=True, max_length=80)),
                        ("records", models.PositiveIntegerField(default=0)),
                        ("texts", models.PositiveIntegerField(default=0)),
                        ("files", models.PositiveIntegerField(default=0)),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="erasures", to="cases.case"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.person"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-requested_at"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("outcome", "")),
                                fields=("person",),
                                name="one_waiting_erasure_per_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("outcome", "erased"), _negated=True),
                                    models.Q(("decided_by", models.F("requested_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="nobody_erases_what_she_asked_for",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at__isnull", True), ("outcome", "")),
                                    models.Q(models.Q(("outcome", ""), _negated=True), ("decided_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="erasure_decided_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Emergency",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("reference", models.CharField(max_length=20)),
                        (
                            "kind",
                            kerege.core.database.fields.CodeField(
                                "emergency_kind", blank=True, default="", max_length=48
                            ),
                        ),
                        ("opened_at", models.DateTimeField()),
                        ("until", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "verdict",
                            kerege.core.database.fields.CodeField(
                                "emergency_verdict", blank=True, default="", max_length=48
                            ),
                        ),
                        ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                        ("reviewed_by", models.CharField(blank=True, max_length=80)),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="emergencies", to="cases.case"
                            ),
                        ),
                        (
                            "comment",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
                            ),
                        ),
                        (
                            "reason",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.sealedtext"
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
                        "ordering": ["-opened_at"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=["user", "until"],
                                name="open_emergencies",
                            ),
                            models.Index(fields=["owner", "-opened_at"], name="emergencies_of_owner"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("until__gt", models.F("opened_at"))), name="emergency_ends"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("owner", models.F("agency")), _negated=True),
                                name="emergency_is_of_another_agency",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("reviewed_at__isnull", True), ("verdict", "")),
                                    models.Q(models.Q(("verdict", ""), _negated=True), ("reviewed_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="emergency_verdict_has_a_judge",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
