"""Whom an event is about; what earlier events tell is written once, then the table is append-only too."""

from django.db import migrations, models

from kerege.core.audit import subjects, triggers


def forwards(apps, schema_editor):
    subjects.backfill()
    triggers.install(schema_editor.connection, on=triggers.SUBJECT)


def backwards(apps, schema_editor):
    triggers.remove(schema_editor.connection, on=triggers.SUBJECT)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers")]
    operations = [
        migrations.CreateModel(
            name="AuditSubject",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject", models.UUIDField()),
                ("seq", models.BigIntegerField()),
            ],
        ),
        migrations.RunPython(forwards, backwards),
    ]
