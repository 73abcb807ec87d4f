"""The labels of three choices are in plain words. The tables do not change."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("persons", "0003_asked_again"),
    ]

    operations = [
        migrations.AlterField(
            model_name="matchcandidate",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Waits for an answer"),
                    ("discuss", "Reviewers disagree"),
                    ("same", "Same person"),
                    ("different", "Different persons"),
                    ("linked", "Linked by the system"),
                    ("withdrawn", "Unlinked by the system"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="merge",
            name="source",
            field=models.CharField(choices=[("human", "By people"), ("auto", "By the system")], max_length=10),
        ),
        migrations.AlterField(
            model_name="review",
            name="answer",
            field=models.CharField(
                choices=[("same", "Same person"), ("different", "Different persons"), ("unsure", "Undecided")],
                max_length=10,
            ),
        ),
    ]
