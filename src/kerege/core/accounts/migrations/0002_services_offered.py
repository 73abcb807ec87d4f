from __future__ import annotations

from django.db import migrations, models

import kerege.core.fields


class Migration(migrations.Migration):
    """What an agency offers, and whether it has room."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField("agency", "services", kerege.core.fields.CodesField("service", blank=True, default=list)),
        migrations.AddField("agency", "accepting", models.BooleanField(default=True)),
    ]
