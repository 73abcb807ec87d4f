from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_outcomes_of_requests"),
    ]

    operations = [
        migrations.AddField(
            model_name="attemptcounter",
            name="recent",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
