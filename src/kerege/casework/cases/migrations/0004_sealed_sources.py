"""The agency's own id is kept encrypted beside its hash, so that a rotation of the import key can renew both."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_due_count"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="sealed_source",
            field=models.BinaryField(default=b""),
        ),
        migrations.AddField(
            model_name="case",
            name="source_key_id",
            field=models.CharField(blank=True, default="", editable=False, max_length=40),
        ),
    ]
