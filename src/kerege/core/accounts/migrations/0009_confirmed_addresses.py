"""An address that nobody has confirmed waits in a column of its own; stored ones were never confirmed."""

from __future__ import annotations

from django.db import migrations, models


def move_addresses(apps, schema_editor):
    """Let every stored address wait for confirmation."""
    user = apps.get_model("accounts", "User")
    user.objects.exclude(email="").update(new_email=models.F("email"), email="")


class Migration(migrations.Migration):
    """Add the column of addresses that wait."""

    dependencies = [("accounts", "0008_recent_attempts")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="new_email",
            field=models.EmailField(blank=True, default="", max_length=254, verbose_name="e-mail to confirm"),
        ),
        migrations.RunPython(move_addresses, migrations.RunPython.noop),
    ]
