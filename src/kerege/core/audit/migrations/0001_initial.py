"""Append-only by the database's own hand; the head of the chain exists from the start."""

from django.db import migrations, models

from kerege.core.audit import triggers


def forwards(apps, schema_editor):
    apps.get_model("audit", "AuditHead").objects.create(id=1)
    triggers.install(schema_editor.connection)


def backwards(apps, schema_editor):
    triggers.remove(schema_editor.connection)
    apps.get_model("audit", "AuditHead").objects.all().delete()


class Migration(migrations.Migration):
    replaces = [("audit", "0002_triggers"), ("audit", "0003_subjects"), ("audit", "0004_search")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                ("agency", models.CharField(blank=True, max_length=36)),
                ("action", models.CharField(max_length=64)),
                ("target", models.CharField(blank=True, max_length=120)),
                ("outcome", models.CharField(choices=[("done", "Done"), ("refused", "Refused")], max_length=10)),
                ("details", models.JSONField(default=dict)),
                ("prev_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ["seq"],
                "indexes": [
                    models.Index(fields=["target", "seq"], name="audit_target"),
                    models.Index(fields=["actor", "seq"], name="audit_actor"),
                    models.Index(fields=["action", "seq"], name="audit_action"),
                    models.Index(condition=models.Q(("outcome", "refused")), fields=["seq"], name="audit_refused"),
                    models.Index(fields=["at"], name="audit_at"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField(default=0)),
                (
                    "hash",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000", max_length=64
                    ),
                ),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_audit_head")],
            },
        ),
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
