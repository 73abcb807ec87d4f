"""The explained points of a consent have a clear name. The column keeps its name."""

from django.db import migrations

from kerege.core.database.fields import CodesField


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0002_class_names"),
    ]

    operations = [
        migrations.AlterField(
            model_name="consent",
            name="told",
            field=CodesField("consent_point", blank=True, db_column="told", default=list),
        ),
        migrations.RenameField(model_name="consent", old_name="told", new_name="explained"),
    ]
