import django.db.models.deletion
import kerege.core.fields
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("cases", "0002_newest_first"),
        ("intake", "0001_initial"),
        ("vault", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="DecisionRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("track", kerege.core.fields.CodeField("decision_track", blank=True, default="", max_length=48)),
                ("requested_on", models.DateField()),
                ("requested_by", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-requested_on", "-created_at"],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("told_on", models.DateField()),
                ("manner", kerege.core.fields.CodeField("notice_manner", blank=True, default="", max_length=48)),
                ("language", kerege.core.fields.CodeField("language", blank=True, default="", max_length=48)),
                ("interpreter", kerege.core.fields.CodeField("answer", blank=True, default="", max_length=48)),
                ("told_by", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-told_on", "-created_at"],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("asked_on", models.DateField()),
                ("asked_by", kerege.core.fields.CodeField("review_by", blank=True, default="", max_length=48)),
                ("opened_by", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-asked_on", "-created_at"],
            },
        ),
        migrations.AlterModelOptions(
            name="screening",
            options={"ordering": ["-created_at"]},
        ),
        migrations.AddField(
            model_name="screening",
            name="agency",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
            ),
        ),
        migrations.AddField(
            model_name="screening",
            name="breaks",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="screening",
            name="concluded_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="screening",
            name="concluded_by",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="screening",
            name="evidence",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="vault.sealedtext"
            ),
        ),
        migrations.AddField(
            model_name="screening",
            name="interpreter",
            field=kerege.core.fields.CodeField("answer", blank=True, default="", max_length=48),
        ),
        migrations.AddField(
            model_name="screening",
            name="language",
            field=kerege.core.fields.CodeField("language", blank=True, default="", max_length=48),
        ),
        migrations.AddField(
            model_name="screening",
            name="minutes",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="screening",
            name="place",
            field=kerege.core.fields.CodeField("screening_place", blank=True, default="", max_length=48),
        ),
        migrations.AddField(
            model_name="screening",
            name="reason",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="vault.sealedtext"
            ),
        ),
        migrations.AddField(
            model_name="screening",
            name="saved_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="screening",
            name="signal",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="screenings", to="intake.signal"
            ),
        ),
        migrations.AlterField(
            model_name="screening",
            name="case",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="screenings", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="decisionrequest",
            name="authority",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
            ),
        ),
        migrations.AddField(
            model_name="decisionrequest",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="decision_requests", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="decisionrequest",
            name="from_agency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.agency"
            ),
        ),
        migrations.AddField(
            model_name="decisionrequest",
            name="message",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="vault.sealedtext"
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="decision",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notifications", to="cases.decision"
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="decision",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="review", to="cases.decision"
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="why",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="vault.sealedtext"
            ),
        ),
        migrations.AddIndex(
            model_name="decisionrequest",
            index=models.Index(
                condition=models.Q(("withdrawn_at", None)), fields=["authority", "case"], name="decisions_asked_for"
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("track__in", ["social", "police"])), name="request_track_known"
            ),
        ),
    ]
