"""Append-only by the database's own hand; the head of the chain exists from the start."""

from django.db import migrations

from kerege.core.audit import triggers


def forwards(apps, schema_editor):
    apps.get_model("audit", "AuditHead").objects.create(id=1)
    for table in (triggers.EVENT, triggers.HEAD):
        triggers.install(schema_editor.connection, on=table)


def backwards(apps, schema_editor):
    for table in (triggers.EVENT, triggers.HEAD):
        triggers.remove(schema_editor.connection, on=table)
    apps.get_model("audit", "AuditHead").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
