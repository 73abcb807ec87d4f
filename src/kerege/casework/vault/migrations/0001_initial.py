import django.db.models.deletion
import kerege.casework.vault.models.files
import kerege.core.database.migration_operations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("vault", "0002_search_index"),
        ("vault", "0003_stored_files"),
        ("vault", "0004_drafts"),
        ("vault", "0005_merged_records"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        kerege.core.database.migration_operations.CreateTables(
            models=[
                migrations.CreateModel(
                    name="Person",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("created_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="DataKey",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("kek_id", models.CharField(db_index=True, max_length=40)),
                        ("wrapped", models.BinaryField(null=True)),
                        ("destroyed_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("destroyed_at__isnull", True), ("wrapped__isnull", False)),
                                    models.Q(("destroyed_at__isnull", False), ("wrapped__isnull", True)),
                                    _connector="OR",
                                ),
                                name="data_key_is_wrapped_or_destroyed",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IdentityRecord",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("source_key", models.BinaryField(max_length=32, null=True)),
                        ("created_at", models.DateTimeField()),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="identity_records",
                                to="accounts.agency",
                            ),
                        ),
                        (
                            "data_key",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="record", to="vault.datakey"
                            ),
                        ),
                        (
                            "superseded_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="supersedes",
                                to="vault.identityrecord",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("agency", "source_key"), name="one_record_per_agency_and_source_id"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_by__isnull", True),
                                    models.Q(("superseded_by", models.F("id")), _negated=True),
                                    _connector="OR",
                                ),
                                name="no_record_supersedes_itself",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IdentityVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("ciphertext", models.BinaryField()),
                        ("created_at", models.DateTimeField()),
                        ("created_by", models.CharField(max_length=80)),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="vault.identityrecord",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("record", "number"), name="one_version_per_number")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IndexEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("token", models.BinaryField(max_length=16)),
                        ("fold_version", models.CharField(max_length=20)),
                        ("key_id", models.CharField(max_length=40)),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="index_entries",
                                to="vault.identityrecord",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["token", "record"], name="blind_index_token_record")],
                    },
                ),
                migrations.CreateModel(
                    name="Membership",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("from_at", models.DateTimeField()),
                        ("to_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "source",
                            models.CharField(
                                choices=[("registration", "Registration"), ("human", "Human"), ("auto", "Auto")],
                                max_length=20,
                            ),
                        ),
                        ("created_by", models.CharField(max_length=80)),
                        (
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="memberships",
                                to="vault.identityrecord",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="vault.person",
                            ),
                        ),
                        ("model_version", models.CharField(blank=True, max_length=40)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("to_at__isnull", True)),
                                fields=("record",),
                                name="one_current_person_per_record",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("to_at__isnull", True), ("to_at__gte", models.F("from_at")), _connector="OR"
                                ),
                                name="membership_ends_after_it_began",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SealedText",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("ciphertext", models.BinaryField()),
                        ("created_at", models.DateTimeField()),
                        (
                            "data_key",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="texts", to="vault.datakey"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="StoredFile",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("wrapped", models.BinaryField(null=True)),
                        (
                            "blob",
                            models.CharField(
                                default=kerege.casework.vault.models.files.new_blob, max_length=32, unique=True
                            ),
                        ),
                        ("kind", models.CharField(max_length=8)),
                        ("size", models.PositiveIntegerField()),
                        ("created_at", models.DateTimeField()),
                        ("destroyed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "data_key",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="files", to="vault.datakey"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("destroyed_at__isnull", True), ("wrapped__isnull", False)),
                                    models.Q(("destroyed_at__isnull", False), ("wrapped__isnull", True)),
                                    _connector="OR",
                                ),
                                name="stored_file_has_key_or_was_destroyed",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SentForm",
                    fields=[
                        ("opening", models.UUIDField(primary_key=True, serialize=False)),
                        ("request", models.UUIDField()),
                        ("at", models.DateTimeField(db_index=True)),
                        ("led_to", models.CharField(blank=True, max_length=300)),
                    ],
                ),
                migrations.CreateModel(
                    name="Draft",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("opening", models.UUIDField(unique=True)),
                        ("page", models.CharField(max_length=300)),
                        ("form", models.CharField(blank=True, max_length=80)),
                        ("own_key", models.BooleanField()),
                        ("ciphertext", models.BinaryField()),
                        ("saved_at", models.DateTimeField(db_index=True)),
                        ("parked", models.BooleanField(default=False)),
                        (
                            "data_key",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="drafts", to="vault.datakey"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="drafts",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["user", "page"], name="drafts_of_a_user_by_page")],
                    },
                ),
            ],
        ),
    ]
