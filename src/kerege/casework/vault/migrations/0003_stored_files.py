import uuid

import django.db.models.deletion
from django.db import migrations, models

import kerege.casework.vault.file_models


class Migration(migrations.Migration):
    """Encrypted files."""

    dependencies = [("vault", "0002_search_index")]

    operations = [
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("wrapped", models.BinaryField(null=True)),
                (
                    "blob",
                    models.CharField(default=kerege.casework.vault.file_models.new_blob, max_length=32, unique=True),
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
    ]
