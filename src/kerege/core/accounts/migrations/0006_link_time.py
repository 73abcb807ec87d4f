"""The time at which an administrator last saw a link of a user."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_factor_reset"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="link_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
