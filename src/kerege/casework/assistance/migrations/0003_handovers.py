import uuid

import django.db.models.deletion
from django.db import migrations, models

import kerege.core.fields


def to(model, **options):
    options.setdefault("on_delete", django.db.models.deletion.PROTECT)
    return models.ForeignKey(related_name=options.pop("related_name", "+"), to=model, **options)


def key():
    return models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)


def code(name, **options):
    return kerege.core.fields.CodeField(name, **({"blank": True, "default": "", "max_length": 48} | options))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("assistance", "0002_care"),
        ("cases", "0003_share_out_the_work"),
    ]

    operations = [
        # nothing ever wrote a handover in its first form
        migrations.DeleteModel(name="Handover"),
        migrations.CreateModel(
            name="HandoverOffer",
            fields=[
                ("id", key()),
                ("offered_at", models.DateTimeField()),
                ("offered_by", models.CharField(max_length=80)),
                ("answer_due_on", models.DateField()),
                ("stayed", models.JSONField(default=dict)),
                ("from_agency", to("accounts.agency")),
                ("to_agency", to("accounts.agency")),
            ],
            options={"ordering": ["-offered_at"]},
        ),
        migrations.AddIndex(
            "handoveroffer", models.Index(fields=["to_agency", "-offered_at"], name="offers_to_an_agency")
        ),
        migrations.AddConstraint(
            "handoveroffer",
            models.CheckConstraint(
                condition=~models.Q(from_agency=models.F("to_agency")), name="offer_leaves_its_agency"
            ),
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", key()),
                ("status", code("handover_status", default="offered")),
                ("decline_reason", code("decline_reason")),
                ("offered_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("answered_by", models.CharField(blank=True, max_length=80)),
                ("undo_until", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("undone_by", models.CharField(blank=True, max_length=80)),
                ("before", models.JSONField(default=dict)),
                ("kept", models.JSONField(default=dict)),
                ("case", to("cases.case", on_delete=django.db.models.deletion.CASCADE, related_name="handovers")),
                ("consent", to("assistance.consent")),
                ("from_agency", to("accounts.agency")),
                ("to_agency", to("accounts.agency")),
                (
                    "offer",
                    to(
                        "assistance.handoveroffer",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="handovers",
                    ),
                ),
            ],
            options={"ordering": ["case__reference"]},
        ),
        migrations.AddIndex("handover", models.Index(fields=["to_agency", "status"], name="handovers_to_answer")),
        migrations.AddConstraint(
            "handover",
            models.UniqueConstraint(
                condition=models.Q(status="offered"), fields=["case"], name="one_open_handover_per_case"
            ),
        ),
        migrations.AddConstraint(
            "handover",
            models.CheckConstraint(
                condition=~models.Q(status__in=["accepted", "declined", "withdrawn", "undone"])
                | models.Q(answered_at__isnull=False),
                name="answered_handover_has_its_time",
            ),
        ),
        migrations.AddConstraint(
            "handover",
            models.CheckConstraint(
                condition=~models.Q(status="undone") | models.Q(undone_at__isnull=False),
                name="undone_handover_has_its_time",
            ),
        ),
        migrations.CreateModel(
            name="TransferRequest",
            fields=[
                ("id", key()),
                ("key", code("transfer_key")),
                ("urgency", code("urgency", default="normal")),
                ("status", code("transfer_status", default="sent")),
                ("end_reason", code("transfer_end")),
                ("due_on", models.DateField()),
                ("sent_at", models.DateTimeField()),
                ("sent_by", models.CharField(max_length=80)),
                ("passed_on_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("agency", to("accounts.agency")),
                (
                    "case",
                    to("cases.case", on_delete=django.db.models.deletion.CASCADE, null=True, blank=True),
                ),
                (
                    "handover",
                    to("assistance.handover", on_delete=django.db.models.deletion.SET_NULL, null=True, blank=True),
                ),
            ],
            options={"ordering": ["-sent_at"]},
        ),
        migrations.AddIndex("transferrequest", models.Index(fields=["status", "due_on"], name="transfers_waiting")),
        migrations.AddConstraint(
            "transferrequest",
            models.CheckConstraint(
                condition=~models.Q(status="ended") | models.Q(ended_at__isnull=False),
                name="ended_transfer_has_its_time",
            ),
        ),
    ]
