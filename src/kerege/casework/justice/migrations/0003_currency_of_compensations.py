"""Compensation in a currency of its own; earlier amounts are in the currency of the country."""

from __future__ import annotations

from django.db import migrations, models

import kerege.web.money


class Migration(migrations.Migration):
    """Add the currency."""

    dependencies = [("justice", "0002_victim_support")]

    operations = [
        migrations.AddField(
            model_name="compensation",
            name="currency",
            field=models.CharField(default=kerege.web.money.currency, max_length=3),
        ),
    ]
