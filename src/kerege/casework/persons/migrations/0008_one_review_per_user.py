"""A user answers a pair once, under any name; a command under its label."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("persons", "0007_fill_reviewers")]

    operations = [
        migrations.RemoveConstraint("pairreview", "one_review_per_reviewer_and_pair"),
        migrations.AddConstraint(
            "pairreview",
            models.UniqueConstraint(
                fields=["candidate", "reviewer"],
                condition=models.Q(withdrawn_at=None, reviewer__isnull=False),
                name="one_review_per_user_and_pair",
            ),
        ),
        migrations.AddConstraint(
            "pairreview",
            models.UniqueConstraint(
                fields=["candidate", "by"],
                condition=models.Q(withdrawn_at=None, reviewer=None),
                name="one_review_per_reviewer_and_pair",
            ),
        ),
    ]
