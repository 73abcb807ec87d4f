"""Indexes of the auditor's page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_subjects")]

    operations = [
        migrations.AddIndex("auditevent", models.Index(fields=["action", "seq"], name="audit_action")),
        migrations.AddIndex(
            "auditevent",
            models.Index(condition=models.Q(("outcome", "refused")), fields=["seq"], name="audit_refused"),
        ),
        migrations.AddIndex("auditevent", models.Index(fields=["at"], name="audit_at")),
    ]
