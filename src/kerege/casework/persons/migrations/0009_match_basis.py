"""A nightly rematch compares the counts of the index with those of the last match of each record."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("persons", "0008_one_review_per_user"), ("vault", "0004_fill_authors")]

    operations = [
        migrations.CreateModel(
            name="MatchBasis",
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
                ("searched", models.BinaryField()),
                ("named", models.BinaryField()),
                ("counts", models.BinaryField()),
                ("own_records", models.PositiveIntegerField()),
                ("all_records", models.PositiveIntegerField()),
                ("version", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
