import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """An answer can be taken back, and a decision that ended says why."""

    dependencies = [("persons", "0002_language"), ("vault", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="review", name="one_review_per_reviewer_and_pair"),
        migrations.AddField(
            model_name="review", name="withdrawn_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("candidate", "by"),
                name="one_review_per_reviewer_and_pair",
            ),
        ),
        migrations.AddField(
            model_name="pairdecision",
            name="end_reason",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="vault.sealedtext",
            ),
        ),
    ]
