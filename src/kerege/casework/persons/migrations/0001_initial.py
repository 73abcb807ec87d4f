import django.db.models.deletion
import kerege.core.database.migration_operations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("persons", "0002_parts")]

    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("vault", "0001_initial"),
    ]

    operations = [
        kerege.core.database.migration_operations.CreateTables(
            models=[
                migrations.CreateModel(
                    name="MatchDue",
                    fields=[
                        (
                            "record",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="vault.identityrecord",
                            ),
                        ),
                        ("since", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="MatchCandidate",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("weight", models.FloatField()),
                        ("probability", models.FloatField()),
                        ("levels", models.JSONField(default=dict)),
                        ("model_version", models.CharField(max_length=40)),
                        ("risks", models.JSONField(default=list)),
                        ("sex", models.CharField(blank=True, max_length=20)),
                        ("script", models.CharField(blank=True, max_length=10)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Waits for an answer"),
                                    ("discuss", "Reviewers disagree"),
                                    ("same", "Same person"),
                                    ("different", "Different persons"),
                                    ("linked", "Linked by the machine"),
                                    ("withdrawn", "Withdrawn by the machine"),
                                ],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        ("sampled", models.BooleanField(default=False)),
                        ("sample_answer", models.CharField(blank=True, max_length=10)),
                        ("found_at", models.DateTimeField()),
                        ("scored_at", models.DateTimeField()),
                        ("concluded_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.agency",
                            ),
                        ),
                        (
                            "left",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="vault.identityrecord"
                            ),
                        ),
                        (
                            "right",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="vault.identityrecord"
                            ),
                        ),
                        ("parts", models.JSONField(default=dict)),
                    ],
                    options={
                        "ordering": ["found_at", "pk"],
                        "indexes": [
                            models.Index(fields=["agency", "state", "found_at"], name="match_queue"),
                            models.Index(fields=["right"], name="match_right"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("left", "right"), name="one_candidate_per_pair"),
                            models.CheckConstraint(
                                condition=models.Q(("left__lt", models.F("right"))), name="candidate_pair_is_ordered"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Merge",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[("link", "Linked to one person"), ("merge", "Merged into one record")],
                                max_length=10,
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[("human", "By people"), ("auto", "By the machine")], max_length=10
                            ),
                        ),
                        ("model_version", models.CharField(blank=True, max_length=40)),
                        ("made_at", models.DateTimeField()),
                        ("made_by", models.CharField(max_length=80)),
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
                        ("undone_by", models.CharField(blank=True, max_length=80)),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.agency",
                            ),
                        ),
                        (
                            "candidate",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="persons.matchcandidate",
                            ),
                        ),
                        (
                            "journal",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        (
                            "kept",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="vault.identityrecord"
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="vault.identityrecord"
                            ),
                        ),
                        (
                            "reason",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        (
                            "undo_reason",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-made_at", "pk"],
                        "indexes": [models.Index(fields=["agency", "-made_at"], name="merges_of_agency")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "merge"), ("undone_at", None)),
                                fields=("other",),
                                name="one_running_merge_per_record",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("kept", models.F("other")), _negated=True),
                                name="merge_is_of_two_records",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PairDecision",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[("must", "Same person"), ("cannot", "Different persons")], max_length=10
                            ),
                        ),
                        ("decided_at", models.DateTimeField()),
                        ("decided_by", models.CharField(max_length=80)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_by", models.CharField(blank=True, max_length=80)),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.agency",
                            ),
                        ),
                        (
                            "left",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="vault.identityrecord"
                            ),
                        ),
                        (
                            "right",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="vault.identityrecord"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["decided_at", "pk"],
                        "indexes": [models.Index(fields=["right"], name="pair_decision_right")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("left", "right"),
                                name="one_running_decision_per_pair",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("left__lt", models.F("right"))), name="decided_pair_is_ordered"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Review",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("by", models.CharField(max_length=80)),
                        (
                            "answer",
                            models.CharField(
                                choices=[
                                    ("same", "Same person"),
                                    ("different", "Different persons"),
                                    ("unsure", "Cannot be told"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("of_sample", models.BooleanField(default=False)),
                        ("at", models.DateTimeField()),
                        (
                            "candidate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reviews",
                                to="persons.matchcandidate",
                            ),
                        ),
                        (
                            "reason",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="vault.sealedtext",
                            ),
                        ),
                        (
                            "reviewer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["at"],
                        "constraints": [
                            models.UniqueConstraint(fields=("candidate", "by"), name="one_review_per_reviewer_and_pair")
                        ],
                    },
                ),
            ],
        ),
    ]
