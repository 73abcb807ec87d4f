"""The number of due records has a clear name. The column keeps its name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0002_erasure_requests"),
    ]

    operations = [
        migrations.AlterField(
            model_name="retentionapproval",
            name="found",
            field=models.PositiveIntegerField(db_column="found"),
        ),
        migrations.RenameField(model_name="retentionapproval", old_name="found", new_name="due_count"),
    ]
