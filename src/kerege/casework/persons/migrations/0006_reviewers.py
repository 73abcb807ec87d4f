"""Makers of links and registrars are user ids; a name may change, and another user may get it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def user_field():
    """Return a reference to a user; the row outlives the user."""
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.SET_NULL,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("persons", "0005_class_names"),
    ]

    operations = [
        migrations.AddField("matchcandidate", "registrar", user_field()),
        migrations.AddField("merge", "maker", user_field()),
    ]
