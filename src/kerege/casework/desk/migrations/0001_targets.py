"""Targets of the figures on boards, with triggers that refuse to change or delete one."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from kerege.casework.desk import target_triggers

FIGURES = [
    ("contacts", "Contacts with the hotline"),
    ("reports", "Reports of possible victims"),
    ("cases", "Cases registered"),
    ("decisions", "Formal decisions"),
    ("helped", "People first helped"),
    ("crimes", "Crimes recorded"),
    ("answered", "Referrals answered in time, in percent"),
]


def install(apps, schema_editor):
    """Create the triggers."""
    target_triggers.install(schema_editor.connection)


def remove(apps, schema_editor):
    """Drop the triggers, so that the table can be dropped."""
    target_triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    """Create the table and its triggers."""

    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Target",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("figure", models.CharField(choices=FIGURES, max_length=10)),
                ("from_month", models.DateField()),
                (
                    "direction",
                    models.CharField(
                        choices=[("at_least", "at least"), ("at_most", "at most")], default="at_least", max_length=8
                    ),
                ),
                ("value", models.PositiveIntegerField(blank=True, null=True)),
                ("source", models.CharField(max_length=300)),
                ("source_on", models.DateField()),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["figure", "-from_month", "-set_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(condition=Q(from_month__day=1), name="target_month_is_its_first_day"),
                    models.CheckConstraint(
                        condition=Q(figure__in=[code for code, _label in FIGURES]), name="target_figure_is_known"
                    ),
                    models.CheckConstraint(
                        condition=~Q(figure="answered") | Q(value=None) | Q(value__lte=100),
                        name="target_share_is_at_most_all",
                    ),
                ],
            },
        ),
        migrations.RunPython(install, remove),
    ]
