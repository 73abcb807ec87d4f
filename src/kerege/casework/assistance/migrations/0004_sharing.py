from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kerege.casework.assistance.models.referral
import kerege.core.fields


def _code(name: str, **more: Any) -> Any:
    return kerege.core.fields.CodeField(name, default="", max_length=48, **more)


def _codes(name: str) -> Any:
    return kerege.core.fields.CodesField(name, blank=True, default=list)


def _key(to: str, **more: Any) -> Any:
    return models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=to, **more)


def give_references(apps: Any, schema_editor: Any) -> None:
    """Every referral of before gets a random reference of its own."""
    for row in apps.get_model("assistance", "Referral").objects.only("pk").iterator():
        row.reference = kerege.casework.assistance.models.referral.new_reference()
        row.save(update_fields=["reference"])


class Migration(migrations.Migration):
    """What was explained with a consent, guardians, and the steps of a referral."""

    dependencies = [
        ("assistance", "0003_handovers"),
        ("cases", "0005_shares_by_category"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions("consent", {"ordering": ["-on", "-created_at"]}),
        migrations.AddField("consent", "interpreter", models.BooleanField(default=False)),
        migrations.AddField("consent", "told", _codes("consent_point")),
        migrations.AddField("consent", "text_version", models.CharField(blank=True, max_length=20)),
        migrations.AddField("consent", "guardian", _key("vault.sealedtext", related_name="+")),
        migrations.AddField("consent", "guardian_relation", _code("guardian_relation", blank=True)),
        migrations.AddField("consent", "child_assent", _code("answer", blank=True)),
        migrations.AddField("consent", "withdrawn_by", models.CharField(blank=True, max_length=80)),
        migrations.AddField("consent", "reminded_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("consent", "ran_out_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddIndex(
            "consent",
            models.Index(
                condition=models.Q(("given", True), ("withdrawn_on", None)), fields=["until"], name="consents_by_end"
            ),
        ),
        migrations.AddField("referral", "reference", models.CharField(default="", editable=False, max_length=12)),
        migrations.RunPython(give_references, migrations.RunPython.noop, elidable=True),
        migrations.AddField("referral", "assignee", _key(settings.AUTH_USER_MODEL, blank=True, related_name="+")),
        migrations.AddField("referral", "previous", _key("assistance.referral", blank=True, related_name="next")),
        migrations.AddField("referral", "outcome", _code("referral_outcome", blank=True)),
        migrations.AddField("referral", "delivered", _codes("service")),
        migrations.AddField("referral", "ended_on", models.DateField(blank=True, null=True)),
        migrations.AddField("referral", "reply", _key("vault.sealedtext", related_name="+")),
        migrations.CreateModel(
            name="ReferralStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", _code("referral_step")),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=80)),
                (
                    "agency",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.agency",
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="assistance.referral"
                    ),
                ),
            ],
            options={"ordering": ["at", "id"]},
        ),
    ]
