from __future__ import annotations

from django.db import migrations, models

import kerege.casework.assistance.models.referral


class Migration(migrations.Migration):
    """References stand once; apart from the filling, because PostgreSQL alters no table with pending rows."""

    dependencies = [("assistance", "0004_sharing")]

    operations = [
        migrations.AlterField(
            "referral",
            "reference",
            models.CharField(
                default=kerege.casework.assistance.models.referral.new_reference,
                editable=False,
                max_length=12,
                unique=True,
            ),
        ),
    ]
