from __future__ import annotations

from django.db import migrations

import kerege.core.fields


class Migration(migrations.Migration):
    """Why the sender withdrew a referral."""

    dependencies = [("assistance", "0006_owner_changes")]

    operations = [
        migrations.AddField(
            "referral",
            "withdraw_reason",
            kerege.core.fields.CodeField("referral_withdrawal", blank=True, default="", max_length=48),
        ),
    ]
